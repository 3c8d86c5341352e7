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

/** Ranks 1..n; ties share the mean of their ranks (scipy.stats.rankdata). */
export function ranks(x: ArrayLike<number>): Float64Array {
  const order = Array.from({ length: x.length }, (_, i) => i).sort((a, b) => x[a]! - x[b]!);
  const out = new Float64Array(x.length);
  for (let from = 0; from < order.length; ) {
    let to = from + 1;
    while (to < order.length && x[order[to]!] === x[order[from]!]) to++;
    for (let i = from; i < to; i++) out[order[i]!] = (from + to + 1) / 2;
    from = to;
  }
  return out;
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
