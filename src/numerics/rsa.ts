import { dot64, matmul64 } from "./dense64.js";
import type { Engine } from "./engine.js";
import type { Matrix64 } from "./types.js";

/** A copy with mean 0 and length 1; all zero where nothing varies. */
export function unitVariation(values: Float64Array): Float64Array {
  let mean = 0;
  for (const v of values) mean += v;
  mean /= values.length || 1;
  const out = values.map((v) => v - mean);
  const norm = Math.sqrt(dot64(out, out));
  const floor = 1e-12 * Math.abs(mean) * Math.sqrt(values.length);
  return norm > floor ? out.map((v) => v / norm) : out.fill(0);
}

/**
 * 1 - Pearson correlation of each two rows of X (n x d): the n (n - 1) / 2 values above the diagonal, row by row, and the rows without variation,
 * whose correlation does not exist (their entries are 1).
 */
export async function correlationDissimilarity(
  engine: Engine,
  x: Matrix64,
): Promise<{ upper: Float64Array; constantRows: number[] }> {
  const rows = new Float64Array(x.data.length);
  const constantRows: number[] = [];
  for (let r = 0; r < x.rows; r++) {
    const unit = unitVariation(x.data.slice(r * x.cols, (r + 1) * x.cols));
    rows.set(unit, r * x.cols);
    if (unit.every((v) => v === 0)) constantRows.push(r);
  }
  const unit = { data: rows, rows: x.rows, cols: x.cols };
  const k = await matmul64(engine, unit, unit, { b: true });
  const n = x.rows;
  const upper = new Float64Array((n * (n - 1)) / 2);
  for (let i = 0, at = 0; i < n; i++) for (let j = i + 1; j < n; j++, at++) upper[at] = 1 - k.data[i * n + j]!;
  return { upper, constantRows };
}

/** The part of an upper triangle that belongs to a resample of its items; pairs of an item with itself are left out. */
export function resampledTriangle(upper: Float64Array, n: number, items: ArrayLike<number>): Float64Array {
  const out: number[] = [];
  for (let a = 0; a < items.length; a++) {
    for (let b = a + 1; b < items.length; b++) {
      const i = Math.min(items[a]!, items[b]!);
      const j = Math.max(items[a]!, items[b]!);
      if (i !== j) out.push(upper[i * n - (i * (i + 1)) / 2 + (j - i - 1)]!);
    }
  }
  return Float64Array.from(out);
}
