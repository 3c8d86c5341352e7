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
  /** S of the mean J* over the permutations: what the maps share by position alone, without the lift that chance gives to maxima. */
  readonly position: number;
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
  const average = new Float64Array(ka * kb);
  for (let r = 0; r < count; r++) {
    const m = pairs.subarray(r * ka * kb, (r + 1) * ka * kb);
    correctedIouInto(m, permuted, areasA, areasB, cells, r * ka * kb);
    const { forward, backward } = meanBest(m, ka, kb, weights);
    values[r] = (forward + backward) / 2;
    for (let at = 0; at < average.length; at++) average[at]! += m[at]! / count;
  }
  const position = meanBest(average, ka, kb, weights);
  return {
    values,
    mean: mean(values),
    sd: standardDeviation(values),
    position: (position.forward + position.backward) / 2,
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

/**
 * S' as many images would give it. N holds two things: what maps share by position, N0, which stays, and the lift that chance gives to a best of k,
 * which falls as 1 / sqrt(images) and which a concept with a real partner never had; so S' = (S - N) / (1 - N) is too low on few images. Here the
 * lift is taken only from concepts that chance can reach: c_i = m_i - 2 (N_i - N0_i) P(null_i >= m_i), m_i the best J* of concept i, N_i its mean
 * under permutations. The mean of c is N0 where there is no likeness (P is 1/2 on average), m where there is much. -> (mean c - N0) / (1 - N0).
 * bench/coverage.ts measures what bias is left.
 */
export function debiasedSimilarity(
  corrected: ArrayLike<number>,
  permuted: Float64Array,
  areasA: ArrayLike<number>,
  areasB: ArrayLike<number>,
  cells: number,
): number {
  const ka = areasA.length;
  const kb = areasB.length;
  const count = permuted.length / (ka * kb);
  const best = new Float64Array(count * (ka + kb));
  const average = new Float64Array(ka * kb);
  const m = new Float64Array(ka * kb);
  for (let r = 0; r < count; r++) {
    correctedIouInto(m, permuted, areasA, areasB, cells, r * ka * kb);
    bestOfEach(m, ka, kb, best.subarray(r * (ka + kb), (r + 1) * (ka + kb)));
    for (let at = 0; at < m.length; at++) average[at]! += m[at]! / count;
  }
  const observed = bestOfEach(corrected, ka, kb, new Float64Array(ka + kb));
  const position = bestOfEach(average, ka, kb, new Float64Array(ka + kb));
  const side = (from: number, to: number, term: (c: number) => number): number => {
    const shown = Array.from({ length: to - from }, (_, i) => from + i).filter(
      (c) => observed[c]! > Number.NEGATIVE_INFINITY,
    );
    return shown.reduce((sum, c) => sum + term(c), 0) / shown.length;
  };
  const less = (c: number): number => {
    let sum = 0;
    let reach = 0;
    for (let r = 0; r < count; r++) {
      const v = best[r * (ka + kb) + c]!;
      sum += v;
      if (v >= observed[c]!) reach++;
    }
    return observed[c]! - 2 * (sum / count - position[c]!) * (reach / count);
  };
  const both = (term: (c: number) => number) => (side(0, ka, term) + side(ka, ka + kb, term)) / 2;
  return subtractNull(
    both(less),
    both((c) => position[c]!),
  );
}

/** Largest value of each row, then of each column; -Infinity where all are NaN. */
function bestOfEach(m: ArrayLike<number>, ka: number, kb: number, out: Float64Array): Float64Array {
  out.fill(Number.NEGATIVE_INFINITY);
  for (let i = 0; i < ka; i++) {
    for (let j = 0; j < kb; j++) {
      const v = m[i * kb + j]!;
      if (v > out[i]!) out[i] = v;
      if (v > out[ka + j]!) out[ka + j] = v;
    }
  }
  return out;
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
