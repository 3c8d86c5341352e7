/** Matrices for tests. */
import { normal } from "../../src/numerics/random.js";
import type { Matrix, Matrix64, Random } from "../../src/numerics/types.js";

export function randomMatrix64(rows: number, cols: number, random: Random): Matrix64 {
  return { data: Float64Array.from({ length: rows * cols }, () => normal(random)), rows, cols };
}

export function randomMatrix(rows: number, cols: number, random: Random): Matrix {
  return { data: Float32Array.from({ length: rows * cols }, () => normal(random)), rows, cols };
}

/** Columns with mean 0 and standard deviation 1 (population formula). */
export function standardised(rows: readonly (readonly number[])[]): Matrix64 {
  const n = rows.length;
  const cols = rows[0]!.length;
  const data = new Float64Array(n * cols);
  for (let c = 0; c < cols; c++) {
    const mean = rows.reduce((s, r) => s + r[c]!, 0) / n;
    const sd = Math.sqrt(rows.reduce((s, r) => s + (r[c]! - mean) ** 2, 0) / n);
    for (let r = 0; r < n; r++) data[r * cols + c] = (rows[r]![c]! - mean) / sd;
  }
  return { data, rows: n, cols };
}

export function product(a: Matrix64, b: Matrix64): Matrix64 {
  const data = new Float64Array(a.rows * b.cols);
  for (let i = 0; i < a.rows; i++)
    for (let k = 0; k < a.cols; k++)
      for (let j = 0; j < b.cols; j++) data[i * b.cols + j]! += a.data[i * a.cols + k]! * b.data[k * b.cols + j]!;
  return { data, rows: a.rows, cols: b.cols };
}

/** A random rotation (with reflection): Gram and Schmidt on a random square matrix. */
export function rotation(d: number, random: Random): Matrix64 {
  const q = randomMatrix64(d, d, random);
  for (let i = 0; i < d; i++) {
    for (let twice = 0; twice < 2; twice++) {
      for (let j = 0; j < i; j++) {
        let s = 0;
        for (let c = 0; c < d; c++) s += q.data[i * d + c]! * q.data[j * d + c]!;
        for (let c = 0; c < d; c++) q.data[i * d + c]! -= s * q.data[j * d + c]!;
      }
    }
    let norm = 0;
    for (let c = 0; c < d; c++) norm += q.data[i * d + c]! ** 2;
    for (let c = 0; c < d; c++) q.data[i * d + c]! /= Math.sqrt(norm);
  }
  return q;
}

export const single = (m: Matrix64): Matrix => ({ ...m, data: Float32Array.from(m.data) });
export const double = (m: Matrix): Matrix64 => ({ ...m, data: Float64Array.from(m.data) });
