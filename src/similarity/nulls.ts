import type { BitCounter, HeldMasks } from "../numerics/bits.js";
import { correctedIouInto } from "../numerics/iou.js";
import { quantile } from "../numerics/quantile.js";
import { mean, permutationP, standardDeviation } from "../numerics/statistics.js";
import type { ConceptWeights } from "./similarity.js";
import { meanBest } from "./similarity.js";

/** Images a block: permutations stay within blocks, so that only one block of masks need be in memory. */
export const NULL_BLOCK = 256;

/** S with the test images of one side permuted, for each permutation, and what follows from it (METHOD.md M2). */
export interface PermutationNull {
  /** S of each permutation. */
  readonly values: Float64Array;
  /** N, the mean of `values`. */
  readonly mean: number;
  readonly sd: number;
  /** 99th percentile of single J* over all pairs of concepts and permutations: what a pair of concepts must exceed. */
  readonly pair99: number;
}

/**
 * Intersections of permuted images, summed over one block: permutations x ka x kb. Image x of `a` meets image order[x] of `b`. Sums of several
 * blocks are added by `addCounts`. The same orders should serve all pairs of layers of a study.
 */
export function permutedIntersections(
  counter: BitCounter,
  a: HeldMasks,
  b: HeldMasks,
  orders: readonly ArrayLike<number>[],
): Float64Array {
  const out = new Float64Array(orders.length * a.k * b.k);
  orders.forEach((order, r) => {
    out.set(counter.summedIntersections(a, b, order), r * a.k * b.k);
  });
  return out;
}

/** Adds `more` into `sums`. */
export function addCountsInto(sums: Float64Array, more: ArrayLike<number>): void {
  for (let i = 0; i < sums.length; i++) sums[i]! += more[i]!;
}

/** `areasA`, `areasB`, `cells`: sums over all test images, which no permutation changes. */
export function permutationNull(
  permuted: Float64Array,
  areasA: ArrayLike<number>,
  areasB: ArrayLike<number>,
  cells: number,
  weights?: ConceptWeights,
): PermutationNull {
  const ka = areasA.length;
  const kb = areasB.length;
  const count = permuted.length / (ka * kb);
  const pairs = new Float64Array(permuted.length);
  const values = new Float64Array(count);
  for (let r = 0; r < count; r++) {
    const m = pairs.subarray(r * ka * kb, (r + 1) * ka * kb);
    correctedIouInto(m, permuted, areasA, areasB, cells, r * ka * kb);
    const { forward, backward } = meanBest(m, ka, kb, weights);
    values[r] = (forward + backward) / 2;
  }
  return {
    values,
    mean: mean(values),
    sd: standardDeviation(values),
    pair99: quantile(
      pairs.filter((v) => !Number.isNaN(v)),
      0.99,
    ),
  };
}

/** S' = (S - N) / (1 - N): 0 where permuted images look as alike, 1 for equal masks. NaN where N = 1. */
export function subtractNull(similarity: number, nullMean: number): number {
  return nullMean === 1 ? Number.NaN : (similarity - nullMean) / (1 - nullMean);
}

export interface Significance {
  /** S'. */
  readonly similarity: number;
  /** (S - N) / sd of the permutations; a flag, it saturates. NaN where all permutations give the same. */
  readonly z: number;
  /** (1 + permutations at least as high) / (1 + permutations). */
  readonly p: number;
}

export function againstNull(similarity: number, { values, mean: n, sd }: PermutationNull): Significance {
  return {
    similarity: subtractNull(similarity, n),
    z: sd > 0 ? (similarity - n) / sd : Number.NaN,
    p: Number.isNaN(similarity) ? Number.NaN : permutationP(similarity, values),
  };
}
