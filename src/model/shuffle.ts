import { clone } from "@bufbuild/protobuf";
import { SamesightError } from "../errors.js";
import { floatToHalf } from "../numerics/half.js";
import { permutation } from "../numerics/random.js";
import type { Random } from "../numerics/types.js";
import { constant, node } from "../onnx/build.js";
import type { ModelProto, NodeProto, TensorProto } from "../onnx/onnx_pb.js";
import { ModelProtoSchema, TensorProto_DataType, TensorProtoSchema } from "../onnx/onnx_pb.js";
import type { Probe } from "./channels.js";
import { depthsOf } from "./depth.js";
import type { GraphIndex } from "./graph.js";
import { indexGraph } from "./graph.js";
import { CONVOLUTIONS } from "./ops.js";
import { floatsOf, reordered, sizeOf, withFloats } from "./weights.js";

const QUANTISED = new Set(["QLinearConv", "ConvInteger", "QLinearMatMul", "MatMulInteger"]);
/** Integers of more than 8 bits are shapes and indices, never weights. */
const WEIGHT_TYPES = new Set([
  TensorProto_DataType.FLOAT,
  TensorProto_DataType.FLOAT16,
  TensorProto_DataType.BFLOAT16,
  TensorProto_DataType.DOUBLE,
  TensorProto_DataType.INT8,
  TensorProto_DataType.UINT8,
]);
const WITH_BIAS = new Set(["Conv", "ConvTranspose", "Gemm"]);

/** A convolution (or product with a constant matrix) whose weights were shuffled. `name` is the tensor that it makes. */
export interface ShuffledConvolution extends Probe {
  readonly op: string;
  /** Convolutions on the longest path from the input, inclusive: those of one level do not feed each other. */
  readonly level: number;
  readonly group: number;
  /** Where its channels are rescaled: initializers of its own, inside the convolution or, where it has no place for them, right after it. */
  readonly slot:
    | { readonly inside: true; readonly weight: string; readonly bias: string; readonly columns: boolean }
    | { readonly inside: false; readonly scale: string; readonly shift: string; readonly rank: number };
}

/**
 * The null twin of a network, first half (METHOD.md M3): the values of each weight tensor of a convolution permuted inside the tensor; biases,
 * normalisation and everything else as they were; products of two tensors that depend on the image have no weights and stay. Names, depths and outputs stay. Does not change its argument. Follow with `recalibratedTwin`'s
 * second half: with folded normalisation, shuffling alone breaks a network. Weights shared by two convolutions are shuffled once, then copied, as
 * each needs a scale of its own. Throws SamesightError `unsupported` for integer convolutions and for a network without weights.
 */
export function shuffleWeights(
  source: ModelProto,
  random: Random,
): { model: ModelProto; convolutions: readonly ShuffledConvolution[] } {
  const model = clone(ModelProtoSchema, source);
  const graph = model.graph!;
  const index = indexGraph(graph);
  const { position } = depthsOf(index);
  const names = new Set([...index.producer.keys(), ...index.initializers, ...index.live]);
  const fresh = (wanted: string) => {
    let name = wanted;
    for (let i = 2; names.has(name); i++) name = `${wanted}/${i}`;
    names.add(name);
    return name;
  };
  const tensors = new Map(graph.initializer.map((t) => [t.name ?? "", t]));
  const shuffled = new Map<string, TensorProto>();
  const convolutions: ShuffledConvolution[] = [];
  for (const conv of index.order) {
    const output = conv.output[0] ?? "";
    if (!CONVOLUTIONS.has(conv.opType) || !index.live.has(output)) continue;
    if (QUANTISED.has(conv.opType)) throw quantised(conv);
    const weightName = conv.input[1]!;
    if (index.live.has(weightName)) continue;
    const leaf = weightLeaf(weightName, index, tensors);
    if (!leaf) continue;
    let weight = shuffled.get(leaf.name);
    if (!weight) {
      weight = reordered(leaf.tensor, leaf.name, permutation(sizeOf(leaf.tensor), random));
      shuffled.set(leaf.name, weight);
    }
    if (leaf.name !== weightName) Object.assign(leaf.tensor, weight);
    const direct = leaf.name === weightName ? fresh(`${output}/weight`) : undefined;
    if (direct !== undefined) {
      graph.initializer.push(clone(TensorProtoSchema, { ...weight, name: direct }));
      conv.input[1] = direct;
    }
    const bias = WITH_BIAS.has(conv.opType) ? biasOf(conv, leaf.tensor, index, tensors) : undefined;
    const common = {
      name: output,
      op: conv.opType,
      level: position.get(output) ?? 1,
      group: Number(conv.attribute.find((a) => a.name === "group")?.i ?? 1n),
      channelAxis: conv.opType === "MatMul" ? (-1 as const) : (1 as const),
    };
    if (bias && direct !== undefined && floatsOf(weight)) {
      const slot = {
        inside: true as const,
        weight: direct,
        bias: fresh(`${output}/bias`),
        columns: conv.opType === "Gemm" && Number(conv.attribute.find((a) => a.name === "transB")?.i ?? 0n) === 0,
      };
      graph.initializer.push(withFloats(weight, slot.bias, bias, [BigInt(bias.length)]));
      conv.input = [conv.input[0]!, slot.weight, slot.bias];
      convolutions.push({ ...common, slot });
    } else {
      const slot = {
        inside: false as const,
        scale: fresh(`${output}/scale`),
        shift: fresh(`${output}/shift`),
        rank: conv.opType.endsWith("Gemm") || conv.opType === "MatMul" ? 2 : Math.max(3, leaf.tensor.dims.length),
      };
      const half = leaf.tensor.dataType === TensorProto_DataType.FLOAT16;
      openAfter(model, conv, slot, half, [fresh(`${output}/uncalibrated`), fresh(`${output}/scaled`)]);
      convolutions.push({ ...common, slot });
    }
  }
  if (convolutions.length === 0) {
    throw new SamesightError("unsupported", "the network has no weights that could be shuffled", {
      hint: "A shuffled twin needs convolutions with constant weights.",
    });
  }
  dropUnread(model, index.initializers);
  return { model, convolutions };
}

