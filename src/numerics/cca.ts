import { dot64, matmul64, transposed } from "./dense64.js";
import type { Engine } from "./engine.js";
import { symmetricEigen } from "./orthonormal.js";
import { singularValues } from "./svd64.js";
import type { Matrix64 } from "./types.js";

/** Canonical correlations, descending, of two subspaces given by orthonormal rows (r x n, s x n): the singular values of their product, in 0..1. */
export async function canonicalCorrelations(engine: Engine, qx: Matrix64, qy: Matrix64): Promise<Float64Array> {
  return singularValues(await matmul64(engine, qx, qy, { b: true })).map((v) => Math.min(1, v));
}

/**
 * Correlations with the canonical variates of the first subspace, as rows (min(r, s) x n), each of unit length.
 * A correlation below 1e-7 has no direction of its own and a zero row.
 */
export async function canonicalVariates(
  engine: Engine,
  qx: Matrix64,
  qy: Matrix64,
): Promise<{ correlations: Float64Array; variates: Matrix64 }> {
  const m = await matmul64(engine, qx, qy, { b: true });
  const direct = m.rows <= m.cols;
  const { values, vectors } = symmetricEigen(await matmul64(engine, m, m, direct ? { b: true } : { a: true }));
  const correlations = values.map((v) => Math.sqrt(Math.min(1, Math.max(0, v))));
  const left = direct ? vectors : transposed(await matmul64(engine, m, vectors, { b: true }));
  if (!direct) normaliseRowsInto(left, correlations);
  return { correlations, variates: await matmul64(engine, left, qx) };
}

function normaliseRowsInto(m: Matrix64, correlations: Float64Array): void {
  for (let r = 0; r < m.rows; r++) {
    const row = m.data.subarray(r * m.cols, (r + 1) * m.cols);
    const norm = correlations[r]! > 1e-7 ? Math.sqrt(dot64(row, row)) : Number.POSITIVE_INFINITY;
    for (let c = 0; c < m.cols; c++) row[c]! /= norm;
  }
}
