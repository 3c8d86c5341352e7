/** The same network with operators on integers, as onnxruntime's quantiser writes them: static (QOperator format) and dynamic (ConvInteger). */

import { create } from "@bufbuild/protobuf";
import { readModel, withTaps, writeModel } from "../../src/index.js";
import type { Engine, TensorValue } from "../../src/numerics/engine.js";
import { constant, node } from "../../src/onnx/build.js";
import type { NodeProto, TensorProto } from "../../src/onnx/onnx_pb.js";
import { OperatorSetIdProtoSchema } from "../../src/onnx/onnx_pb.js";

const name = (n: NodeProto) => n.output[0]!;
const scalar = (at: string, value: number) => constant(at, { type: "float32", dims: [], data: Float32Array.of(value) });
const zeroOf = (at: string, value: number) => constant(at, { type: "uint8", dims: [], data: Uint8Array.of(value) });

const MOVES = new Set(["MaxPool", "Resize", "Transpose", "Flatten"]);

/** Least and greatest value of every tensor over the inputs. */
async function ranges(bytes: Uint8Array, inputs: readonly TensorValue[], engine: Engine) {
  const names = readModel(bytes).graph!.node.map(name);
  const found = new Map<string, [number, number]>();
  const see = (at: string, data: Float32Array) => {
    let [low, high] = found.get(at) ?? [0, 0];
    for (const v of data) [low, high] = [Math.min(low, v), Math.max(high, v)];
    found.set(at, [low, high]);
  };
  const kernel = await engine.compile(withTaps(bytes, names));
  for (const input of inputs) {
    see("image", input.data as Float32Array);
    const out = await kernel.run({ image: input });
    for (const at of names) see(at, out[at]!.data as Float32Array);
  }
  await kernel.release();
  return found;
}

function int8(weight: TensorProto): { scale: number; values: Int8Array } {
  const raw = new Float32Array(weight.rawData!.slice().buffer);
  const scale = Math.max(1e-8, ...raw.map(Math.abs)) / 127;
  return { scale, values: Int8Array.from(raw, (v) => Math.round(v / scale)) };
}

