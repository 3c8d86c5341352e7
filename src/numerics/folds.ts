/**
 * Moments of a regression of Y (n x t) on X (n x d), fold by fold, so that every training set of a cross-validation follows by
 * subtraction: the products are made once, not once a fold.
 */
import { centredColumns, matmul64, rowsOf } from "./dense64.js";
import type { Engine } from "./engine.js";
import type { Matrix, Matrix64 } from "./types.js";

/** A fold number 0..folds-1 for each row: groups (image of each row) are dealt out in order of appearance, so rows of one image stay together. */
export function foldsOfGroups(groups: ArrayLike<number>, folds: number): Int32Array {
  const seen = new Map<number, number>();
  return Int32Array.from(groups, (group) => {
    if (!seen.has(group)) seen.set(group, seen.size % folds);
    return seen.get(group)!;
  });
}

export interface TrainingSplit {
  readonly fold: number;
  /** Held-out rows, standardised as the training rows are: m x d and m x t. */
  readonly x: Matrix64;
  readonly y: Matrix64;
  /** Training moments: X^T X / n and X^T Y / n of the standardised columns. */
  readonly g: Matrix64;
  readonly c: Matrix64;
}

/**
 * The splits of a cross-validation, one at a time. Columns have mean 0 and, with `scale`, standard deviation 1 over the training rows
 * (population formula; a column without variation stays 0).
 */
export async function* trainingSplits(
  engine: Engine,
  features: Matrix,
  targets: Matrix,
  folds: Int32Array,
  scale: boolean,
): AsyncGenerator<TrainingSplit> {
  const x = centredColumns(features);
  const y = centredColumns(targets);
  const rows = Array.from({ length: Math.max(...folds) + 1 }, (_, f) =>
    Array.from(folds.keys()).filter((r) => folds[r] === f),
  );
  const total = { xx: await matmul64(engine, x, x, { a: true }), xy: await matmul64(engine, x, y, { a: true }) };
  for (let fold = 0; fold < rows.length; fold++) {
    const held = { x: rowsOf(x, rows[fold]!), y: rowsOf(y, rows[fold]!) };
    if (held.x.rows === 0) continue;
    const n = x.rows - held.x.rows;
    // whole columns sum to zero, so the training rows sum to minus the held-out ones
    const meanX = sums(held.x).map((s) => -s / n);
    const meanY = sums(held.y).map((s) => -s / n);
    const xx = await matmul64(engine, held.x, held.x, { a: true });
    const xy = await matmul64(engine, held.x, held.y, { a: true });
    const g = trained(total.xx, xx, meanX, meanX, n);
    const c = trained(total.xy, xy, meanX, meanY, n);
    const sdX = scale
      ? deviations(
          Float64Array.from(meanX, (_, j) => g.data[j * g.cols + j]!),
          total.xx,
          x.rows,
        )
      : undefined;
    const sdY = scale ? targetDeviations(y, rows[fold]!, meanY, n) : undefined;
    if (sdX && sdY) {
      scaleInto(g, sdX, sdX);
      scaleInto(c, sdX, sdY);
    }
    yield { fold, x: standardised(held.x, meanX, sdX), y: standardised(held.y, meanY, sdY), g, c };
  }
}

function sums(m: Matrix64): Float64Array {
  const out = new Float64Array(m.cols);
  for (let i = 0; i < m.data.length; i++) out[i % m.cols]! += m.data[i]!;
  return out;
}

function trained(total: Matrix64, held: Matrix64, meanA: Float64Array, meanB: Float64Array, n: number): Matrix64 {
  const data = total.data.map((v, i) => {
    const row = Math.floor(i / total.cols);
    return (v - held.data[i]!) / n - meanA[row]! * meanB[i % total.cols]!;
  });
  return { data, rows: total.rows, cols: total.cols };
}

/** Square roots of the variances; 0 where the training rows vary by no more than rounding of the whole column. */
function deviations(variance: Float64Array, total: Matrix64, n: number): Float64Array {
  return variance.map((v, j) => (v > (1e-12 * total.data[j * total.cols + j]!) / n ? Math.sqrt(v) : 0));
}

function targetDeviations(y: Matrix64, held: readonly number[], mean: Float64Array, n: number): Float64Array {
  const out = new Set(held);
  const variance = new Float64Array(y.cols);
  const whole = new Float64Array(y.cols);
  for (let r = 0; r < y.rows; r++) {
    for (let j = 0; j < y.cols; j++) {
      const v = y.data[r * y.cols + j]!;
      whole[j]! += v * v;
      if (!out.has(r)) variance[j]! += (v - mean[j]!) ** 2;
    }
  }
  return variance.map((v, j) => (v > 1e-12 * whole[j]! ? Math.sqrt(v / n) : 0));
}

function scaleInto(m: Matrix64, rows: Float64Array, cols: Float64Array): void {
  for (let i = 0; i < m.data.length; i++) {
    const by = rows[Math.floor(i / m.cols)]! * cols[i % m.cols]!;
    m.data[i] = by > 0 ? m.data[i]! / by : 0;
  }
}

function standardised(m: Matrix64, mean: Float64Array, sd?: Float64Array): Matrix64 {
  const data = m.data.map((v, i) => {
    const by = sd ? sd[i % m.cols]! : 1;
    return by > 0 ? (v - mean[i % m.cols]!) / by : 0;
  });
  return { data, rows: m.rows, cols: m.cols };
}
