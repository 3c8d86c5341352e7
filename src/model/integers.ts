/**
 * Networks whose operators compute with integers (onnxruntime's QOperator format, ConvInteger of dynamic quantisation). What they make is seen dequantised,
 * by the scale and zero point with which the operator itself wrote it.
 */
import { create } from "@bufbuild/protobuf";
import { node } from "../onnx/build.js";
import type { GraphProto, ModelProto, NodeProto, TensorProto } from "../onnx/onnx_pb.js";
import { GraphProtoSchema, ModelProtoSchema, TensorProto_DataType, TensorProtoSchema } from "../onnx/onnx_pb.js";
import { indexGraph } from "./graph.js";

interface IntegerOp {
  /** The operator on real numbers that it stands for. */
  readonly as: string;
  /** Places of the inputs of `as`. */
  readonly reads: (inputs: readonly string[]) => readonly string[];
  /** Places of the scale and the zero point of what it makes; none: 32-bit sums that a product scales later. */
  readonly out?: readonly [number, number];
}

const at = (places: readonly number[]) => (inputs: readonly string[]) => places.map((p) => inputs[p] ?? "");
const pointwise = (as: string): IntegerOp => ({ as, reads: at([0]), out: [3, 4] });
const ofTwo = (as: string): IntegerOp => ({ as, reads: at([0, 3]), out: [6, 7] });
/** Inputs as github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md and onnx.ai/onnx/operators list them. */
const INTEGER_OPS: ReadonlyMap<string, IntegerOp> = new Map<string, IntegerOp>([
  ["QLinearConv", { as: "Conv", reads: at([0, 3, 8]), out: [6, 7] }],
  ["QLinearMatMul", ofTwo("MatMul")],
  ["QGemm", { as: "Gemm", reads: at([0, 3, 6]), out: [7, 8] }],
  ["QLinearAdd", ofTwo("Add")],
  ["QLinearMul", ofTwo("Mul")],
  ["QLinearConcat", { as: "Concat", reads: (inputs) => inputs.filter((_, i) => i % 3 === 2), out: [0, 1] }],
  ["QLinearSigmoid", pointwise("Sigmoid")],
  ["QLinearLeakyRelu", pointwise("LeakyRelu")],
  ["QLinearSoftmax", pointwise("Softmax")],
  ["QLinearAveragePool", pointwise("AveragePool")],
  ["QLinearGlobalAveragePool", pointwise("GlobalAveragePool")],
  ["QLinearReduceMean", pointwise("ReduceMean")],
  ["ConvInteger", { as: "Conv", reads: at([0, 1]) }],
  ["MatMulInteger", { as: "MatMul", reads: at([0, 1]) }],
]);

/** Operators that move integers and leave their scale as it is. */
const KEEPS_SCALE: ReadonlySet<string> = new Set(
  `MaxPool Reshape Transpose Flatten Squeeze Unsqueeze Resize Upsample DepthToSpace SpaceToDepth Slice Split Identity`.split(
    /\s+/,
  ),
);
/** What may have a rectifier folded into it: with the zero point at the end of the range nothing below 0 can be written. */
const TAKES_RELU: ReadonlySet<string> = new Set(["Conv", "MatMul", "Gemm", "Add"]);
const LEAST: ReadonlyMap<number, number> = new Map([
  [TensorProto_DataType.UINT8, 0],
  [TensorProto_DataType.INT8, -128],
]);
/** What a quantiser appends to the name of the tensor that it wrote in integers. */
const SUFFIX = /_(quantized|QuantizeLinear)$/;

/** Scale and zero point of every tensor that holds integers for an activation, but for what QuantizeLinear makes: that is seen before it. */
function scales(graph: GraphProto): Map<string, readonly [string, string]> {
  const known = new Map<string, readonly [string, string]>();
  const made = new Map<string, readonly [string, string]>();
  for (const n of indexGraph(graph).order) {
    const out = INTEGER_OPS.get(n.opType)?.out;
    const pair =
      n.opType === "QuantizeLinear"
        ? ([n.input[1] ?? "", n.input[2] ?? ""] as const)
        : out
          ? ([n.input[out[0]] ?? "", n.input[out[1]] ?? ""] as const)
          : KEEPS_SCALE.has(n.opType)
            ? known.get(n.input[0] ?? "")
            : undefined;
    if (!pair) continue;
    for (const o of n.output) if (o !== "") known.set(o, pair);
    if (n.opType !== "QuantizeLinear") for (const o of n.output) if (o !== "") made.set(o, pair);
  }
  return made;
}

