#!/usr/bin/env bash
# Did half precision or 8 bits change what a network knows? compare.sh NETWORK FIT_PHOTOGRAPHS TEST_PHOTOGRAPHS OUT [PREPROCESS.json]
# Writes OUT/{original,half,int8}.onnx and the study OUT/study. NETWORK may be zoo:NAME.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
network=$1 fit=$2 test=$3 out=$4 pre=${5:-}
mkdir -p "$out"
node --input-type=module -e '
  import { writeFile } from "node:fs/promises";
  import { pathToFileURL } from "node:url";
  const [here, source, out, given] = process.argv.slice(1);
  const { save } = await import(pathToFileURL(`${here}/save.mjs`).href);
  await save(source, `${out}/original.onnx`, `${out}/preprocess.json`, given || undefined);
' "$here" "$network" "$out" "$pre"
node "$here/half.mjs" "$out/original.onnx" "$out/half.onnx"
node "$here/quantise.mjs" "$out/original.onnx" "$out/int8.onnx" "$fit" "$out/preprocess.json"
samesight=${SAMESIGHT:-npx samesight}
$samesight compare "$out/original.onnx" "$out/half.onnx" "$out/int8.onnx" --images "$fit" --test-images "$test" \
  --preprocess "$out/preprocess.json" --out "$out/study"
