#!/usr/bin/env bash
# Packs the tarball, installs it in an empty folder, imports every entry and runs the command.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$root"
tarball=$(npm pack --silent --ignore-scripts --pack-destination "$work" | tail -n 1)
cd "$work"
cp "$root/.npmrc" .
echo '{"private":true,"type":"module"}' > package.json
npm install --silent --no-audit --no-fund "./$tarball"
for entry in $(node -p "Object.keys(JSON.parse(require('fs').readFileSync('node_modules/samesight/package.json')).exports).filter(e => !e.endsWith('.json') && !e.includes('*')).map(e => 'samesight' + e.slice(1)).join(' ')"); do
  node -e "import('$entry').then((m) => { if (Object.keys(m).length === 0) throw new Error('$entry exports nothing'); })"
  echo "imports $entry"
done
node -e "import('samesight/schemas/study.schema.json', { with: { type: 'json' } }).then(({ default: s }) => { if (!s.properties.networks) throw new Error('no schema'); })"
# types in each way of resolving modules, from the installed package
cp "$root/test/types/consumer.ts" .
for mode in "node16 node16" "nodenext nodenext" "esnext bundler"; do
  read -r module resolution <<< "$mode"
  echo "{\"compilerOptions\":{\"noEmit\":true,\"strict\":true,\"skipLibCheck\":true,\"target\":\"es2022\",\"lib\":[\"es2023\",\"dom\"],\"types\":[],\"module\":\"$module\",\"moduleResolution\":\"$resolution\"},\"files\":[\"consumer.ts\"]}" > tsconfig.json
  "$root/node_modules/.bin/tsc" -p tsconfig.json
  echo "types $resolution"
done
"$root/node_modules/.bin/publint" --strict "$work/node_modules/samesight"
# the same, asked of the tarball by its own tool; the package is ESM only on purpose
npx --yes @arethetypeswrong/cli@0.18.5 "./$tarball" --profile esm-only --quiet
npx samesight --version
npx samesight --help >/dev/null
echo "package ok"