/** The first DequantizeLinear of each tensor. */
function dequantisers(graph: GraphProto): Map<string, NodeProto> {
  const found = new Map<string, NodeProto>();
  for (const n of graph.node)
    if (n.opType === "DequantizeLinear" && !found.has(n.input[0] ?? "")) found.set(n.input[0] ?? "", n);
  return found;
}

/**
 * The network with a DequantizeLinear, read by nothing yet, for every activation that an integer operator makes and nothing dequantises: what can be tapped. It
 * is named as the tensor was before a quantiser put its suffix to it, else `<tensor>.float`. The network computes what it did; one without integer operators
 * comes back as it is.
 */
export function withDequantized(model: ModelProto): ModelProto {
  const graph = model.graph!;
  if (!graph.node.some((n) => INTEGER_OPS.has(n.opType))) return model;
  const seen = dequantisers(graph);
  const taken = new Set([
    ...graph.node.flatMap((n) => n.output),
    ...graph.initializer.map((t) => t.name ?? ""),
    ...graph.input.map((i) => i.name ?? ""),
  ]);
  const extra: NodeProto[] = [];
  for (const [tensor, [scale, zero]] of scales(graph)) {
    if (seen.has(tensor)) continue;
    const wanted = tensor.replace(SUFFIX, "");
    let name = wanted === tensor || taken.has(wanted) ? `${tensor}.float` : wanted;
    while (taken.has(name)) name += "_";
    taken.add(name);
    extra.push(node("DequantizeLinear", zero ? [tensor, scale, zero] : [tensor, scale], [name]));
  }
  if (extra.length === 0) return model;
  const more = Object.assign(create(GraphProtoSchema), graph, { node: [...graph.node, ...extra] });
  return Object.assign(create(ModelProtoSchema), model, { graph: more });
}

/**
 * The graph as its structure is meant: each integer operator stands as the one on real numbers, makes the dequantised tensor, and its readers read that; a
 * rectifier folded into its zero point stands behind it; the scales that dynamic quantisation measures are constants. The given graph stays as it is.
 */
export function asIfReal(graph: GraphProto): GraphProto {
  if (!graph.node.some((n) => INTEGER_OPS.has(n.opType))) return graph;
  const [made, seen] = [scales(graph), dequantisers(graph)];
  const outputs = new Set(graph.output.map((o) => o.name ?? ""));
  const real = new Map(
    [...made.keys()].flatMap((t) => (seen.has(t) && !outputs.has(t) ? [[t, seen.get(t)!]] : [])) as [
      string,
      NodeProto,
    ][],
  );
  const dropped = new Set(real.values());
  const nameOf = (tensor: string) => real.get(tensor)?.output[0] ?? tensor;
  const initializer = [...graph.initializer];
  const constants = new Map(initializer.map((t) => [t.name ?? "", t]));
  const nodes: NodeProto[] = [];
  for (const n of graph.node) {
    if (dropped.has(n)) continue;
    if (n.opType === "DynamicQuantizeLinear") {
      nodes.push(node("Identity", [nameOf(n.input[0] ?? "")], [n.output[0] ?? ""]));
      for (const name of n.output.slice(1)) if (name !== "") initializer.push(create(TensorProtoSchema, { name }));
      continue;
    }
    const op = INTEGER_OPS.get(n.opType);
    const input = (op ? op.reads(n.input).filter((i) => i !== "") : n.input).map(nameOf);
    const relu = op?.out && TAKES_RELU.has(op.as) && endsAtZero(constants.get(n.input[op.out[1]] ?? ""));
    const own = n.output[0] ?? "";
    const folded = relu && real.has(own);
    const output = folded ? [own] : n.output.map(nameOf);
    nodes.push(copied(n, { opType: op?.as ?? n.opType, input, output }));
    if (folded) nodes.push(node("Relu", [own], [nameOf(own)]));
  }
  return Object.assign(create(GraphProtoSchema), graph, { node: nodes, initializer });
}

/** Whether a zero point is the least integer of its type. */
function endsAtZero(zero: TensorProto | undefined): boolean {
  if (!zero) return false;
  const byte = zero.rawData?.length === 1 ? zero.rawData[0]! : zero.int32Data[0];
  if (byte === undefined) return false;
  const signed = zero.dataType === TensorProto_DataType.INT8 && byte > 127 ? byte - 256 : byte;
  return signed === LEAST.get(zero.dataType ?? 0);
}

function copied(n: NodeProto, change: Partial<NodeProto>): NodeProto {
  return Object.assign(Object.create(Object.getPrototypeOf(n)), n, change);
}
