import type { Matrix64 } from "../numerics/types.js";

/** Cells [row, column], both ascending: layers of two networks matched in order of depth. */
export type WarpPath = readonly (readonly [number, number])[];

/**
 * The matching of rows and columns, both in order of depth, that keeps the order and has the largest sum of similarity; layers may stay without a
 * partner, at the ends too, at no cost. (Dynamic time warping must run from corner to corner and visit every layer; where similarities are small
 * against 1 it takes the fewest steps, which for equal numbers of layers is the diagonal whatever they say.) Cells not above 0, and NaN, match nothing.
 */
export function orderedMatching(similarity: Matrix64): WarpPath {
  const { rows, cols } = similarity;
  const size = cols + 1;
  /** Best sum of the first i rows and j columns. */
  const sum = new Float64Array((rows + 1) * size);
  const at = (i: number, j: number) => sum[i * size + j]!;
  for (let i = 1; i <= rows; i++) {
    for (let j = 1; j <= cols; j++) {
      const here = similarity.data[(i - 1) * cols + j - 1]!;
      const matched = here > 0 ? at(i - 1, j - 1) + here : 0;
      sum[i * size + j] = Math.max(at(i - 1, j), at(i, j - 1), matched);
    }
  }
  const path: [number, number][] = [];
  for (let i = rows, j = cols; i > 0 && j > 0; ) {
    if (at(i, j) === at(i - 1, j)) i--;
    else if (at(i, j) === at(i, j - 1)) j--;
    else path.push([--i, --j]);
  }
  return path.reverse();
}
