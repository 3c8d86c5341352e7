import { Matrix as Dense, EigenvalueDecomposition } from "ml-matrix";
import { normal } from "./random.js";
import type { Matrix64, Random } from "./types.js";

const EXTRA = 8;
const MOST_ROUNDS = 300;

/**
 * The k largest eigenpairs of a symmetric positive semi-definite matrix, by subspace iteration with Rayleigh-Ritz
 * (Golub & Van Loan, ch. 8): values descending, vectors as k rows of length n, unit norm, largest entry positive.
 */
export function topEigen(g: Matrix64, k: number, random: Random): { values: Float64Array; vectors: Matrix64 } {
  const n = g.rows;
  const m = Math.min(n, k + EXTRA);
  let q = orthonormalRows({ data: Float64Array.from({ length: m * n }, () => normal(random)), rows: m, cols: n });
  let values = new Float64Array(m);
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const y = timesSymmetric(q, g);
    const small = new Dense(m, m);
    for (let i = 0; i < m; i++) for (let j = 0; j < m; j++) small.set(i, j, dot(q, i, y, j));
    const evd = new EigenvalueDecomposition(small, { assumeSymmetric: true });
    // ml-matrix gives ascending values
    const order = Array.from({ length: m }, (_, i) => m - 1 - i);
    const next = Float64Array.from(order, (i) => Math.max(0, evd.realEigenvalues[i]!));
    const rotated = new Float64Array(m * n);
    order.forEach((from, i) => {
      for (let j = 0; j < m; j++) {
        const weight = evd.eigenvectorMatrix.get(j, from);
        for (let c = 0; c < n; c++) rotated[i * n + c]! += weight * y.data[j * n + c]!;
      }
    });
    const moved = Math.max(...Array.from({ length: k }, (_, i) => Math.abs(next[i]! - values[i]!) / (next[0]! || 1)));
    values = next;
    q = orthonormalRows({ data: rotated, rows: m, cols: n });
    if (m === n || moved < 1e-13) break;
  }
  const vectors = { data: q.data.slice(0, k * n), rows: k, cols: n };
  for (let i = 0; i < k; i++) {
    let top = 0;
    for (let c = 1; c < n; c++) if (Math.abs(vectors.data[i * n + c]!) > Math.abs(vectors.data[i * n + top]!)) top = c;
    if (vectors.data[i * n + top]! < 0) for (let c = 0; c < n; c++) vectors.data[i * n + c]! *= -1;
  }
  return { values: values.slice(0, k), vectors };
}

function dot(a: Matrix64, i: number, b: Matrix64, j: number): number {
  let sum = 0;
  for (let c = 0; c < a.cols; c++) sum += a.data[i * a.cols + c]! * b.data[j * b.cols + c]!;
  return sum;
}

function timesSymmetric(q: Matrix64, g: Matrix64): Matrix64 {
  const data = new Float64Array(q.rows * q.cols);
  for (let i = 0; i < q.rows; i++) {
    for (let j = 0; j < q.cols; j++) {
      const v = q.data[i * q.cols + j]!;
      if (v !== 0) for (let c = 0; c < q.cols; c++) data[i * q.cols + c]! += v * g.data[j * q.cols + c]!;
    }
  }
  return { data, rows: q.rows, cols: q.cols };
}

/** Gram and Schmidt, twice, which is enough for orthogonality to rounding. Rows that vanish stay zero. */
function orthonormalRows(q: Matrix64): Matrix64 {
  const { cols } = q;
  for (let i = 0; i < q.rows; i++) {
    const start = Math.sqrt(dot(q, i, q, i));
    for (let twice = 0; twice < 2; twice++) {
      for (let j = 0; j < i; j++) {
        const d = dot(q, i, q, j);
        for (let c = 0; c < cols; c++) q.data[i * cols + c]! -= d * q.data[j * cols + c]!;
      }
    }
    const norm = Math.sqrt(dot(q, i, q, i));
    for (let c = 0; c < cols; c++) q.data[i * cols + c] = norm > 1e-14 * start ? q.data[i * cols + c]! / norm : 0;
  }
  return q;
}
