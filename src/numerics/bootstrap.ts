import { quantileSorted } from "./quantile.js";
import { below } from "./random.js";
import { mean, normalCdf, normalQuantile, standardDeviation, studentQuantile } from "./statistics.js";
import type { Matrix, Random } from "./types.js";

/**
 * How often each of n units occurs in each of `resamples` draws with replacement: resamples x n. With `groups` (one label a unit, as crops of one
 * photograph share), whole groups are drawn: the cluster bootstrap.
 */
export function bootstrapWeights(n: number, resamples: number, random: Random, groups: readonly string[] = []): Matrix {
  const members = new Map<string | number, number[]>();
  for (let i = 0; i < n; i++) {
    const key = groups[i] ?? i;
    const group = members.get(key);
    if (group) group.push(i);
    else members.set(key, [i]);
  }
  const clusters = [...members.values()];
  const data = new Float32Array(resamples * n);
  for (let r = 0; r < resamples; r++)
    for (let draw = 0; draw < clusters.length; draw++)
      for (const i of clusters[below(clusters.length, random)]!) data[r * n + i]!++;
  return { data, rows: resamples, cols: n };
}

/** Row i leaves out unit i (or its whole group): n x n, or groups x n; for the acceleration of BCa. */
export function jackknifeWeights(n: number, groups: readonly string[] = []): Matrix {
  const labels = [...new Set(Array.from({ length: n }, (_, i) => groups[i] ?? i))];
  const data = new Float32Array(labels.length * n).fill(1);
  labels.forEach((label, r) => {
    for (let i = 0; i < n; i++) if ((groups[i] ?? i) === label) data[r * n + i] = 0;
  });
  return { data, rows: labels.length, cols: n };
}

export interface Interval {
  readonly low: number;
  readonly high: number;
}

const NONE: Interval = { low: Number.NaN, high: Number.NaN };

/** Central interval of the bootstrap values (Efron's percentile). NaN values are left out; no values, no interval. */
export function percentileInterval(values: ArrayLike<number>, level = 0.95): Interval {
  const sorted = finite(values);
  if (sorted.length === 0) return NONE;
  return { low: quantileSorted(sorted, (1 - level) / 2), high: quantileSorted(sorted, (1 + level) / 2) };
}

/** Basic (reverse percentile) interval: 2 estimate - upper quantile, 2 estimate - lower quantile. */
export function basicInterval(estimate: number, values: ArrayLike<number>, level = 0.95): Interval {
  const { low, high } = percentileInterval(values, level);
  return { low: 2 * estimate - high, high: 2 * estimate - low };
}

/**
 * estimate +- t * sd of the bootstrap values, with the t of `units` - 1 degrees of freedom and the sd widened by sqrt(units / (units - 1)): for
 * statistics that are biased upwards in resamples, as a mean of maxima is (percentiles then sit too high).
 */
export function studentInterval(estimate: number, values: ArrayLike<number>, units: number, level = 0.95): Interval {
  const half =
    studentQuantile((1 + level) / 2, units - 1) * standardDeviation(finite(values)) * Math.sqrt(units / (units - 1));
  return Number.isFinite(half) ? { low: estimate - half, high: estimate + half } : NONE;
}

/** estimate +- z sd of the bootstrap values: their spread and not their place, for statistics that resampling shifts and widens a little. */
export function normalInterval(estimate: number, values: ArrayLike<number>, level = 0.95): Interval {
  const half = normalQuantile((1 + level) / 2) * standardDeviation(finite(values));
  return Number.isFinite(half) ? { low: estimate - half, high: estimate + half } : NONE;
}

/**
 * BCa (Efron 1987): percentiles moved for the bias z0 of the bootstrap values (ties with the estimate count half) and for the acceleration of the
 * jackknife values.
 */
export function bcaInterval(
  estimate: number,
  values: ArrayLike<number>,
  jackknife: ArrayLike<number>,
  level = 0.95,
): Interval {
  const sorted = finite(values);
  if (sorted.length === 0) return NONE;
  const below = sorted.reduce((s, v) => s + (v < estimate ? 1 : v === estimate ? 0.5 : 0), 0) / sorted.length;
  const z0 = normalQuantile(Math.min(1 - 0.5 / sorted.length, Math.max(0.5 / sorted.length, below)));
  const leave = finite(jackknife);
  const centre = mean(leave);
  const squares = leave.reduce((s, v) => s + (centre - v) ** 2, 0);
  const cubes = leave.reduce((s, v) => s + (centre - v) ** 3, 0);
  const a = squares > 0 ? cubes / (6 * squares ** 1.5) : 0;
  const at = (p: number) => {
    const z = z0 + normalQuantile(p);
    return quantileSorted(sorted, normalCdf(z0 + z / (1 - a * z)));
  };
  return { low: at((1 - level) / 2), high: at((1 + level) / 2) };
}

function finite(values: ArrayLike<number>): Float64Array {
  return Float64Array.from(values)
    .filter((v) => Number.isFinite(v))
    .sort();
}
