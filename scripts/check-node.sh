#!/usr/bin/env bash
# The default tests on other versions of Node, each brought by the npm package `node`: check-node.sh [VERSION...] (default: 22 24)
set -euo pipefail
cd "$(dirname "$0")/.."
for version in "${@:-22 24}"; do for v in $version; do
  home=$(mktemp -d)
  npm install --silent --no-audit --no-fund --prefix "$home" "node@$v" >/dev/null
  bin=$home/node_modules/node/bin
  [ -x "$bin/node" ] || { echo "node@$v brought no binary (its install script was not run)"; (cd "$home/node_modules/node" && node installArchSpecificPackage.js >/dev/null 2>&1 || true); }
  echo "Node $("$bin/node" --version)"
  PATH="$bin:$PATH" "$bin/node" node_modules/vitest/vitest.mjs run
  rm -rf "$home"
done; done
