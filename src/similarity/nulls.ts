import type { BitCounter, HeldMasks } from "../numerics/bits.js";
import { chanceIousInto, correctedIouInto } from "../numerics/iou.js";
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
  /** Best J* of each concept in each permutation: permutations x ka and x kb. -Infinity for a concept without a cell. */
  readonly bestA: Float32Array;
  readonly bestB: Float32Array;
  /** Best of the mean J* over the permutations, ka and kb: what a concept shares by position alone, without the lift that chance gives to maxima. */
  readonly positionA: Float64Array;
  readonly positionB: Float64Array;
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
  const bestA = new Float32Array(count * ka);
  const bestB = new Float32Array(count * kb);
  const chance = chanceIousInto(new Float64Array(ka * kb), areasA, areasB, cells);
  for (let r = 0; r < count; r++) {
    const m = pairs.subarray(r * ka * kb, (r + 1) * ka * kb);
    correctedIouInto(m, permuted, areasA, areasB, chance, r * ka * kb);
    const { forward, backward } = meanBest(m, ka, kb, weights);
    values[r] = (forward + backward) / 2;
    for (let at = 0; at < average.length; at++) average[at]! += m[at]! / count;
    const best = bestOfEach(m, ka, kb);
    bestA.set(best.a, r * ka);
    bestB.set(best.b, r * kb);
  }
  const position = bestOfEach(average, ka, kb);
  return {
    values,
    mean: mean(values),
    sd: standardDeviation(values),
    pair99: quantile(
      pairs.filter((v) => !Number.isNaN(v)),
      0.99,
    ),
    bestA,
    bestB,
    positionA: position.a,
    positionB: position.b,
  };
}

/** N alone. */
export function nullMean(
  permuted: Float64Array,
  areasA: ArrayLike<number>,
  areasB: ArrayLike<number>,
  cells: number,
): number {
  const [ka, kb] = [areasA.length, areasB.length];
  const chance = chanceIousInto(new Float64Array(ka * kb), areasA, areasB, cells);
  const m = new Float64Array(ka * kb);
  const values = Float64Array.from({ length: permuted.length / (ka * kb) }, (_, r) => {
    const { forward, backward } = meanBest(correctedIouInto(m, permuted, areasA, areasB, chance, r * ka * kb), ka, kb);
    return (forward + backward) / 2;
  });
  return mean(values);
}

/** Largest value of each row and of each column; -Infinity where all are NaN. */
export function bestOfEach(m: ArrayLike<number>, ka: number, kb: number): { a: Float64Array; b: Float64Array } {
  const a = new Float64Array(ka).fill(Number.NEGATIVE_INFINITY);
  const b = new Float64Array(kb).fill(Number.NEGATIVE_INFINITY);
  for (let i = 0; i < ka; i++) {
    for (let j = 0; j < kb; j++) {
      const v = m[i * kb + j]!;
      if (v > a[i]!) a[i] = v;
      if (v > b[j]!) b[j] = v;
    }
  }
  return { a, b };
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
 * bench/calibration.ts measures what bias is left.
 */
export function debiasedSimilarity(corrected: ArrayLike<number>, chance: PermutationNull): number {
  const [ka, kb] = [chance.positionA.length, chance.positionB.length];
  const observed = bestOfEach(corrected, ka, kb);
  const one = side(observed.a, chance.bestA, chance.positionA);
  const two = side(observed.b, chance.bestB, chance.positionB);
  return subtractNull((one.less + two.less) / 2, (one.position + two.position) / 2);
}

/** Means of c_i and of N0_i over the concepts of one side that show. */
function side(observed: Float64Array, best: Float32Array, position: Float64Array): { less: number; position: number } {
  const k = observed.length;
  const count = best.length / k;
  let less = 0;
  let fixed = 0;
  let shown = 0;
  for (let c = 0; c < k; c++) {
    if (observed[c] === Number.NEGATIVE_INFINITY) continue;
    let sum = 0;
    let reach = 0;
    for (let r = 0; r < count; r++) {
      sum += best[r * k + c]!;
      if (best[r * k + c]! >= observed[c]!) reach++;
    }
    less += observed[c]! - 2 * (sum / count - position[c]!) * (reach / count);
    fixed += position[c]!;
    shown++;
  }
  return { less: less / shown, position: fixed / shown };
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
