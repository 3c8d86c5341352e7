import type { Matrix64 } from "../numerics/types.js";

/** J* of two layers (layer a's concepts in rows) and the 99th percentile of single J* with images permuted. */
export interface FlowCell {
  readonly a: number;
  readonly b: number;
  readonly corrected: Matrix64;
  readonly pair99: number;
}

export interface FlowEdge {
  readonly a: number;
  readonly conceptA: number;
  readonly b: number;
  readonly conceptB: number;
  /** J*. */
  readonly weight: number;
  readonly null99: number;
  readonly mutual: boolean;
  readonly aboveNull: boolean;
}

/** A concept followed along one network's layers. */
export interface FlowChain {
  /** Places of layers from birth to end, and the concept in each. */
  readonly layers: readonly number[];
  readonly concepts: readonly number[];
  /** Kept edges between successive layers that leave the chain for concepts outside it, or come into it from there. */
  readonly splits: number;
  readonly merges: number;
}

/** Edges i -> j of one cell, kept where i and j are each other's best or J* is above the null's 99th percentile (METHOD.md 1.1.3). Never below 0. */
export function flowEdges({ a, b, corrected, pair99 }: FlowCell): FlowEdge[] {
  const { data, rows, cols } = corrected;
  const bestIn = (length: number, at: (x: number) => number) => {
    let best = -1;
    for (let x = 0; x < length; x++) if (!Number.isNaN(at(x)) && (best < 0 || at(x) > at(best))) best = x;
    return best;
  };
  const right = Array.from({ length: rows }, (_, i) => bestIn(cols, (j) => data[i * cols + j]!));
  const left = Array.from({ length: cols }, (_, j) => bestIn(rows, (i) => data[i * cols + j]!));
  const edges: FlowEdge[] = [];
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < cols; j++) {
      const weight = data[i * cols + j]!;
      if (!(weight > 0)) continue;
      const mutual = right[i] === j && left[j] === i;
      const aboveNull = weight > pair99;
      if (mutual || aboveNull)
        edges.push({ a, conceptA: i, b, conceptB: j, weight, null99: pair99, mutual, aboveNull });
    }
  }
  return edges;
}

/**
 * Chains along mutual best edges above the null, layer to next layer: every concept is in exactly one, and is born where no such edge comes in.
 * `layers`: the network's, shallow to deep; `k`: concepts of each.
 */
export function flowChains(layers: readonly number[], k: readonly number[], edges: readonly FlowEdge[]): FlowChain[] {
  const name = (layer: number, concept: number) => `${layer} ${concept}`;
  const strong = edges.filter((e) => e.mutual && e.aboveNull);
  const next = new Map(strong.map((e) => [name(e.a, e.conceptA), e]));
  const entered = new Set(strong.map((e) => name(e.b, e.conceptB)));
  const chains: { layers: number[]; concepts: number[] }[] = [];
  const chainOf = new Map<string, number>();
  layers.forEach((layer, l) => {
    for (let c = 0; c < k[l]!; c++) {
      if (entered.has(name(layer, c))) continue;
      const chain = { layers: [layer], concepts: [c] };
      for (let e = next.get(name(layer, c)); e; e = next.get(name(e.b, e.conceptB))) {
        chain.layers.push(e.b);
        chain.concepts.push(e.conceptB);
      }
      for (const [at, where] of chain.layers.entries()) chainOf.set(name(where, chain.concepts[at]!), chains.length);
      chains.push(chain);
    }
  });
  const splits = new Map<number, number>();
  const merges = new Map<number, number>();
  for (const e of edges) {
    const from = chainOf.get(name(e.a, e.conceptA));
    const to = chainOf.get(name(e.b, e.conceptB));
    if (from === undefined || to === undefined || from === to || !e.aboveNull) continue;
    splits.set(from, (splits.get(from) ?? 0) + 1);
    merges.set(to, (merges.get(to) ?? 0) + 1);
  }
  return chains.map((chain, at) => ({ ...chain, splits: splits.get(at) ?? 0, merges: merges.get(at) ?? 0 }));
}
