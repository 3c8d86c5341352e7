import type { GraphIndex } from "./graph.js";
import { readsOf } from "./graph.js";
import { CONVOLUTIONS } from "./ops.js";

export interface Depths {
  /** Convolutions on the longest path from the input to each live tensor, inclusive. */
  readonly position: ReadonlyMap<string, number>;
  /** Convolutions on the longest path of the network. */
  readonly longest: number;
  /** For each live tensor: position of the nearest head that it feeds (the shallowest reachable output). */
  readonly head: ReadonlyMap<string, number>;
}

/** Relative depth as METHOD.md has it: longest-path position, counting only convolutions and their kin. Squeeze-and-excite side paths count where they are longer. */
export function depthsOf(index: GraphIndex): Depths {
  const position = new Map<string, number>();
  for (const node of index.order) {
    if (!node.output.some((o) => index.live.has(o))) continue;
    const before = Math.max(0, ...readsOf(node).map((r) => position.get(r) ?? 0));
    const own = before + (CONVOLUTIONS.has(node.opType) ? 1 : 0);
    for (const o of node.output) position.set(o, own);
  }
  const outputs = index.graph.output.map((o) => o.name ?? "").filter((o) => index.live.has(o));
  const longest = Math.max(1, ...outputs.map((o) => position.get(o) ?? 0));
  const head = new Map<string, number>();
  for (const o of outputs) head.set(o, position.get(o) ?? longest);
  for (const node of [...index.order].reverse()) {
    const reach = Math.min(...node.output.map((o) => head.get(o) ?? Number.POSITIVE_INFINITY));
    if (!Number.isFinite(reach)) continue;
    for (const r of readsOf(node))
      if (index.live.has(r)) head.set(r, Math.min(head.get(r) ?? Number.POSITIVE_INFINITY, reach));
  }
  return { position, longest, head };
}
