import { create } from "@bufbuild/protobuf";
import type { GraphProto, NodeProto } from "../onnx/onnx_pb.js";
import { GraphProtoSchema } from "../onnx/onnx_pb.js";
import { asIfReal } from "./integers.js";

/** Operators that hand a feature map on as it is, up to rounding. */
const HAND_ON: ReadonlySet<string> = new Set([
  "Identity",
  "Dropout",
  "Cast",
  "QuantizeLinear",
  "DequantizeLinear",
  "Transpose",
]);
/** NCHW to NHWC and back. */
const LAYOUT_TURNS: ReadonlySet<string> = new Set(["0,2,3,1", "0,3,1,2"]);

/**
 * The graph as its structure is meant: what only changes precision or layout (casts, quantise-dequantise pairs, the transpositions around a
 * tf2onnx convolution) is left out and its readers read what it read; operators on integers stand as those on real numbers (`asIfReal`). So a quantised, halved or channels-last network has the same blocks,
 * under the same names, as the original. The nodes are copies; the given graph stays as it is.
 */
export function seenThrough(given: GraphProto): GraphProto {
  const graph = asIfReal(given);
  const producer = new Map(graph.node.flatMap((n) => n.output.map((o) => [o, n] as const)));
  const outputs = new Set(graph.output.map((o) => o.name ?? ""));
  const through = (n: NodeProto): boolean => {
    if (!HAND_ON.has(n.opType) || outputs.has(n.output[0] ?? "") || n.output.slice(1).some((o) => o !== ""))
      return false;
    if (n.opType === "Transpose") return LAYOUT_TURNS.has(permOf(n));
    if (n.opType !== "DequantizeLinear") return true;
    // the only sight of a tensor that an integer operator made is its dequantised one
    const from = producer.get(n.input[0] ?? "");
    return from === undefined || from.opType === "QuantizeLinear";
  };
  const target = new Map<string, string>();
  for (const n of graph.node) if (through(n)) target.set(n.output[0]!, n.input[0]!);
  if (target.size === 0) return graph;
  const resolve = (name: string): string => {
    let at = name;
    for (let hops = 0; target.has(at) && hops <= target.size; hops++) at = target.get(at)!;
    return at;
  };
  const node = graph.node
    .filter((n) => !target.has(n.output[0] ?? ""))
    .map((n) =>
      n.input.some((i) => target.has(i))
        ? Object.assign(Object.create(Object.getPrototypeOf(n)), n, { input: n.input.map(resolve) })
        : n,
    );
  return Object.assign(create(GraphProtoSchema), graph, { node });
}

function permOf(node: NodeProto): string {
  return (node.attribute.find((a) => a.name === "perm")?.ints ?? []).join(",");
}
