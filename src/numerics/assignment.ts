import { linearSumAssignment } from "linear-sum-assignment";
import type { Matrix, Matrix64 } from "./types.js";

/** The one-to-one assignment of rows to columns with the largest sum: for each row its column, or -1 where columns ran out. */
export function maxAssignment(m: Matrix | Matrix64): Int32Array {
  const cost = Array.from({ length: m.rows }, (_, i) => Array.from(m.data.subarray(i * m.cols, (i + 1) * m.cols)));
  const out = new Int32Array(m.rows).fill(-1);
  if (m.rows === 0 || m.cols === 0) return out;
  const { rowAssignments } = linearSumAssignment(cost, { maximaze: true });
  rowAssignments.forEach((column, row) => {
    if (row < m.rows) out[row] = column >= 0 && column < m.cols ? column : -1;
  });
  return out;
}
