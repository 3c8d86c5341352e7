import type { GraphIndex } from "./graph.js";
import { inputsOf, readsOf } from "./graph.js";
import { BLOCK_ENDS, CONVOLUTIONS } from "./ops.js";

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
 * Whether a trunk tensor ends a block: made by an activation, addition or concatenation after a convolution, and not merely handed on to
 * another activation, normalisation or the residual addition of the same block.
 */
export function endsBlock(index: GraphIndex, trunk: ReadonlySet<string>, tensor: string): boolean {
  const node = index.producer.get(tensor);
  if (!node || !trunk.has(tensor)) return false;
  if (!BLOCK_ENDS.has(node.opType) && !isLinearBottleneck(index, tensor)) return false;
  const next = index.consumers.get(tensor) ?? [];
  if (next.length === 0) return false;
  const continued = next.some(
    (n) => trunk.has(n.output[0] ?? "") && BLOCK_ENDS.has(n.opType) && !CONVOLUTIONS.has(n.opType),
  );
  return !continued;
}

/** A projection without activation whose result only feeds convolutions and additions: the end of an inverted residual. */
function isLinearBottleneck(index: GraphIndex, tensor: string): boolean {
  const node = index.producer.get(tensor)!;
  if (node.opType !== "Conv" && node.opType !== "BatchNormalization") return false;
  const next = index.consumers.get(tensor) ?? [];
  return (
    next.length > 0 &&
    next.every((n) => n.opType === "Conv" || n.opType === "Add") &&
    next.some((n) => n.opType === "Conv")
  );
}
