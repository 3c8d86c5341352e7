import type { Matrix64 } from "../numerics/types.js";

/** Path of cells [row, column] from the first layers of both networks to the last. */
export type WarpPath = readonly (readonly [number, number])[];

/**
 * Dynamic time warping: the path of least summed cost through a matrix whose rows and columns are in order of depth, by steps down, right or both.
 * Of equal paths the one that goes both ways. NaN costs count as 1 (no similarity at all).
 */
export function warpPath(cost: Matrix64): WarpPath {
  const { rows, cols } = cost;
  if (rows === 0 || cols === 0) return [];
  const sum = new Float64Array(rows * cols);
  const from = (i: number, j: number) => (i < 0 || j < 0 ? Number.POSITIVE_INFINITY : sum[i * cols + j]!);
  const step = (i: number, j: number): [number, number] => {
    const both = from(i - 1, j - 1);
    const down = from(i - 1, j);
    const right = from(i, j - 1);
    if (both <= down && both <= right) return [i - 1, j - 1];
    return down <= right ? [i - 1, j] : [i, j - 1];
  };
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < cols; j++) {
      const here = cost.data[i * cols + j]!;
      const before = i === 0 && j === 0 ? 0 : from(...step(i, j));
      sum[i * cols + j] = before + (Number.isNaN(here) ? 1 : here);
    }
  }
  const path: [number, number][] = [[rows - 1, cols - 1]];
  for (let at = path[0]!; at[0] > 0 || at[1] > 0; at = path[path.length - 1]!) path.push(step(...at));
  return path.reverse();
}
