import { clone, create } from "@bufbuild/protobuf";
import { ints } from "../onnx/build.js";
import type { ModelProto, NodeProto, TensorProto } from "../onnx/onnx_pb.js";
import { ModelProtoSchema, TensorShapeProto_DimensionSchema, ValueInfoProtoSchema } from "../onnx/onnx_pb.js";
import type { GraphIndex } from "./graph.js";
import { indexGraph, named } from "./graph.js";
import { imageInput } from "./read.js";

export interface FreeBatch {
  /** The given model where nothing was to do or it could not be done. */
  readonly model: ModelProto;
  readonly free: boolean;
  /** Which node holds the batch at one, where `free` is false. */
  readonly reason: string;
}

/** Operators that work on each image by itself whatever their attributes, images along the first axis. */
const EACH_IMAGE: ReadonlySet<string> = new Set(
  `Conv ConvTranspose MaxPool AveragePool LpPool GlobalAveragePool GlobalMaxPool BatchNormalization InstanceNormalization LRN DepthToSpace
  SpaceToDepth Relu Clip LeakyRelu PRelu Elu Selu Celu Gelu HardSwish HardSigmoid Mish Sigmoid Tanh Softplus Softsign Swish Erf Exp Log Sqrt
  Reciprocal Abs Neg Sign Floor Ceil Round Add Sub Mul Div Pow Max Min Sum Mean Where Identity Dropout Cast Pad Expand MatMul Equal Greater Less
  QuantizeLinear DequantizeLinear QLinearConv QLinearMatMul QLinearAdd QLinearMul QLinearSigmoid QLinearLeakyRelu QLinearAveragePool
  QLinearGlobalAveragePool`.split(/\s+/),
);

/** Operators with an axis (default given): safe where it is not the first. */
const ONE_AXIS: Readonly<Record<string, number>> = {
  Concat: 0,
  QLinearConcat: 0,
  Split: 0,
  Gather: 0,
  Flatten: 1,
  Softmax: -1,
  LogSoftmax: -1,
  LayerNormalization: -1,
};

/**
 * Lets a network whose batch was fixed at one take any batch, where every node can be seen to treat images apart; reshapes to a constant
 * shape that starts with 1 are made to keep their first axis. Otherwise the model comes back as it was, with the reason.
 */
export function withFreeBatch(model: ModelProto): FreeBatch {
  const input = imageInput(model);
  if (input.shape[0]! < 0) return { model, free: true, reason: "" };
  if (input.shape[0] !== 1) return { model, free: false, reason: `the batch is fixed at ${input.shape[0]}` };
  const index = indexGraph(model.graph!);
  const constants = constantsOf(index);
  const reshapes = new Map<NodeProto, number[]>();
  for (const node of index.order) {
    if (!node.output.some((o) => index.live.has(o))) continue;
    const shape = node.opType === "Reshape" ? numbersOf(constants.get(node.input[1] ?? "")) : undefined;
    if (shape && (shape[0] === 1 || shape[0] === 0) && Number(attribute(node, "allowzero") ?? 0) === 0) {
      if (shape[0] === 1) reshapes.set(node, [0, ...shape.slice(1)]);
    } else if (!keepsFirstAxis(node, index, constants)) {
      return { model, free: false, reason: `${named(node)} may mix images` };
    }
  }
  return { model: freed(model, input.name, [...reshapes]), free: true, reason: "" };
}

function freed(
  model: ModelProto,
  input: string,
  reshapes: readonly (readonly [NodeProto, readonly number[]])[],
): ModelProto {
  const copy = clone(ModelProtoSchema, model);
  const graph = copy.graph!;
  const byOutput = new Map(graph.node.map((n) => [n.output[0] ?? "", n]));
  for (const [i, [node, shape]] of reshapes.entries()) {
    const name = `samesight.shape.${i}`;
    graph.initializer.push(ints(name, [shape.length], shape));
    byOutput.get(node.output[0] ?? "")!.input[1] = name;
  }
  for (const info of graph.input) {
    const type = info.name === input && info.type?.value.case === "tensorType" ? info.type.value.value : undefined;
    if (type?.shape) {
      type.shape.dim[0] = create(TensorShapeProto_DimensionSchema, { value: { case: "dimParam", value: "batch" } });
    }
  }
  // declared shapes hold the old batch; the runtime infers them anew
  graph.valueInfo = [];
  graph.output = graph.output.map((o) => create(ValueInfoProtoSchema, { name: o.name ?? "" }));
  return copy;
}

function keepsFirstAxis(node: NodeProto, index: GraphIndex, constants: ReadonlyMap<string, TensorProto>): boolean {
  if (EACH_IMAGE.has(node.opType)) return true;
  const constant = (at: number) => numbersOf(constants.get(node.input[at] ?? ""));
  const axis = ONE_AXIS[node.opType];
  if (axis !== undefined) {
    const data = node.opType === "Gather" ? index.live.has(node.input[0]!) && !index.live.has(node.input[1]!) : true;
    return data && without0([Number(attribute(node, "axis") ?? axis)]);
  }
  switch (node.opType) {
    case "Transpose":
      return attributeInts(node, "perm")?.[0] === 0;
    case "Gemm":
      return !index.live.has(node.input[1]!) && Number(attribute(node, "transA") ?? 0) === 0;
    case "Resize":
    case "Upsample":
      return (node.input[3] ?? "") === "";
    case "Slice":
      return without0(attributeInts(node, "axes") ?? constant(3));
    case "Squeeze":
    case "Unsqueeze":
      return without0(attributeInts(node, "axes") ?? constant(1));
    case "ReduceMean":
    case "ReduceSum":
    case "ReduceMax":
    case "ReduceMin":
    case "ReduceL2":
      return without0(attributeInts(node, "axes") ?? constant(1));
    default:
      return false;
  }
}

/** An axis counted from the end may be the first one too: only what surely is not passes. */
function without0(axes: readonly number[] | undefined): boolean {
  return axes !== undefined && axes.length > 0 && axes.every((a) => a > 0 || a === -1 || a === -2);
}

function attribute(node: NodeProto, name: string): bigint | undefined {
  return node.attribute.find((a) => a.name === name)?.i;
}

function attributeInts(node: NodeProto, name: string): number[] | undefined {
  return node.attribute.find((a) => a.name === name)?.ints.map(Number);
}

/** Initializers and the tensors of Constant nodes. */
function constantsOf(index: GraphIndex): Map<string, TensorProto> {
  const found = new Map(index.graph.initializer.map((t) => [t.name ?? "", t]));
  for (const n of index.order) {
    const value = n.opType === "Constant" ? n.attribute.find((a) => a.name === "value")?.t : undefined;
    if (value) found.set(n.output[0] ?? "", value);
  }
  return found;
}

/** Values of a small int64 tensor. */
function numbersOf(tensor: TensorProto | undefined): number[] | undefined {
  if (!tensor || tensor.dims.length > 1) return undefined;
  if (tensor.int64Data.length > 0) return tensor.int64Data.map(Number);
  const raw = tensor.rawData ?? new Uint8Array();
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  return Array.from({ length: Math.floor(raw.byteLength / 8) }, (_, i) => Number(view.getBigInt64(8 * i, true)));
}
