import type { GraphIndex } from "./graph.js";
import { readsOf } from "./graph.js";
import { CONVOLUTIONS } from "./ops.js";

export interface Depths {
  /** Convolutions on the longest path from the input to each live tensor, inclusive. */
  readonly position: ReadonlyMap<string, number>;
  /** Convolutions on the longest path of the network, at least 1. */
  readonly longest: number;
  /** For each live tensor: position of the nearest head that it feeds, that is the shallowest last convolution before an output. */
  readonly head: ReadonlyMap<string, number>;
}

/**
 * Relative depth as METHOD.md 1.1.3 has it: longest-path position, counting only convolutions and their kin. What depends on no value of
 * the input (constants, shapes) counts nothing; squeeze-and-excite side paths count where they are longer.
 */
export function depthsOf(index: GraphIndex): Depths {
  const position = positionsOf(index);
  let longest = 1;
  for (const o of index.graph.output) longest = Math.max(longest, position.get(o.name ?? "") ?? 0);
  return { position, longest, head: nearestHeads(index, position) };
}

function positionsOf(index: GraphIndex): Map<string, number> {
  const position = new Map<string, number>();
  for (const node of index.order) {
    if (!node.output.some((o) => index.live.has(o))) continue;
    let own = 0;
    for (const r of readsOf(node)) own = Math.max(own, position.get(r) ?? 0);
    if (CONVOLUTIONS.has(node.opType)) own++;
    for (const o of node.output) if (o !== "") position.set(o, own);
  }
  return position;
}

/** A head ends in a convolution that feeds an output and no further convolution; concatenated heads (SSD's boxes of all scales) stay apart. */
function nearestHeads(index: GraphIndex, position: ReadonlyMap<string, number>): Map<string, number> {
  const inner = innerTensors(index);
  const nearest = new Map<string, number>();
  const reaching = new Set(index.graph.output.map((o) => o.name ?? ""));
  for (let i = index.order.length - 1; i >= 0; i--) {
    const node = index.order[i]!;
    let head = Number.POSITIVE_INFINITY;
    for (const o of node.output) {
      if (!reaching.has(o) || !index.live.has(o)) continue;
      if (!inner.has(o)) nearest.set(o, position.get(o)!);
      // a shortcut past the last convolution leads to no head of its own
      if (inner.has(o) || CONVOLUTIONS.has(node.opType)) head = Math.min(head, nearest.get(o) ?? head);
    }
    const reaches = node.output.some((o) => reaching.has(o));
    for (const r of readsOf(node)) {
      if (reaches) reaching.add(r);
      if (inner.has(r) && head < (nearest.get(r) ?? Number.POSITIVE_INFINITY)) nearest.set(r, head);
    }
  }
  return nearest;
}

/** Tensors that some convolution still follows. */
export function innerTensors(index: GraphIndex): Set<string> {
  const inner = new Set<string>();
  for (let i = index.order.length - 1; i >= 0; i--) {
    const node = index.order[i]!;
    if (!CONVOLUTIONS.has(node.opType) && !node.output.some((o) => inner.has(o))) continue;
    for (const r of readsOf(node)) if (index.live.has(r)) inner.add(r);
  }
  return inner;
}
