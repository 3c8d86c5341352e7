/**
 * Hilbert-Schmidt independence, the unbiased estimate (Song et al. 2012), for linear kernels.
 *   X  n x d, rows are samples     K = X X^T     U  K with its diagonal dropped and rows and columns centred for that ("U-centred")
 *   HSIC_1(K, L) = <U_K, U_L> / (n (n - 3))                                   (Szekely & Rizzo 2014; the same number as the trace formula)
 *   CKA = HSIC_1(K, L) / sqrt(HSIC_1(K, K) HSIC_1(L, L))                       (Kornblith et al. 2019, debiased)
 */
import { centredColumns, dot64, frobenius, matmul64 } from "./dense64.js";
import type { Engine } from "./engine.js";
import type { Matrix, Matrix64 } from "./types.js";

/** Above so many samples the n x n matrices are never made: products of features give the same number. */
const MOST_SAMPLES_FOR_KERNEL = 1024;

export interface HsicItem {
  readonly n: number;
  /** Upper triangle of U, n (n - 1) / 2 values; the scale of X is divided out. */
  readonly upper?: Float64Array;
  /** Instead, for many samples: X centred and scaled, with the squared norm of each row. */
  readonly features?: Matrix64;
  readonly squares?: Float64Array;
  /** <U, U>. */
  readonly energy: number;
}

/** Per-item part. n >= 4. `energy` is 0 where X does not vary. */
export async function hsicItem(engine: Engine, x: Matrix, mostForKernel = MOST_SAMPLES_FOR_KERNEL): Promise<HsicItem> {
  const features = centredColumns(x);
  const scale = frobenius(features) / Math.sqrt(x.rows) || 1;
  for (let i = 0; i < features.data.length; i++) features.data[i]! /= scale;
  if (x.rows <= mostForKernel) {
    const upper = uCentred(await matmul64(engine, features, features, { b: true }));
    return { n: x.rows, upper, energy: 2 * dot64(upper, upper) };
  }
  const squares = rowSquares(features);
  const item = { n: x.rows, features, squares, energy: 0 };
  return { ...item, energy: await uProduct(engine, item, item) };
}

/** <U_K, U_L>, over all ordered pairs of samples. */
export async function uProduct(engine: Engine, a: HsicItem, b: HsicItem): Promise<number> {
  if (a.upper && b.upper) return 2 * dot64(a.upper, b.upper);
  const c = await matmul64(engine, a.features!, b.features!, { a: true });
  const n = a.n;
  let both = 0;
  let sumA = 0;
  let sumB = 0;
  for (let i = 0; i < n; i++) {
    both += a.squares![i]! * b.squares![i]!;
    sumA += a.squares![i]!;
    sumB += b.squares![i]!;
  }
  // columns are centred, so a row of K sums to zero and, without its diagonal, to minus the row's squared norm
  return dot64(c.data, c.data) - both + (sumA * sumB) / ((n - 1) * (n - 2)) - (2 / (n - 2)) * both;
}

/** U-centres a symmetric n x n matrix; gives its upper triangle, row by row. */
export function uCentred(k: Matrix64): Float64Array {
  const n = k.rows;
  const rowSum = new Float64Array(n);
  let total = 0;
  for (let i = 0; i < n; i++) {
    let sum = -k.data[i * n + i]!;
    for (let j = 0; j < n; j++) sum += k.data[i * n + j]!;
    rowSum[i] = sum / (n - 2);
    total += sum;
  }
  total /= (n - 1) * (n - 2);
  const upper = new Float64Array((n * (n - 1)) / 2);
  for (let i = 0, at = 0; i < n; i++)
    for (let j = i + 1; j < n; j++, at++) upper[at] = k.data[i * n + j]! - rowSum[i]! - rowSum[j]! + total;
  return upper;
}

function rowSquares(m: Matrix64): Float64Array {
  const out = new Float64Array(m.rows);
  for (let r = 0, i = 0; r < m.rows; r++) for (let c = 0; c < m.cols; c++, i++) out[r]! += m.data[i]! * m.data[i]!;
  return out;
}
