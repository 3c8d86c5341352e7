import { topEigen } from "./eigen.js";
import { below } from "./random.js";
import type { Matrix64, Random } from "./types.js";

const RESTARTS = 10;
const MOST_ROUNDS = 100;

/**
 * Normalised spectral clustering (Ng, Jordan & Weiss 2001) of n items with a symmetric positive affinity: a cluster 0..k-1 for each.
 * Eigenvectors of I + D^-1/2 W D^-1/2, whose shift makes it positive semi-definite; rows scaled to length 1; k-means.
 */
export function spectralClusters(affinity: Matrix64, k: number, random: Random): Int32Array {
  const n = affinity.rows;
  const degree = new Float64Array(n);
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) degree[i]! += affinity.data[i * n + j]!;
  const shifted = affinity.data.map((w, at) => {
    const i = Math.floor(at / n);
    const j = at % n;
    return w / Math.sqrt(degree[i]! * degree[j]!) + (i === j ? 1 : 0);
  });
  const { vectors } = topEigen({ data: shifted, rows: n, cols: n }, k, random);
  const points = new Float64Array(n * k);
  for (let i = 0; i < n; i++) {
    let norm = 0;
    for (let e = 0; e < k; e++) norm += vectors.data[e * n + i]! ** 2;
    norm = Math.sqrt(norm) || 1;
    for (let e = 0; e < k; e++) points[i * k + e] = vectors.data[e * n + i]! / norm;
  }
  return kmeans({ data: points, rows: n, cols: k }, k, random);
}

/** Lloyd's algorithm from k-means++ starts; the best of several by the sum of squared distances. */
export function kmeans(points: Matrix64, k: number, random: Random): Int32Array {
  let best: Int32Array = new Int32Array(points.rows);
  let least = Number.POSITIVE_INFINITY;
  for (let start = 0; start < RESTARTS; start++) {
    const { labels, cost } = lloyd(points, plusPlus(points, k, random));
    if (cost < least - 1e-12) {
      least = cost;
      best = labels;
    }
  }
  return best;
}

function plusPlus(points: Matrix64, k: number, random: Random): Matrix64 {
  const { rows: n, cols } = points;
  const centres = { data: new Float64Array(k * cols), rows: k, cols };
  const nearest = new Float64Array(n).fill(Number.POSITIVE_INFINITY);
  let next = below(n, random);
  for (let c = 0; c < k; c++) {
    centres.data.set(points.data.subarray(next * cols, (next + 1) * cols), c * cols);
    let total = 0;
    for (let i = 0; i < n; i++) {
      nearest[i] = Math.min(nearest[i]!, squared(points, i, centres, c));
      total += nearest[i]!;
    }
    let left = random() * total;
    next = 0;
    while (next < n - 1) {
      left -= nearest[next]!;
      if (left <= 0) break;
      next++;
    }
  }
  return centres;
}

function lloyd(points: Matrix64, centres: Matrix64): { labels: Int32Array; cost: number } {
  const { rows: n, cols } = points;
  const labels = new Int32Array(n).fill(-1);
  let cost = 0;
  for (let round = 0; round < MOST_ROUNDS; round++) {
    let moved = false;
    cost = 0;
    for (let i = 0; i < n; i++) {
      let best = 0;
      let least = Number.POSITIVE_INFINITY;
      for (let c = 0; c < centres.rows; c++) {
        const d = squared(points, i, centres, c);
        if (d < least) {
          least = d;
          best = c;
        }
      }
      moved ||= labels[i] !== best;
      labels[i] = best;
      cost += least;
    }
    if (!moved) break;
    const count = new Float64Array(centres.rows);
    const sum = new Float64Array(centres.data.length);
    for (let i = 0; i < n; i++) {
      count[labels[i]!]!++;
      for (let e = 0; e < cols; e++) sum[labels[i]! * cols + e]! += points.data[i * cols + e]!;
    }
    // a centre that lost its points stays where it was
    for (let at = 0; at < sum.length; at++) {
      const size = count[Math.floor(at / cols)]!;
      if (size > 0) centres.data[at] = sum[at]! / size;
    }
  }
  return { labels, cost };
}

function squared(a: Matrix64, i: number, b: Matrix64, j: number): number {
  let sum = 0;
  for (let c = 0; c < a.cols; c++) sum += (a.data[i * a.cols + c]! - b.data[j * b.cols + c]!) ** 2;
  return sum;
}
