// A network in half precision: node half.mjs IN.onnx OUT.onnx
// Weights, constants and casts become float16; input and output stay float32 behind a cast, so that nothing around the network changes.
import { readFile, writeFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";
import { floatToHalf, readModel, writeModel } from "samesight";
import { DataType, node } from "samesight/onnx";

/** Inputs that ONNX defines as float32 whatever the data are: sizes of a Resize, thresholds of NonMaxSuppression. */
const STAY_SINGLE = { Resize: [1, 2], Upsample: [1], NonMaxSuppression: [0, 1, 3, 4] };

export function half(bytes) {
  const model = readModel(bytes);
  const { graph } = model;
  const single = new Set(
    graph.node.flatMap((n) => (STAY_SINGLE[n.opType] ?? []).map((i) => n.input[i]).filter(Boolean)),
  );
  for (const tensor of graph.initializer) if (!single.has(tensor.name)) halve(tensor);
  for (const n of graph.node) {
    for (const a of n.attribute) {
      if (a.t && !(n.opType === "Constant" && single.has(n.output[0]))) halve(a.t);
      if (n.opType === "Cast" && a.name === "to" && a.i === BigInt(DataType.FLOAT)) a.i = BigInt(DataType.FLOAT16);
    }
  }
  const names = new Set(graph.initializer.map((t) => t.name));
  const before = graph.input
    .filter((i) => !names.has(i.name) && i.type?.value.value.elemType === DataType.FLOAT)
    .map((i) => node("Cast", [i.name], [`${i.name}.half`], { to: DataType.FLOAT16 }));
  const halved = new Map(before.map((n) => [n.input[0], n.output[0]]));
  for (const n of graph.node) n.input = n.input.map((i) => halved.get(i) ?? i);
  const outputs = new Map(graph.output.map((o) => [o.name, `${o.name}.half`]));
  const made = new Set(graph.node.flatMap((n) => n.output).filter((o) => outputs.has(o)));
  for (const n of graph.node) {
    n.output = n.output.map((o) => (made.has(o) ? outputs.get(o) : o));
    n.input = n.input.map((i) => (made.has(i) ? outputs.get(i) : i));
  }
  const after = [...made].map((o) => node("Cast", [outputs.get(o)], [o], { to: DataType.FLOAT }));
  graph.node = [...before, ...graph.node, ...after];
  graph.valueInfo = [];
  return writeModel(model);
}

function halve(tensor) {
  if (tensor.dataType !== DataType.FLOAT) return;
  const raw = tensor.rawData?.length ? tensor.rawData.slice() : undefined;
  const values = raw ? new Float32Array(raw.buffer) : Float32Array.from(tensor.floatData);
  // beyond 65504 half precision has only infinity
  const bits = Uint16Array.from(values, (v) => floatToHalf(Math.min(65504, Math.max(-65504, v))));
  tensor.dataType = DataType.FLOAT16;
  tensor.floatData = [];
  tensor.rawData = new Uint8Array(bits.buffer);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const [source, target] = process.argv.slice(2);
  await writeFile(target, half(await readFile(source)));
}
