import { CholeskyDecomposition, Matrix as Dense } from "ml-matrix";
import type { Matrix64 } from "./types.js";

/** W of (G + lambda I) W = C by Cholesky; G d x d positive semi-definite, C d x t, lambda > 0. */
export function ridge(g: Matrix64, c: Matrix64, lambda: number): Matrix64 {
  const d = g.rows;
  const left = new Dense(d, d);
  for (let i = 0; i < d; i++) for (let j = 0; j < d; j++) left.set(i, j, g.data[i * d + j]! + (i === j ? lambda : 0));
  const right = new Dense(d, c.cols);
  for (let i = 0; i < d; i++) for (let j = 0; j < c.cols; j++) right.set(i, j, c.data[i * c.cols + j]!);
  const w = new CholeskyDecomposition(left).solve(right);
  return { data: Float64Array.from(w.to1DArray()), rows: d, cols: c.cols };
}
