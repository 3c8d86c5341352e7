import { SamesightError } from "../errors.js";
import type { Matrix64 } from "./types.js";

/** L of A = L L^T, lower; A d x d symmetric positive definite. Throws SamesightError `invalid` when it is not. */
export function cholesky(a: Matrix64): Matrix64 {
  const d = a.rows;
  const l = new Float64Array(d * d);
  for (let i = 0; i < d; i++) {
    const row = i * d;
    for (let j = 0; j <= i; j++) {
      const other = j * d;
      let sum = a.data[row + j]!;
      for (let c = 0; c < j; c++) sum -= l[row + c]! * l[other + c]!;
      if (i !== j) l[row + j] = sum / l[other + j]!;
      else if (sum > 0) l[row + i] = Math.sqrt(sum);
      else
        throw new SamesightError(
          "invalid",
          `cholesky: pivot ${i} of ${d} is ${sum}, the matrix is not positive definite`,
        );
    }
  }
  return { data: l, rows: d, cols: d };
}

/** L^-1 of a lower triangular L, d x d, row by row. */
export function inverseLower(l: Matrix64): Matrix64 {
  const d = l.rows;
  const out = new Float64Array(d * d);
  for (let i = 0; i < d; i++) {
    const row = i * d;
    for (let c = 0; c < i; c++) {
      const weight = l.data[row + c]!;
      if (weight === 0) continue;
      const from = c * d;
      for (let j = 0; j <= c; j++) out[row + j]! -= weight * out[from + j]!;
    }
    out[row + i] = 1;
    const by = 1 / l.data[row + i]!;
    for (let j = 0; j <= i; j++) out[row + j]! *= by;
  }
  return { data: out, rows: d, cols: d };
}
