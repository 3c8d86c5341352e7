import type { Matrix64 } from "./types.js";

/**
 * Singular values, descending, min(rows, cols) of them, to about 1e-15 of the largest. Golub and Kahan's bidiagonalisation by Householder
 * reflections, then the eigenvalues of the tridiagonal matrix with zero diagonal that interleaves the two diagonals (they are +- the values):
 * no square is ever formed, so small values keep their digits. About 8/3 n^3 operations.
 */
export function singularValues(m: Matrix64): Float64Array {
  const { diagonal, above } = bidiagonal(m);
  const n = diagonal.length;
  const off = new Float64Array(Math.max(0, 2 * n - 1));
  for (let i = 0; i < n; i++) {
    off[2 * i] = diagonal[i]!;
    if (i + 1 < n) off[2 * i + 1] = above[i]!;
  }
  const all = tridiagonalEigenvalues(new Float64Array(2 * n), off)
    .sort()
    .reverse();
  return all.subarray(0, n).map((v) => Math.max(0, v));
}

/** Sum of singular values. */
export function nuclearNorm(m: Matrix64): number {
  return singularValues(m).reduce((sum, v) => sum + v, 0);
}

function bidiagonal(m: Matrix64): { diagonal: Float64Array; above: Float64Array } {
  const flip = m.rows < m.cols;
  const rows = flip ? m.cols : m.rows;
  const cols = flip ? m.rows : m.cols;
  const a = new Float64Array(rows * cols);
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < cols; c++) a[r * cols + c] = flip ? m.data[c * m.cols + r]! : m.data[r * cols + c]!;
  const diagonal = new Float64Array(cols);
  const above = new Float64Array(Math.max(0, cols - 1));
  const v = new Float64Array(rows);
  const w = new Float64Array(cols);
  for (let k = 0; k < cols; k++) {
    for (let r = k; r < rows; r++) v[r] = a[r * cols + k]!;
    const left = reflector(v, k, rows);
    diagonal[k] = left.head;
    if (left.tau !== 0) {
      w.fill(0, k + 1);
      for (let r = k; r < rows; r++) {
        const x = v[r]!;
        for (let c = k + 1; c < cols; c++) w[c]! += x * a[r * cols + c]!;
      }
      for (let r = k; r < rows; r++) {
        const x = left.tau * v[r]!;
        for (let c = k + 1; c < cols; c++) a[r * cols + c]! -= x * w[c]!;
      }
    }
    if (k + 1 >= cols) continue;
    for (let c = k + 1; c < cols; c++) w[c] = a[k * cols + c]!;
    const right = reflector(w, k + 1, cols);
    above[k] = right.head;
    if (right.tau === 0) continue;
    for (let r = k + 1; r < rows; r++) {
      let s = 0;
      for (let c = k + 1; c < cols; c++) s += a[r * cols + c]! * w[c]!;
      s *= right.tau;
      for (let c = k + 1; c < cols; c++) a[r * cols + c]! -= s * w[c]!;
    }
  }
  return { diagonal, above };
}

/** Turns x[from..to) into the vector v of the reflection I - tau v v^T that maps x onto head * e_from. */
function reflector(x: Float64Array, from: number, to: number): { head: number; tau: number } {
  let largest = 0;
  for (let i = from; i < to; i++) largest = Math.max(largest, Math.abs(x[i]!));
  if (largest === 0) return { head: 0, tau: 0 };
  let sum = 0;
  for (let i = from; i < to; i++) sum += (x[i]! / largest) ** 2;
  const norm = largest * Math.sqrt(sum);
  const head = x[from]! > 0 ? -norm : norm;
  const v0 = x[from]! - head;
  for (let i = from + 1; i < to; i++) x[i]! /= v0;
  x[from] = 1;
  return { head, tau: -v0 / head };
}

/**
 * Eigenvalues of a symmetric tridiagonal matrix by the QL method with implicit shifts (Golub & Van Loan, ch. 8), in no order.
 * Writes into its arguments. A coupling counts as zero below rounding of the whole matrix, so the error is absolute.
 */
function tridiagonalEigenvalues(d: Float64Array, off: Float64Array): Float64Array {
  const n = d.length;
  const e = new Float64Array(n);
  e.set(off);
  let scale = 0;
  for (let i = 0; i < n; i++) scale = Math.max(scale, Math.abs(d[i]!) + Math.abs(e[i]!));
  const negligible = 2 ** -53 * scale;
  for (let l = 0; l < n; l++) {
    for (let round = 0; round < 60; round++) {
      let end = l;
      while (end < n - 1 && Math.abs(e[end]!) > negligible) end++;
      if (end === l) break;
      const half = (d[l + 1]! - d[l]!) / (2 * e[l]!);
      let g = d[end]! - d[l]! + e[l]! / (half + Math.sign(half || 1) * Math.hypot(half, 1));
      let sine = 1;
      let cosine = 1;
      let carried = 0;
      let i = end - 1;
      for (; i >= l; i--) {
        const f = sine * e[i]!;
        const b = cosine * e[i]!;
        const r = Math.hypot(f, g);
        e[i + 1] = r;
        if (r === 0) break;
        sine = f / r;
        cosine = g / r;
        const shifted = d[i + 1]! - carried;
        const t = (d[i]! - shifted) * sine + 2 * cosine * b;
        carried = sine * t;
        d[i + 1] = shifted + carried;
        g = cosine * t - b;
      }
      if (i >= l) {
        d[i + 1]! -= carried;
        e[end] = 0;
        continue;
      }
      d[l]! -= carried;
      e[l] = g;
      e[end] = 0;
    }
  }
  return d;
}
