import type { Engine } from "./engine.js";
import { clustersOf, completeLinkageTree, cosineDistances } from "./linkage.js";
import { matmul } from "./matmul.js";
import { normal } from "./random.js";
import { normalCdf } from "./statistics.js";
import type { Matrix, Random } from "./types.js";

export interface ClusterTest {
  /** Simulated samples a split. */
  readonly simulations: number;
  /** Chance that one population is split at all. */
  readonly alpha: number;
  /** Smaller groups are not split. */
  readonly fewest: number;
}

export interface Clusters {
  /** n: the cluster of each, the largest 0. */
  readonly of: Int32Array;
  readonly sizes: readonly number[];
  /** Of the first split; NaN where there are too few points to split. */
  readonly p: number;
}

/**
 * Sub-clusters of unit vectors that one population does not explain: complete linkage on cosine distance, split from the root downwards while the split is
 * tighter than splits of a single Gaussian of the same mean and covariance (SHC: Kimes, Liu, Hayes and Marron 2017; the statistic is the two-means cluster index of
 * SigClust, within over total sum of squares). Gaussian samples are put back to length 1 and clustered the same way; p from a normal fit to their statistics, as there.
 * A node of m of n points is tested at alpha (m - 1) / (n - 1), which holds the family-wise error over the tree. `gram`: n x n cosines.
 */
export async function significantClusters(
  gram: Matrix,
  random: Random,
  { simulations, alpha, fewest }: ClusterTest,
  engine: Engine,
): Promise<Clusters> {
  const n = gram.rows;
  const of = new Int32Array(n);
  let first = Number.NaN;
  let count = 1;
  const open = [Int32Array.from({ length: n }, (_, i) => i)];
  while (open.length > 0) {
    const members = open.shift()!;
    const m = members.length;
    if (m < fewest) continue;
    const own = part(gram, members);
    const sides = rootSplit(own);
    const observed = clusterIndex(own, sides);
    const nulls: number[] = [];
    for (let s = 0; s < simulations; s++) {
      const drawn = await gaussian(own, random, engine);
      nulls.push(clusterIndex(drawn, rootSplit(drawn)));
    }
    const p = normalBelow(observed, nulls);
    if (m === n) first = p;
    if (!(p < (alpha * (m - 1)) / Math.max(1, n - 1))) continue;
    const away = members.filter((_, i) => sides[i] === 1);
    if (away.length === 0) continue;
    for (const i of away) of[i] = count;
    count++;
    open.push(
      members.filter((_, i) => sides[i] !== 1),
      away,
    );
  }
  return { ...ordered(of, count), p: first };
}

function part({ data, cols: n }: Matrix, members: Int32Array): Matrix {
  const m = members.length;
  const out = new Float32Array(m * m);
  for (let x = 0; x < m; x++) for (let y = 0; y < m; y++) out[x * m + y] = data[members[x]! * n + members[y]!]!;
  return { data: out, rows: m, cols: m };
}

/** The two sides of the root of the tree: 0 or 1 a point. */
function rootSplit({ data, rows: m }: Matrix): Int32Array {
  const distance = cosineDistances(data, m);
  return clustersOf(completeLinkageTree(distance, m).slice(0, m - 2), m);
}

/** Sum of squares within the two sides over the total, from inner products: sum |x|^2 - sum over sides |sum x|^2 / size. */
function clusterIndex({ data, rows: m }: Matrix, sides: Int32Array): number {
  const sums = [0, 0, 0]; // within side 0, within side 1, across
  const sizes = [0, 0];
  let squares = 0;
  for (let x = 0; x < m; x++) {
    sizes[sides[x]!]!++;
    squares += data[x * m + x]!;
    for (let y = 0; y < m; y++) sums[sides[x] === sides[y] ? sides[x]! : 2]! += data[x * m + y]!;
  }
  const total = squares - (sums[0]! + sums[1]! + sums[2]!) / m;
  const within = squares - sums[0]! / sizes[0]! - sums[1]! / Math.max(1, sizes[1]!);
  return total > 0 ? within / total : 1;
}

/**
 * Cosines of m draws from the Gaussian with the mean and covariance of the points: X* = 1 mean' + G (X - 1 mean') / sqrt(m - 1) with G standard normal has that
 * covariance, and its inner products follow from those of X alone: A K A', A = 1 1' / m + G (I - 1 1' / m) / sqrt(m - 1).
 */
async function gaussian(gram: Matrix, random: Random, engine: Engine): Promise<Matrix> {
  const m = gram.rows;
  const a = new Float32Array(m * m);
  for (let x = 0; x < m; x++) {
    let mean = 0;
    for (let y = 0; y < m; y++) {
      a[x * m + y] = normal(random) / Math.sqrt(m - 1);
      mean += a[x * m + y]! / m;
    }
    for (let y = 0; y < m; y++) a[x * m + y]! += 1 / m - mean;
  }
  const left: Matrix = { data: a, rows: m, cols: m };
  const { data } = await matmul(engine, await matmul(engine, left, gram), left, { b: true });
  const length = Float64Array.from({ length: m }, (_, i) => Math.sqrt(Math.max(data[i * m + i]!, 1e-12)));
  for (let x = 0; x < m; x++) for (let y = 0; y < m; y++) data[x * m + y]! /= length[x]! * length[y]!;
  return { data, rows: m, cols: m };
}

/** Chance that a normal variable with the mean and deviation of `values` lies below x. */
function normalBelow(x: number, values: readonly number[]): number {
  const mean = values.reduce((s, v) => s + v, 0) / values.length;
  const sd = Math.sqrt(values.reduce((s, v) => s + (v - mean) ** 2, 0) / Math.max(1, values.length - 1));
  return sd > 0 ? normalCdf((x - mean) / sd) : x < mean ? 0 : 1;
}

/** Clusters by size, the largest 0; of equal ones that of the first point. */
function ordered(of: Int32Array, count: number): { of: Int32Array; sizes: number[] } {
  const sizes = new Array<number>(count).fill(0);
  const firsts = new Array<number>(count).fill(of.length);
  of.forEach((c, i) => {
    sizes[c]!++;
    firsts[c] = Math.min(firsts[c]!, i);
  });
  const order = [...sizes.keys()]
    .filter((c) => sizes[c]! > 0)
    .sort((a, b) => sizes[b]! - sizes[a]! || firsts[a]! - firsts[b]!);
  const place = new Map(order.map((c, to) => [c, to]));
  return { of: of.map((c) => place.get(c)!), sizes: order.map((c) => sizes[c]!) };
}
