import { mean } from "./statistics.js";

/** Pearson correlation; NaN for fewer than two values or where one side is constant. */
export function pearson(x: ArrayLike<number>, y: ArrayLike<number>): number {
  const mx = mean(x);
  const my = mean(y);
  let xy = 0;
  let xx = 0;
  let yy = 0;
  for (let i = 0; i < x.length; i++) {
    const a = x[i]! - mx;
    const b = y[i]! - my;
    xy += a * b;
    xx += a * a;
    yy += b * b;
  }
  const scale = Math.sqrt(xx) * Math.sqrt(yy);
  return scale > 0 ? Math.max(-1, Math.min(1, xy / scale)) : Number.NaN;
}

/** Ranks 1..n of numbers; ties share the mean of their ranks (scipy.stats.rankdata). */
export function ranks(x: ArrayLike<number>): Float64Array {
  const sorted = Float64Array.from(x).sort();
  const out = new Float64Array(sorted.length);
  // below and up to a value, counted: ranks below + 1 .. upTo
  for (let i = 0; i < out.length; i++)
    out[i] = (count(sorted, (v) => v < x[i]!) + count(sorted, (v) => v <= x[i]!) + 1) / 2;
  return out;
}

/** How many of ascending values, from the least, hold `so`. */
function count(sorted: Float64Array, so: (v: number) => boolean): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (so(sorted[middle]!)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Spearman rank correlation: Pearson of the ranks. */
export function spearman(x: ArrayLike<number>, y: ArrayLike<number>): number {
  return pearson(ranks(x), ranks(y));
}

/** Correlation of x and y with the linear effect of z removed from both: (rxy - rxz ryz) / sqrt((1 - rxz^2)(1 - ryz^2)). A constant z removes nothing. */
export function partialCorrelation(x: ArrayLike<number>, y: ArrayLike<number>, z: ArrayLike<number>): number {
  const xy = pearson(x, y);
  const xz = pearson(x, z);
  const yz = pearson(y, z);
  if (Number.isNaN(xz) || Number.isNaN(yz)) return xy;
  const scale = Math.sqrt((1 - xz * xz) * (1 - yz * yz));
  return scale > 1e-12 ? Math.max(-1, Math.min(1, (xy - xz * yz) / scale)) : Number.NaN;
}
