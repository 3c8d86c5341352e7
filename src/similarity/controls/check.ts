import type { Matrix } from "../../numerics/types.js";

/** Why X cannot be used at all: fewer than `least` samples, a value that is not finite, or features that do not vary. */
export function unusable(x: Matrix, least = 4): string | undefined {
  if (x.rows < least) return `${x.rows} samples, at least ${least} needed`;
  if (x.cols === 0) return "no features";
  const bad = x.data.findIndex((v) => !Number.isFinite(v));
  if (bad >= 0) return `sample ${Math.floor(bad / x.cols)}, feature ${bad % x.cols} is not a finite number`;
  return constantColumns(x) === x.cols ? `all ${x.cols} features are constant` : undefined;
}

/** Features with the same value in every sample. */
export function constantColumns(x: Matrix): number {
  let count = 0;
  for (let c = 0; c < x.cols; c++) {
    let r = 1;
    while (r < x.rows && x.data[r * x.cols + c] === x.data[c]) r++;
    if (r === x.rows) count++;
  }
  return count;
}
