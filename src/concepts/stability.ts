import { maxAssignment } from "../numerics/assignment.js";
import type { Matrix, Matrix64 } from "../numerics/types.js";

/** Cosines of all pairs of rows of unit norm: k_a x k_b. */
export function cosines(a: Matrix, b: Matrix): Matrix64 {
  const data = new Float64Array(a.rows * b.rows);
  for (let i = 0; i < a.rows; i++) {
    for (let j = 0; j < b.rows; j++) {
      let sum = 0;
      for (let c = 0; c < a.cols; c++) sum += a.data[i * a.cols + c]! * b.data[j * b.cols + c]!;
      data[i * b.rows + j] = sum;
    }
  }
  return { data, rows: a.rows, cols: b.rows };
}

/** For each concept the mean |cosine| with the concept that optimal assignment gives it in each refit; 0..1. Signs mean nothing for signed methods. */
export function stability(vectors: Matrix, refits: readonly Matrix[]): Float64Array {
  const out = new Float64Array(vectors.rows);
  for (const refit of refits) {
    const alike = cosines(vectors, refit);
    const size = { ...alike, data: alike.data.map(Math.abs) };
    maxAssignment(size).forEach((j, i) => {
      out[i]! += (j < 0 ? 0 : size.data[i * size.cols + j]!) / refits.length;
    });
  }
  return out;
}
