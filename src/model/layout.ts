import type { NodeProto } from "../onnx/onnx_pb.js";
import type { GraphIndex } from "./graph.js";

/** How a four-dimensional tensor lies: channels second or last; `other` when its axes are no grid of channels (attention weights). */
export type PlaneLayout = "NCHW" | "NHWC" | "other";

/** Operators that ONNX defines on batch x channels x height x width only. */
const CHANNELS_SECOND: ReadonlySet<string> = new Set(
  `Conv ConvTranspose QLinearConv ConvInteger QLinearAveragePool QLinearGlobalAveragePool DeformConv FusedConv MaxPool AveragePool LpPool GlobalAveragePool GlobalMaxPool GlobalLpPool
  InstanceNormalization GroupNormalization LRN DepthToSpace SpaceToDepth GridSample MaxUnpool RoiAlign`.split(/\s+/),
);

/** Operators after which the axes are not what they were. */
const FORGETS: ReadonlySet<string> = new Set(
  `Reshape Flatten Squeeze Unsqueeze Einsum Gather GatherElements GatherND Shape Size TopK ArgMax ArgMin NonMaxSuppression ScatterND
  OneHot Gemm`.split(/\s+/),
);

/**
 * Layouts as far as the graph says them: convolutions and poolings fix theirs, a transposition turns it, what works value by value hands
 * it on, a reshape loses it. Tensors whose layout the graph leaves open are absent.
 */
export function layoutsOf(index: GraphIndex): Map<string, PlaneLayout> {
  const layouts = new Map<string, PlaneLayout>();
  for (const node of index.order) {
    if (FORGETS.has(node.opType)) continue;
    const layout = CHANNELS_SECOND.has(node.opType) ? ownLayout(node) : handedOn(index, node, layouts);
    if (layout) for (const o of node.output) if (index.live.has(o)) layouts.set(o, layout);
  }
  return layouts;
}

/** onnxruntime's integer operators may be told to work channels-last. */
function ownLayout(node: NodeProto): PlaneLayout {
  return node.attribute.some((a) => a.name === "channels_last" && a.i === 1n) ? "NHWC" : "NCHW";
}

function handedOn(
  index: GraphIndex,
  node: NodeProto,
  layouts: ReadonlyMap<string, PlaneLayout>,
): PlaneLayout | undefined {
  const live = node.input.filter((i) => index.live.has(i));
  if (node.opType === "MatMul" && live.length > 1) return "other";
  const given = live.map((i) => layouts.get(i)).find((l) => l !== undefined);
  return node.opType === "Transpose" ? turned(node, given) : given;
}

function turned(node: NodeProto, from: PlaneLayout | undefined): PlaneLayout | undefined {
  const order = node.attribute.find((a) => a.name === "perm")?.ints.join("");
  if (order === "0231" && from === "NCHW") return "NHWC";
  if (order === "0312" && from === "NHWC") return "NCHW";
  return undefined;
}
