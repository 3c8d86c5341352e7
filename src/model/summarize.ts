import type { ModelProto } from "../onnx/onnx_pb.js";
import { TensorProto_DataType } from "../onnx/onnx_pb.js";
import { blockEnds } from "./blocks.js";
import { bytesOf } from "./check.js";
import { depthsOf } from "./depth.js";
import { indexGraph } from "./graph.js";
import { imageInput, opsetOf } from "./read.js";
import { seenThrough } from "./seethrough.js";
import { trunkOf } from "./trunk.js";
import type { NetworkSummary, TensorInfo } from "./types.js";

/** Operators whose output is never a feature map worth a look: shapes, constants, bookkeeping, and what a tap would see twice. */
const NOT_WORTH = new Set(
  `Constant ConstantOfShape Shape Size Reshape Transpose Cast CastLike Gather GatherElements GatherND Unsqueeze Squeeze Slice Flatten Identity
  QuantizeLinear DynamicQuantizeLinear QLinearConv QLinearMatMul ConvInteger MatMulInteger NonMaxSuppression NonZero TopK ArgMax ArgMin Range
  Expand Tile If Loop Scan SequenceAt SequenceConstruct SequenceEmpty SequenceErase SequenceInsert SequenceMap SplitToSequence Optional`.split(
    /\s+/,
  ),
);

/** What a network is: its input, its outputs, and every tensor worth tapping with its place in depth. Pure; shapes come from `probeTaps`. */
export function summarize(model: ModelProto, where = "network"): NetworkSummary {
  const graph = model.graph!;
  const index = indexGraph(seenThrough(graph), where);
  const { position, longest, head } = depthsOf(index);
  const trunk = trunkOf(index, { position, longest, head });
  const ends = blockEnds(index, trunk);
  const input = imageInput(model, where);
  const tensors: TensorInfo[] = [];
  for (const node of index.order) {
    if (NOT_WORTH.has(node.opType)) continue;
    const name = node.output[0] ?? "";
    const at = position.get(name) ?? 0;
    if (!index.live.has(name) || at === 0) continue;
    tensors.push({
      name,
      op: node.opType,
      position: at,
      depth: Math.min(1, at / longest),
      headDepth: Math.min(1, at / Math.max(at, head.get(name) ?? longest)),
      trunk: trunk.has(name),
      blockEnd: ends.has(name),
    });
  }
  return {
    input: {
      name: input.name,
      type: TensorProto_DataType[input.type]?.toLowerCase() ?? "unknown",
      shape: input.shape,
      layout: input.layout,
    },
    outputs: graph.output.map((o) => o.name ?? ""),
    opset: opsetOf(model),
    nodeCount: graph.node.length,
    parameterBytes: graph.initializer.reduce((sum, t) => sum + (bytesOf(t) ?? t.rawData?.length ?? 0), 0),
    longestPath: longest,
    tensors,
    metadata: Object.fromEntries(model.metadataProps.map((p) => [p.key ?? "", p.value ?? ""])),
  };
}