function quantised(conv: NodeProto): SamesightError {
  return new SamesightError(
    "unsupported",
    `node '${conv.name || conv.output[0]}' (${conv.opType}) holds integer weights, which cannot be shuffled and recalibrated`,
    { hint: "Give the network as it was before quantisation, or run without the shuffled twin." },
  );
}

interface Leaf {
  readonly name: string;
  readonly tensor: TensorProto;
}

/** The largest constant behind a weight: itself, or what a chain of constant nodes (dequantise, cast, transpose) makes it from. */
function weightLeaf(name: string, index: GraphIndex, tensors: Map<string, TensorProto>): Leaf | undefined {
  const found: Leaf[] = [];
  const open = [name];
  const seen = new Set<string>();
  while (open.length > 0) {
    const next = open.pop()!;
    if (seen.has(next)) continue;
    seen.add(next);
    const own = tensors.get(next);
    const maker = index.producer.get(next);
    const value = maker?.opType === "Constant" ? maker.attribute.find((a) => a.name === "value") : undefined;
    if (own) {
      found.push({ name: next, tensor: own });
    } else if (value?.t) {
      found.push({ name: next, tensor: value.t });
    } else if (maker) {
      open.push(...maker.input.filter((i) => i !== ""));
    }
  }
  return found
    .filter((f) => WEIGHT_TYPES.has(f.tensor.dataType ?? 0))
    .sort((a, b) => sizeOf(b.tensor) - sizeOf(a.tensor))[0];
}

/** The constant bias as one value a channel, zeros where there is none; undefined where it is something else. */
function biasOf(
  conv: NodeProto,
  weight: TensorProto,
  index: GraphIndex,
  tensors: Map<string, TensorProto>,
): Float32Array | undefined {
  const beta = conv.attribute.find((a) => a.name === "beta");
  if (beta && beta.f !== 1) return undefined;
  const channels = outputChannels(conv, weight);
  const name = conv.input[2] ?? "";
  if (name === "") return new Float32Array(channels);
  const maker = index.producer.get(name);
  const tensor =
    tensors.get(name) ??
    (maker?.opType === "Constant" ? maker.attribute.find((a) => a.name === "value")?.t : undefined);
  const values = tensor && floatsOf(tensor);
  if (!values || tensor.dims.some((d, i) => i < tensor.dims.length - 1 && d !== 1n)) return undefined;
  if (values.length === channels) return values;
  return values.length === 1 ? new Float32Array(channels).fill(values[0]!) : undefined;
}

export function outputChannels(conv: NodeProto, weight: TensorProto): number {
  const attribute = (name: string) => Number(conv.attribute.find((a) => a.name === name)?.i ?? 0n);
  if (conv.opType === "ConvTranspose") return Number(weight.dims[1]) * (attribute("group") || 1);
  if (conv.opType === "Gemm") return Number(weight.dims[attribute("transB") ? 0 : 1]);
  return Number(weight.dims[0]);
}

/** Puts y = x * scale + shift behind a node; its name goes to y, so taps and readers stay as they were. */
function openAfter(
  model: ModelProto,
  conv: NodeProto,
  slot: { scale: string; shift: string },
  half: boolean,
  [inner, scaled]: readonly [string, string],
): void {
  const graph = model.graph!;
  const output = conv.output[0]!;
  conv.output[0] = inner;
  graph.node.splice(
    graph.node.indexOf(conv) + 1,
    0,
    node("Mul", [inner, slot.scale], [scaled]),
    node("Add", [scaled, slot.shift], [output], {}, slot.shift),
  );
  for (const [name, value] of [
    [slot.scale, 1],
    [slot.shift, 0],
  ] as const)
    graph.initializer.push(
      constant(
        name,
        half
          ? { type: "float16", dims: [1], data: Uint16Array.of(floatToHalf(value)) }
          : { type: "float32", dims: [1], data: Float32Array.of(value) },
      ),
    );
}

/** Drops constants that the edit left without a reader; readers inside subgraphs count. */
function dropUnread(model: ModelProto, before: ReadonlySet<string>): void {
  const graph = model.graph!;
  const index = indexGraph(graph);
  const outputs = new Set(graph.output.map((o) => o.name ?? ""));
  const keep = (name: string, old = before.has(name)) => !old || index.consumers.has(name) || outputs.has(name);
  graph.initializer = graph.initializer.filter((t) => keep(t.name ?? ""));
  graph.node = graph.node.filter((n) => n.opType !== "Constant" || keep(n.output[0] ?? "", true));
  graph.input = graph.input.filter((i) => keep(i.name ?? ""));
}
