import type { ModelProto } from "../onnx/onnx_pb.js";
import { TensorProto_DataType } from "../onnx/onnx_pb.js";
import { depthsOf } from "./depth.js";
import { indexGraph } from "./graph.js";
import { imageInput, opsetOf } from "./read.js";
import { endsBlock, innerTensors, longestPaths, trunkOf } from "./trunk.js";
import type { NetworkSummary, TensorInfo } from "./types.js";

/** Operators whose output is never a feature map worth a look: shapes, constants, bookkeeping, and what a tap would see twice. */
const NOT_WORTH = new Set(
  "Constant Shape Reshape Transpose Cast Gather Unsqueeze Squeeze Slice Flatten Identity ConstantOfShape QuantizeLinear NonMaxSuppression TopK Range Expand Tile".split(
    " ",
  ),
);

const BYTES: Partial<Record<TensorProto_DataType, number>> = {
  [TensorProto_DataType.FLOAT]: 4,
  [TensorProto_DataType.INT32]: 4,
  [TensorProto_DataType.FLOAT16]: 2,
  [TensorProto_DataType.BFLOAT16]: 2,
  [TensorProto_DataType.DOUBLE]: 8,
  [TensorProto_DataType.INT64]: 8,
};

/** What a network is: its input, its outputs, and every tensor worth tapping with its place in depth. Pure; shapes come from `probeTaps`. */
export function summarize(model: ModelProto, where = "network"): NetworkSummary {
  const graph = model.graph!;
  const index = indexGraph(graph, where);
  const depths = depthsOf(index);
  const paths = { trunk: trunkOf(index), longest: longestPaths(index), inner: innerTensors(index) };
  const input = imageInput(model, where);
  const tensors: TensorInfo[] = [];
  for (const node of index.order) {
    if (NOT_WORTH.has(node.opType)) continue;
    const name = node.output[0] ?? "";
    const position = depths.position.get(name) ?? 0;
    if (!index.live.has(name) || position === 0) continue;
    const head = depths.head.get(name);
    tensors.push({
      name,
      op: node.opType,
      position,
      depth: Math.min(1, position / depths.longest),
      headDepth: Math.min(1, position / Math.max(position, head ?? depths.longest)),
      trunk: paths.trunk.has(name) || paths.longest.has(name),
      blockEnd: endsBlock(index, paths, name),
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
    parameterBytes: graph.initializer.reduce(
      (sum, t) => sum + t.dims.reduce((a, d) => a * Number(d), 1) * (BYTES[t.dataType as TensorProto_DataType] ?? 1),
      0,
    ),
    longestPath: depths.longest,
    tensors,
    metadata: Object.fromEntries(model.metadataProps.map((p) => [p.key ?? "", p.value ?? ""])),
  };
}
