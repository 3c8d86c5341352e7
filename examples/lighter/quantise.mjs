// A network in 8 bits, as QuantizeLinear and DequantizeLinear pairs: node quantise.mjs IN.onnx OUT.onnx PHOTOGRAPHS [PREPROCESS.json]
// Weights of convolutions and dense layers: int8, symmetric, a scale a channel. What they read: uint8, one scale a tensor, from the least and the
// greatest value on up to 16 photographs (static post-training quantisation).
import { writeFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";
import { preprocess, readModel, withTaps, writeModel } from "samesight";
import { createEngine, decodePicture, listImages, openNetwork } from "samesight/node";
import { constant, DataType, node } from "samesight/onnx";

const QUANTISED = new Set(["Conv", "ConvTranspose", "Gemm", "MatMul"]);

/** Tensors that the quantised operators read and that depend on the image. */
export function activationsOf(bytes) {
  const { graph } = readModel(bytes);
  const constants = constantsOf(graph);
  return [
    ...new Set(
      graph.node
        .filter((n) => QUANTISED.has(n.opType))
        .map((n) => n.input[0])
        .filter((i) => !constants.has(i)),
    ),
  ];
}

/** ranges: a Map from each name of `activationsOf` to its [least, greatest] value. */
export function quantise(bytes, ranges) {
  const model = readModel(bytes);
  const { graph } = model;
  const nodes = [];
  const quantised = new Map();
  const pair = (name, scale, zero, axis) => {
    const [q, d] = [`${name}.q`, `${name}.dq`];
    graph.initializer.push(scale, zero);
    if (axis === undefined) nodes.push(node("QuantizeLinear", [name, scale.name, zero.name], [q]));
    nodes.push(node("DequantizeLinear", [q, scale.name, zero.name], [d], axis === undefined ? {} : { axis }));
    quantised.set(name, d);
    return d;
  };
  for (const n of graph.node) {
    if (QUANTISED.has(n.opType)) {
      const [x, w] = n.input;
      const range = ranges.get(x);
      if (range) n.input[0] = quantised.get(x) ?? pair(x, ...activationScale(x, range));
      const weight = graph.initializer.find((t) => t.name === w && t.dataType === DataType.FLOAT && t.dims.length > 1);
      if (weight) {
        const axis = outputAxis(n);
        if (!quantised.has(w)) {
          const { values, scales } = quantiseWeights(weight, axis);
          graph.initializer.push(constant(`${w}.q`, { type: "int8", dims: weight.dims.map(Number), data: values }));
          const scale = constant(`${w}.scale`, { type: "float32", dims: [scales.length], data: scales });
          pair(
            w,
            scale,
            constant(`${w}.zero`, { type: "int8", dims: [scales.length], data: new Int8Array(scales.length) }),
            axis,
          );
        }
        n.input[1] = quantised.get(w);
      }
    }
    nodes.push(n);
  }
  const used = new Set([...nodes.flatMap((n) => n.input), ...graph.output.map((o) => o.name)]);
  graph.node = nodes;
  graph.initializer = graph.initializer.filter((t) => used.has(t.name));
  graph.valueInfo = [];
  for (const set of model.opsetImport) if (set.domain === "" && set.version < 13n) set.version = 13n;
  return writeModel(model);
}

function constantsOf(graph) {
  return new Set([
    ...graph.initializer.map((t) => t.name),
    ...graph.node.filter((n) => n.opType === "Constant").map((n) => n.output[0]),
  ]);
}

/** The axis of a weight that becomes the channel: its first for a convolution, its second where the product reads columns. */
function outputAxis(n) {
  if (n.opType === "Conv") return 0;
  return n.opType === "Gemm" && n.attribute.some((a) => a.name === "transB" && a.i === 1n) ? 0 : 1;
}

function activationScale(name, [least, greatest]) {
  const [low, high] = [Math.min(0, least), Math.max(0, greatest)]; // zero must be exact: padding is zero
  const scale = Math.max(high - low, 1e-8) / 255;
  const zero = Math.round(-low / scale);
  return [
    constant(`${name}.scale`, { type: "float32", dims: [], data: Float32Array.of(scale) }),
    constant(`${name}.zero`, { type: "uint8", dims: [], data: Uint8Array.of(zero) }),
  ];
}

function quantiseWeights(tensor, axis) {
  const dims = tensor.dims.map(Number);
  const raw = tensor.rawData?.length
    ? new Float32Array(tensor.rawData.slice().buffer)
    : Float32Array.from(tensor.floatData);
  const inner = dims.slice(axis + 1).reduce((a, b) => a * b, 1);
  const channel = (i) => Math.floor(i / inner) % dims[axis];
  const most = new Float32Array(dims[axis]);
  raw.forEach((v, i) => {
    most[channel(i)] = Math.max(most[channel(i)], Math.abs(v));
  });
  const scales = most.map((m) => Math.max(m, 1e-8) / 127);
  return { scales, values: Int8Array.from(raw, (v, i) => Math.round(v / scales[channel(i)])) };
}

/** Least and greatest value of each tensor over some photographs. */
export async function calibrate(bytes, inputName, inputs) {
  const names = activationsOf(bytes).filter((n) => n !== inputName);
  const engine = createEngine();
  const kernel = await engine.compile(withTaps(bytes, names));
  const ranges = new Map();
  const see = (name, data) => {
    let [least, greatest] = ranges.get(name) ?? [0, 0];
    for (const v of data) {
      if (v < least) least = v;
      if (v > greatest) greatest = v;
    }
    ranges.set(name, [least, greatest]);
  };
  for await (const input of inputs) {
    see(inputName, input.data);
    for (const [name, value] of Object.entries(await kernel.run({ [inputName]: input }))) see(name, value.data);
  }
  await kernel.release();
  await engine.dispose();
  return ranges;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const [source, target, folder, preprocessing] = process.argv.slice(2);
  const network = await openNetwork(source, preprocessing);
  const { images } = await listImages(folder);
  const inputs = (async function* () {
    for (const image of images.slice(0, 16)) {
      yield preprocess([await decodePicture(image)], network.preprocessing).input;
    }
  })();
  await writeFile(target, quantise(network.bytes, await calibrate(network.bytes, network.summary.input.name, inputs)));
}
