#!/usr/bin/env bash
# The default tests on other versions of Node, each brought by the npm package `node`: check-node.sh [VERSION...] (default: 22 24)
set -euo pipefail
cd "$(dirname "$0")/.."
[ $# -gt 0 ] || set -- 22 24
failed=0
for v in "$@"; do
  home=$(mktemp -d)
  npm install --silent --no-audit --no-fund --prefix "$home" "node@$v" >/dev/null
  bin=$home/node_modules/node/bin
  # where npm runs no install scripts the binary has to be put in its place
  [ -x "$bin/node" ] || (cd "$home/node_modules/node" && node installArchSpecificPackage.js >/dev/null 2>&1) || true
  [ -x "$bin/node" ] || { echo "node@$v brought no binary"; exit 1; }
  echo "Node $("$bin/node" --version)"
  PATH="$bin:$PATH" "$bin/node" node_modules/vitest/vitest.mjs run || failed=1
  rm -rf "$home"
done
exit $failed