/** Conv, MatMul, Gemm, Relu, Add, Mul, Sigmoid, GlobalAveragePool, MaxPool, Concat and what moves values on 8 bits throughout; a rectifier after a convolution or an addition is folded into its zero point. */
export async function integer(bytes: Uint8Array, inputs: readonly TensorValue[], engine: Engine): Promise<Uint8Array> {
  const range = await ranges(bytes, inputs, engine);
  const model = readModel(bytes);
  const graph = model.graph!;
  const weights = new Map(graph.initializer.map((t) => [t.name, t]));
  const added: TensorProto[] = [];
  const scales = new Map<string, [string, string]>();
  const scaled = (tensor: string, from = tensor): [string, string] => {
    const [low, high] = range.get(from)!;
    const scale = Math.max(high - low, 1e-8) / 255;
    added.push(scalar(`${tensor}_scale`, scale), zeroOf(`${tensor}_zero_point`, Math.round(-low / scale)));
    const pair: [string, string] = [`${tensor}_scale`, `${tensor}_zero_point`];
    scales.set(tensor, pair);
    return pair;
  };
  const folded = new Map<string, string>(); // what a folded rectifier would have made -> what makes it now
  const real = (tensor: string) => folded.get(tensor) ?? tensor;
  const q = (tensor: string) => `${real(tensor)}_quantized`;
  const of = (tensor: string) => scales.get(real(tensor))!;
  const readers = (tensor: string) => graph.node.filter((n) => n.input.includes(tensor));
  const nodes: NodeProto[] = [node("QuantizeLinear", ["image", ...scaled("image")], ["image_quantized"])];
  for (const n of graph.node) {
    const [x, y, to] = [n.input[0]!, n.input[1] ?? "", name(n)];
    if (n.opType === "Relu") {
      folded.set(to, real(x));
      continue;
    }
    const after = readers(to);
    const rectified = after.length === 1 && after[0]!.opType === "Relu" ? name(after[0]!) : to;
    const [one, made] = [[q(x), ...of(x)], `${to}_quantized`];
    const contrib = (type: string, inputs: string[], attributes = {}) => {
      const extra = node(type, inputs, [made], attributes);
      extra.domain = "com.microsoft";
      nodes.push(extra);
    };
    if (n.opType === "Conv" || n.opType === "MatMul" || n.opType === "Gemm") {
      const { scale, values } = int8(weights.get(y)!);
      added.push(
        scalar(`${y}_scale`, scale),
        constant(`${y}_zero`, { type: "int8", dims: [], data: Int8Array.of(0) }),
        constant(`${y}_quantized`, { type: "int8", dims: weights.get(y)!.dims.map(Number), data: values }),
      );
      const weight = [`${y}_quantized`, `${y}_scale`, `${y}_zero`];
      if (n.opType === "Gemm") contrib("QGemm", [...one, ...weight, "", ...scaled(to, rectified)]);
      else {
        const product = node(`QLinear${n.opType}`, [...one, ...weight, ...scaled(to, rectified)], [made]);
        product.attribute = n.attribute;
        nodes.push(product);
      }
    } else if (n.opType === "Add" || n.opType === "Mul")
      contrib(`QLinear${n.opType}`, [...one, q(y), ...of(y), ...scaled(to, rectified)]);
    else if (n.opType === "Sigmoid" || n.opType === "GlobalAveragePool")
      contrib(`QLinear${n.opType}`, [...one, ...scaled(to)]);
    else if (n.opType === "Concat")
      contrib("QLinearConcat", [...scaled(to), ...n.input.flatMap((i) => [q(i), ...of(i)])], { axis: 1 });
    else if (MOVES.has(n.opType)) {
      const moved = node(n.opType, [q(x), ...n.input.slice(1)], [made]);
      moved.attribute = n.attribute;
      nodes.push(moved);
      scales.set(to, of(x));
    } else throw new Error(`no integer form of ${n.opType}`);
  }
  for (const o of graph.output) nodes.push(node("DequantizeLinear", [q(o.name!), ...of(o.name!)], [o.name!]));
  graph.node = nodes;
  graph.initializer = [...graph.initializer.filter((t) => !t.name!.endsWith(".w")), ...added];
  model.opsetImport.push(create(OperatorSetIdProtoSchema, { domain: "com.microsoft", version: 1n }));
  return writeModel(model);
}

/** Convolutions and products with 32-bit sums, the range of what they read measured in every run. */
export function dynamic(bytes: Uint8Array): Uint8Array {
  const model = readModel(bytes);
  const graph = model.graph!;
  const weights = new Map(graph.initializer.map((t) => [t.name, t]));
  const measured = new Set<string>();
  graph.node = graph.node.flatMap((n) => {
    if (n.opType !== "Conv" && n.opType !== "MatMul") return [n];
    const [x, w, to] = [n.input[0]!, n.input[1]!, name(n)];
    const { scale, values } = int8(weights.get(w)!);
    graph.initializer.push(
      scalar(`${w}_scale`, scale),
      constant(`${w}_quantized`, { type: "int8", dims: weights.get(w)!.dims.map(Number), data: values }),
    );
    const parts = [`${x}_quantized`, `${x}_measured`, `${x}_zero_point`];
    const measure = measured.has(x) ? [] : [node("DynamicQuantizeLinear", [x], parts)];
    measured.add(x);
    const conv = node(`${n.opType}Integer`, [parts[0]!, `${w}_quantized`, parts[2]!], [`${to}_sums`]);
    conv.attribute = n.attribute;
    return [
      ...measure,
      conv,
      node("Cast", [`${to}_sums`], [`${to}_cast`], { to: 1 }),
      node("Mul", [parts[1]!, `${w}_scale`], [`${to}_scale`]),
      node("Mul", [`${to}_cast`, `${to}_scale`], [to]),
    ];
  });
  const read = new Set(graph.node.flatMap((n) => n.input));
  graph.initializer = graph.initializer.filter((t) => read.has(t.name!));
  return writeModel(model);
}
