import { Matrix as Dense, EigenvalueDecomposition } from "ml-matrix";
import { matmul64, transposed } from "./dense64.js";
import type { Engine } from "./engine.js";
import type { Matrix64 } from "./types.js";

/**
 * M = L Q by Gram and Schmidt with reorthogonalisation: L rows x rows lower triangular, Q rows of unit length or, where a row of M depends on
 * those before it (residual under `tolerance` of its length), zero. M M^T = L L^T.
 */
export function lq(m: Matrix64, tolerance = 1e-12): { l: Matrix64; q: Matrix64; rank: number } {
  const { rows: n, cols } = m;
  const q = m.data.slice();
  const l = new Float64Array(n * n);
  let rank = 0;
  const product = (i: number, j: number) => {
    let sum = 0;
    for (let c = 0; c < cols; c++) sum += q[i * cols + c]! * q[j * cols + c]!;
    return sum;
  };
  for (let i = 0; i < n; i++) {
    const start = Math.sqrt(product(i, i));
    for (let twice = 0; twice < 2; twice++) {
      for (let j = 0; j < i; j++) {
        const s = product(i, j);
        l[i * n + j]! += s;
        if (s !== 0) for (let c = 0; c < cols; c++) q[i * cols + c]! -= s * q[j * cols + c]!;
      }
    }
    const left = Math.sqrt(product(i, i));
    const keep = left > tolerance * start;
    if (keep) rank++;
    l[i * n + i] = keep ? left : 0;
    for (let c = 0; c < cols; c++) q[i * cols + c] = keep ? q[i * cols + c]! / left : 0;
  }
  return { l: { data: l, rows: n, cols: n }, q: { data: q, rows: n, cols }, rank };
}

/** Rows of Q that are not zero. */
export function nonzeroRows(q: Matrix64): Matrix64 {
  const kept: number[] = [];
  for (let r = 0; r < q.rows; r++) if (q.data.subarray(r * q.cols, (r + 1) * q.cols).some((v) => v !== 0)) kept.push(r);
  const data = new Float64Array(kept.length * q.cols);
  kept.forEach((r, i) => {
    data.set(q.data.subarray(r * q.cols, (r + 1) * q.cols), i * q.cols);
  });
  return { data, rows: kept.length, cols: q.cols };
}

/** All eigenpairs of a symmetric matrix: values descending, vectors as rows. */
export function symmetricEigen(g: Matrix64): { values: Float64Array; vectors: Matrix64 } {
  const n = g.rows;
  const dense = new Dense(n, n);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) dense.set(i, j, (g.data[i * n + j]! + g.data[j * n + i]!) / 2);
  const evd = new EigenvalueDecomposition(dense, { assumeSymmetric: true });
  const order = Array.from({ length: n }, (_, i) => i).sort(
    (a, b) => evd.realEigenvalues[b]! - evd.realEigenvalues[a]!,
  );
  const vectors = new Float64Array(n * n);
  order.forEach((from, i) => {
    for (let c = 0; c < n; c++) vectors[i * n + c] = evd.eigenvectorMatrix.get(c, from);
  });
  return {
    values: Float64Array.from(order, (i) => evd.realEigenvalues[i]!),
    vectors: { data: vectors, rows: n, cols: n },
  };
}

/**
 * Left singular vectors of X (n x d) as rows (r x n), r the fewest whose singular values sum to `share` of all of them.
 * Through the smaller Gram matrix, then orthonormalised once more: directions that carry 99 % of the sum keep 8 digits or more.
 */
export async function leadingLeftVectors(engine: Engine, x: Matrix64, share: number): Promise<Matrix64> {
  const tall = x.rows >= x.cols;
  const gram = await matmul64(engine, x, x, tall ? { a: true } : { b: true });
  const { values, vectors } = symmetricEigen(gram);
  // eigenvalues below rounding of the largest are noise of either sign
  const singular = values.map((v) => (v > 1e-14 * values[0]! ? Math.sqrt(v) : 0));
  const total = singular.reduce((sum, v) => sum + v, 0);
  let r = 0;
  for (let sum = 0; r < singular.length && singular[r]! > 0 && sum < share * total; r++) sum += singular[r]!;
  const top = { data: vectors.data.slice(0, r * gram.cols), rows: r, cols: gram.cols };
  const left = tall ? transposed(await matmul64(engine, x, top, { b: true })) : top;
  return nonzeroRows(lq(left).q);
}
