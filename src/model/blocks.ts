import type { NodeProto } from "../onnx/onnx_pb.js";
import { innerTensors } from "./depth.js";
import type { GraphIndex } from "./graph.js";
import { ACTIVATIONS, CONVOLUTIONS, MERGES } from "./ops.js";
import { pooledTensors } from "./trunk.js";

/**
 * Tensors of the trunk that end a block: an addition or concatenation of live branches, the activation of one, the activation after a
 * convolution, a projection without activation (linear bottleneck), or where a head leaves the trunk. What goes straight on into an
 * activation, a normalisation or its block's own addition ends nothing; nor does the inside of an inverted residual, a gate, or what no
 * convolution follows: that is the network's answer.
 */
export function blockEnds(index: GraphIndex, trunk: ReadonlySet<string>): Set<string> {
  const inner = innerTensors(index);
  const pooled = pooledTensors(index);
  const innards = separableInnards(index, pooled);
  const ends = new Set<string>();
  for (const node of index.order) {
    const tensor = node.output[0] ?? "";
    if (!trunk.has(tensor) || !inner.has(tensor) || pooled.has(tensor)) continue;
    const next = index.consumers.get(tensor) ?? [];
    if (next.every((n) => ACTIVATIONS.has(n.opType) || n.opType === "BatchNormalization")) continue;
    if (next.length === 1 && (next[0]!.opType === "Add" || next[0]!.opType === "Sum")) continue;
    const heads = next.filter((n) => CONVOLUTIONS.has(n.opType)).length > 1;
    if (innards.has(tensor) && !heads) continue;
    if (isJunction(index, node) || ACTIVATIONS.has(node.opType) || isLinearBottleneck(index, tensor, pooled))
      ends.add(tensor);
  }
  return ends;
}

/** Where live branches meet, or a constant added to such a place (a bias that an optimiser moved behind the addition). */
function isJunction(index: GraphIndex, node: NodeProto | undefined): boolean {
  if (!node || !MERGES.has(node.opType)) return false;
  const live = liveInputs(index, node);
  if (live.length !== 1) return live.length > 1;
  const before = index.producer.get(live[0]!);
  return before !== undefined && MERGES.has(before.opType) && liveInputs(index, before).length > 1;
}

function liveInputs(index: GraphIndex, node: NodeProto): string[] {
  return [...new Set(node.input.filter((i) => index.live.has(i)))];
}

/** A scale or a bias that stands apart from its convolution. */
function isAffine(index: GraphIndex, node: NodeProto): boolean {
  if (node.opType === "BatchNormalization") return true;
  return (node.opType === "Add" || node.opType === "Mul") && liveInputs(index, node).length === 1;
}

/** A projection without activation that feeds convolutions, merges and a classifier's pooling only: the end of an inverted residual. */
function isLinearBottleneck(index: GraphIndex, tensor: string, pooled: ReadonlySet<string>): boolean {
  let node = index.producer.get(tensor);
  while (node && isAffine(index, node)) node = index.producer.get(liveInputs(index, node)[0]!);
  if (node?.opType !== "Conv" || groupsOf(node) > 1) return false;
  const next = index.consumers.get(tensor) ?? [];
  const goesOn = (n: NodeProto) => n.opType === "Conv" || pooled.has(n.output[0] ?? "");
  return next.every((n) => goesOn(n) || MERGES.has(n.opType)) && next.some(goesOn);
}

function groupsOf(conv: NodeProto): number {
  return Number(conv.attribute.find((a) => a.name === "group")?.i ?? 1n);
}

/** What lies between a depthwise convolution and its pointwise one, and the expansion before them where the projection is linear: a block seen from inside. */
function separableInnards(index: GraphIndex, pooled: ReadonlySet<string>): Set<string> {
  const sizes = new Map(index.graph.initializer.map((t) => [t.name ?? "", t.dims]));
  const pointwise = (conv: NodeProto) => {
    const dims = sizes.get(conv.input[1] ?? "");
    return groupsOf(conv) === 1 && dims !== undefined && dims.slice(2).every((d) => d === 1n);
  };
  const innards = new Set<string>();
  for (const project of index.order) {
    if (project.opType !== "Conv" || !pointwise(project)) continue;
    const [depthwise, after] = wayBack(index, project.input[0]!, pooled);
    if (!depthwise || groupsOf(depthwise) === 1) continue;
    for (const t of after) innards.add(t);
    if (!staysLinear(index, project, pooled)) continue;
    const [expand, before] = wayBack(index, depthwise.input[0]!, pooled);
    if (expand && pointwise(expand)) for (const t of before) innards.add(t);
  }
  return innards;
}

/** Whether no activation comes before the next convolution, merge or global pooling, of which there is one. */
function staysLinear(index: GraphIndex, conv: NodeProto, pooled: ReadonlySet<string>): boolean {
  let tensor = conv.output[0]!;
  for (;;) {
    const next = index.consumers.get(tensor) ?? [];
    if (next.length === 1 && isAffine(index, next[0]!)) tensor = next[0]!.output[0]!;
    else {
      const ends = (n: NodeProto) => n.opType === "Conv" || MERGES.has(n.opType) || pooled.has(n.output[0] ?? "");
      return next.length > 0 && next.every(ends);
    }
  }
}

/** The convolution behind a tensor and the tensors on the way, through activations, scales and gates but through no merge of branches. */
function wayBack(index: GraphIndex, from: string, pooled: ReadonlySet<string>): [NodeProto | undefined, string[]] {
  const way: string[] = [];
  let tensor = from;
  for (;;) {
    way.push(tensor);
    const node = index.producer.get(tensor);
    if (!node || CONVOLUTIONS.has(node.opType)) return [node, way];
    const live = liveInputs(index, node).filter((i) => !pooled.has(i));
    if (live.length === 0 || (MERGES.has(node.opType) && live.length > 1)) return [undefined, way];
    tensor = live[0]!;
  }
}
