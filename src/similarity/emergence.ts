import type { Interval } from "../numerics/bootstrap.js";
import { percentileInterval } from "../numerics/bootstrap.js";
import { spearman } from "../numerics/correlation.js";
import { permutation } from "../numerics/random.js";
import { mean, permutationP } from "../numerics/statistics.js";
import type { Matrix, Random } from "../numerics/types.js";

/** A layer has a concept as soon as it has this share of the concept's best quality in the network (METHOD.md 1.2.3). */
const SHARE_OF_BEST = 0.9;

export interface Emergence {
  /** Place of the layer among those given; -1 where no layer has a quality. */
  readonly layer: number;
  readonly best: number;
  readonly depth: number;
  readonly interval: Interval;
}

/** Smallest depth with at least 0.9 of the best quality. `quality` a value a layer, `resampled` resamples x layers. */
export function emergence(quality: ArrayLike<number>, resampled: Matrix, depth: ArrayLike<number>): Emergence {
  const layer = firstLayer(quality, depth);
  const values = new Float64Array(resampled.rows).fill(Number.NaN);
  for (let r = 0; r < resampled.rows; r++) {
    const at = firstLayer(resampled.data.subarray(r * resampled.cols, (r + 1) * resampled.cols), depth);
    if (at >= 0) values[r] = depth[at]!;
  }
  return {
    layer,
    best: bestLayer(quality),
    depth: layer < 0 ? Number.NaN : depth[layer]!,
    interval: percentileInterval(values),
  };
}

function bestLayer(quality: ArrayLike<number>): number {
  let best = -1;
  for (let i = 0; i < quality.length; i++)
    if (!Number.isNaN(quality[i]!) && (best < 0 || quality[i]! > quality[best]!)) best = i;
  return best;
}

function firstLayer(quality: ArrayLike<number>, depth: ArrayLike<number>): number {
  const best = bestLayer(quality);
  if (best < 0 || !(quality[best]! > 0)) return -1;
  let first = best;
  for (let i = 0; i < quality.length; i++)
    if (quality[i]! >= SHARE_OF_BEST * quality[best]! && depth[i]! < depth[first]!) first = i;
  return first;
}

/** Layers of one network: depth of each, and for each concept (rows) the quality of each layer (columns). */
export interface Profile {
  readonly depth: ArrayLike<number>;
  readonly quality: Matrix;
}

export interface EmergenceTest {
  /** Concepts with an emergence depth in both. */
  readonly concepts: number;
  readonly difference: number;
  readonly chance: number;
  readonly p: number;
  readonly spearman: number;
}

/** Do concepts emerge at the same depth in two networks? Null: the layers of b permuted, the same way for all concepts. */
export function emergenceTest(a: Profile, b: Profile, random: Random, permutations: number): EmergenceTest {
  const own = depths(a, a.depth);
  const compare = (depth: ArrayLike<number>) => {
    const other = depths(b, depth);
    const known = own.flatMap((d, j) => (Number.isNaN(d) || Number.isNaN(other[j]!) ? [] : [j]));
    return {
      known,
      difference: mean(known.map((j) => Math.abs(own[j]! - other[j]!))),
      rho: spearman(
        known.map((j) => own[j]!),
        known.map((j) => other[j]!),
      ),
    };
  };
  const observed = compare(b.depth);
  const nulls: number[] = [];
  for (let i = 0; i < permutations; i++) {
    const order = permutation(b.depth.length, random);
    nulls.push(compare(Array.from(order, (at) => b.depth[at]!)).difference);
  }
  return {
    concepts: observed.known.length,
    difference: observed.difference,
    chance: mean(nulls),
    p: Number.isNaN(observed.difference)
      ? Number.NaN
      : permutationP(
          -observed.difference,
          nulls.map((d) => -d),
        ),
    spearman: observed.rho,
  };
}

function depths({ quality }: Profile, depth: ArrayLike<number>): number[] {
  return Array.from({ length: quality.rows }, (_, j) => {
    const at = firstLayer(quality.data.subarray(j * quality.cols, (j + 1) * quality.cols), depth);
    return at < 0 ? Number.NaN : depth[at]!;
  });
}

/** V(a, b) = mean over concepts of (Q_a - Q_b)^2, concepts without a quality in either left out; NaN without any. */
export function semanticVariance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const squares: number[] = [];
  for (let j = 0; j < a.length; j++)
    if (!Number.isNaN(a[j]!) && !Number.isNaN(b[j]!)) squares.push((a[j]! - b[j]!) ** 2);
  return mean(squares);
}
