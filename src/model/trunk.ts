import type { NodeProto } from "../onnx/onnx_pb.js";
import { depthsOf } from "./depth.js";
import type { GraphIndex } from "./graph.js";
import { inputsOf, readsOf } from "./graph.js";
import { ACTIVATIONS, CONVOLUTIONS, MERGES } from "./ops.js";

/**
 * The main trunk: tensors through which every path from the input to at least one output must go (dominators of that output).
 * Residual and squeeze-and-excite branches rejoin and so are not on it; branches to several heads each dominate their own.
 */
export function trunkOf(index: GraphIndex): Set<string> {
  const nodes = index.order.filter((n) => n.output.some((o) => index.live.has(o)));
  const number = new Map(nodes.map((n, i) => [n, i + 1]));
  // immediate dominators over the acyclic graph in topological order (Cooper, Harvey & Kennedy 2001); 0 is the input
  const idom = new Int32Array(nodes.length + 1);
  const sources = new Set(inputsOf(index.graph).map((i) => i.name ?? ""));
  nodes.forEach((node, i) => {
    let common = -1;
    for (const r of new Set(readsOf(node))) {
      if (!index.live.has(r)) continue;
      const from = sources.has(r) ? 0 : number.get(index.producer.get(r)!)!;
      common = common < 0 ? from : meet(common, from, idom);
    }
    idom[i + 1] = Math.max(0, common);
  });
  const onTrunk = new Uint8Array(nodes.length + 1);
  for (const output of index.graph.output) {
    const producer = index.producer.get(output.name ?? "");
    let at = producer ? (number.get(producer) ?? 0) : 0;
    while (at > 0 && !onTrunk[at]) {
      onTrunk[at] = 1;
      at = idom[at]!;
    }
  }
  const trunk = new Set<string>();
  nodes.forEach((node, i) => {
    if (onTrunk[i + 1]) for (const o of node.output) if (index.live.has(o)) trunk.add(o);
  });
  return trunk;
}

function meet(a: number, b: number, idom: Int32Array): number {
  let x = a;
  let y = b;
  while (x !== y) {
    if (x > y) x = idom[x]!;
    else y = idom[y]!;
  }
  return x;
}

/**
 * Tensors on a longest path to some output, counting convolutions: the way on which a decoder's skip connections, which break dominance, do not matter.
 */
export function longestPaths(index: GraphIndex): Set<string> {
  const { position } = depthsOf(index);
  const found = new Set<string>();
  for (const output of index.graph.output) {
    const name = output.name ?? "";
    if (!position.has(name)) continue;
    const open = [name];
    const seen = new Set(open);
    while (open.length > 0) {
      const tensor = open.pop()!;
      found.add(tensor);
      const node = index.producer.get(tensor);
      if (!node) continue;
      const before = position.get(tensor)! - (CONVOLUTIONS.has(node.opType) ? 1 : 0);
      for (const r of readsOf(node)) {
        if (seen.has(r) || !index.live.has(r) || (position.get(r) ?? 0) !== before) continue;
        seen.add(r);
        open.push(r);
      }
    }
  }
  return found;
}

/**
 * Whether a tensor ends a block: an addition or concatenation of two live tensors on a longest path, an activation of such a one, or an
 * activation (or linear bottleneck) on the strict trunk. What goes straight on into an activation, a normalisation or the block's own
 * addition ends nothing, nor does what no convolution follows: that is the network's answer.
 */
export function endsBlock(
  index: GraphIndex,
  paths: { trunk: ReadonlySet<string>; longest: ReadonlySet<string>; inner: ReadonlySet<string> },
  tensor: string,
): boolean {
  const node = index.producer.get(tensor);
  if (!node || !paths.longest.has(tensor) || !paths.inner.has(tensor)) return false;
  const next = index.consumers.get(tensor) ?? [];
  if (next.every((n) => ACTIVATIONS.has(n.opType) || n.opType === "BatchNormalization")) return false;
  if (next.length === 1 && MERGES.has(next[0]!.opType) && next[0]!.opType !== "Concat") return false;
  if (isMerge(index, node)) return true;
  if (ACTIVATIONS.has(node.opType) && node.input.some((i) => isMerge(index, index.producer.get(i)))) return true;
  // where a head leaves the trunk, several convolutions read the same tensor
  const branches = next.filter((n) => CONVOLUTIONS.has(n.opType)).length > 1;
  return (paths.trunk.has(tensor) || branches) && (ACTIVATIONS.has(node.opType) || isLinearBottleneck(index, tensor));
}

/** Where live branches meet, or a constant added to such a place (a bias that an optimiser moved behind the addition). */
function isMerge(index: GraphIndex, node: NodeProto | undefined): boolean {
  if (!node || !MERGES.has(node.opType)) return false;
  const live = new Set(node.input.filter((i) => index.live.has(i)));
  if (live.size > 1) return true;
  const [only] = live;
  const before = only === undefined ? undefined : index.producer.get(only);
  return (
    before !== undefined && MERGES.has(before.opType) && new Set(before.input.filter((i) => index.live.has(i))).size > 1
  );
}

/** Tensors that some convolution still follows. */
export function innerTensors(index: GraphIndex): Set<string> {
  const inner = new Set<string>();
  for (const node of [...index.order].reverse()) {
    const followed = CONVOLUTIONS.has(node.opType) || node.output.some((o) => inner.has(o));
    if (followed) for (const r of readsOf(node)) inner.add(r);
  }
  return inner;
}

/** A projection without activation (its bias may stand apart) that feeds convolutions and additions only: the end of an inverted residual. */
function isLinearBottleneck(index: GraphIndex, tensor: string): boolean {
  const node = index.producer.get(tensor)!;
  const affine =
    ["Add", "Mul", "BatchNormalization"].includes(node.opType) &&
    node.input.filter((i) => index.live.has(i)).length === 1;
  if (node.opType !== "Conv" && !affine) return false;
  const next = index.consumers.get(tensor) ?? [];
  return next.every((n) => n.opType === "Conv" || MERGES.has(n.opType)) && next.some((n) => n.opType === "Conv");
}
