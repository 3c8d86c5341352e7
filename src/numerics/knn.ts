import { matmul64 } from "./dense64.js";
import type { Engine } from "./engine.js";
import type { Matrix64 } from "./types.js";

/** For each row of X (n x d) the indices of its k most similar other rows by cosine, most similar first, equal ones by index: n x k. Rows of zeros must be refused before. */
export async function cosineNeighbours(engine: Engine, x: Matrix64, k: number): Promise<Int32Array> {
  const unit = x.data.slice();
  for (let r = 0; r < x.rows; r++) {
    let sum = 0;
    for (let c = 0; c < x.cols; c++) sum += unit[r * x.cols + c]! ** 2;
    const norm = Math.sqrt(sum) || 1;
    for (let c = 0; c < x.cols; c++) unit[r * x.cols + c]! /= norm;
  }
  const m = { data: unit, rows: x.rows, cols: x.cols };
  const s = await matmul64(engine, m, m, { b: true });
  return nearest(x.rows, k, (i, j) => -s.data[i * x.rows + j]!);
}

/** Squared Euclidean distances between the rows of X: n x n, zero on the diagonal. */
export async function squaredDistances(engine: Engine, x: Matrix64): Promise<Matrix64> {
  const n = x.rows;
  const g = await matmul64(engine, x, x, { b: true });
  const data = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++)
      if (i !== j) data[i * n + j] = Math.max(0, g.data[i * n + i]! + g.data[j * n + j]! - 2 * g.data[i * n + j]!);
  }
  return { data, rows: n, cols: n };
}

/** Rank of each other row by distance, 1 the nearest, 0 on the diagonal; equal distances by index: n x n. */
export function neighbourRanks(distance: Matrix64): Float32Array {
  const n = distance.rows;
  const ranks = new Float32Array(n * n);
  for (let i = 0; i < n; i++) {
    sortedOthers(n, i, (j) => distance.data[i * n + j]!).forEach((j, at) => {
      ranks[i * n + j] = at + 1;
    });
  }
  return ranks;
}

function nearest(n: number, k: number, cost: (i: number, j: number) => number): Int32Array {
  const out = new Int32Array(n * k);
  for (let i = 0; i < n; i++) out.set(sortedOthers(n, i, (j) => cost(i, j)).subarray(0, k), i * k);
  return out;
}

function sortedOthers(n: number, i: number, cost: (j: number) => number): Int32Array {
  const costs = Float64Array.from({ length: n }, (_, j) => cost(j));
  const others = Int32Array.from({ length: n - 1 }, (_, a) => (a < i ? a : a + 1));
  return others.sort((a, b) => costs[a]! - costs[b]! || a - b);
}
