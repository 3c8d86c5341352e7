import { Matrix as Dense, EigenvalueDecomposition } from "ml-matrix";
import type { Engine } from "./engine.js";
import { matmul } from "./matmul.js";
import { normal } from "./random.js";
import type { Matrix, Matrix64, Random } from "./types.js";

const EXTRA = 8;
const MOST_ROUNDS = 300;
/** Products with G before the one Rayleigh-Ritz step of a rough answer. */
const ROUGH_ROUNDS = 6;

/**
 * The k largest eigenpairs of a symmetric positive semi-definite matrix, by subspace iteration with Rayleigh-Ritz
 * (Golub & Van Loan, ch. 8): values descending, vectors as k rows of length n, unit norm, largest entry positive.
 */
export function topEigen(g: Matrix64, k: number, random: Random): { values: Float64Array; vectors: Matrix64 } {
  const n = g.rows;
  const m = Math.min(n, k + EXTRA);
  let q = orthonormalRows({ data: Float64Array.from({ length: m * n }, () => normal(random)), rows: m, cols: n });
  let values: Float64Array = new Float64Array(m);
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const { values: next, rotated } = rayleighRitz(q, timesSymmetric(q, g));
    const moved = Math.max(...Array.from({ length: k }, (_, i) => Math.abs(next[i]! - values[i]!) / (next[0]! || 1)));
    values = next;
    q = orthonormalRows(rotated);
    if (m === n || moved < 1e-13) break;
  }
  return leading(values, q, k);
}

/**
 * The same, roughly and in single precision by the engine: a fixed number of rounds, good to a few digits where eigenvalues lie apart. For starts
 * of iterations that go on from there.
 */
export async function roughTopEigen(
  engine: Engine,
  g: Matrix,
  k: number,
  random: Random,
): Promise<{ values: Float64Array; vectors: Matrix64 }> {
  const n = g.rows;
  const m = Math.min(n, k + EXTRA);
  const times = async (q: Matrix64): Promise<Matrix64> => {
    const y = await matmul(engine, { ...q, data: Float32Array.from(q.data) }, g);
    return { ...y, data: Float64Array.from(y.data) };
  };
  let q = orthonormalRows({ data: Float64Array.from({ length: m * n }, () => normal(random)), rows: m, cols: n });
  for (let round = 0; round < ROUGH_ROUNDS; round++) q = orthonormalRows(await times(q));
  const { values, rotated } = rayleighRitz(q, await times(q));
  return leading(values, orthonormalRows(rotated), k);
}

/** q: m orthonormal rows, y = q G -> the Ritz values, descending, and the Ritz vectors times G (not of unit length). */
function rayleighRitz(q: Matrix64, y: Matrix64): { values: Float64Array; rotated: Matrix64 } {
  const { rows: m, cols: n } = q;
  const small = new Dense(m, m);
  const [from, to] = [rowsOf(q), rowsOf(y)];
  for (let i = 0; i < m; i++) for (let j = 0; j < m; j++) small.set(i, j, inner(from[i]!, to[j]!));
  const evd = new EigenvalueDecomposition(small, { assumeSymmetric: true });
  // ml-matrix gives ascending values
  const order = Array.from({ length: m }, (_, i) => m - 1 - i);
  const rotated = new Float64Array(m * n);
  order.forEach((at, i) => {
    for (let j = 0; j < m; j++) {
      const weight = evd.eigenvectorMatrix.get(j, at);
      for (let c = 0; c < n; c++) rotated[i * n + c]! += weight * y.data[j * n + c]!;
    }
  });
  const values = Float64Array.from(order, (i) => Math.max(0, evd.realEigenvalues[i]!));
  return { values, rotated: { data: rotated, rows: m, cols: n } };
}

/** The first k pairs, each vector with its largest entry positive. */
function leading(values: Float64Array, q: Matrix64, k: number): { values: Float64Array; vectors: Matrix64 } {
  const n = q.cols;
  const vectors = { data: q.data.slice(0, k * n), rows: k, cols: n };
  for (let i = 0; i < k; i++) {
    let top = 0;
    for (let c = 1; c < n; c++) if (Math.abs(vectors.data[i * n + c]!) > Math.abs(vectors.data[i * n + top]!)) top = c;
    if (vectors.data[i * n + top]! < 0) for (let c = 0; c < n; c++) vectors.data[i * n + c]! *= -1;
  }
  return { values: values.slice(0, k), vectors };
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
  const rows = rowsOf(q);
  rows.forEach((row, i) => {
    const start = Math.sqrt(inner(row, row));
    for (let twice = 0; twice < 2; twice++) {
      for (let j = 0; j < i; j++) subtractInto(row, inner(row, rows[j]!), rows[j]!);
    }
    const norm = Math.sqrt(inner(row, row));
    for (let c = 0; c < row.length; c++) row[c] = norm > 1e-14 * start ? row[c]! / norm : 0;
  });
  return q;
}

/** Its rows, as views. */
function rowsOf(q: Matrix64): Float64Array[] {
  return Array.from({ length: q.rows }, (_, i) => q.data.subarray(i * q.cols, (i + 1) * q.cols));
}

function inner(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let c = 0; c < a.length; c++) sum += a[c]! * b[c]!;
  return sum;
}

function subtractInto(row: Float64Array, times: number, other: Float64Array): void {
  for (let c = 0; c < row.length; c++) row[c]! -= times * other[c]!;
}
