import { spearman } from "../numerics/correlation.js";
import { permutation } from "../numerics/random.js";
import { mean, permutationP } from "../numerics/statistics.js";
import type { Matrix64, Random } from "../numerics/types.js";
import type { MantelResult } from "./mantel.js";
import { mantel } from "./mantel.js";
import type { WarpPath } from "./warp.js";
import { orderedMatching } from "./warp.js";

/** Layers of one network: relative depth in 0..1 and cells (h * w) of the layer's grid. */
export interface LayerAxis {
  readonly depth: ArrayLike<number>;
  readonly cells: ArrayLike<number>;
}

export interface DepthOptions {
  readonly random: Random;
  readonly permutations: number;
  /** The two axes are the same network: the diagonal is left out, a layer is never its own partner. */
  readonly within?: boolean;
}

/** Do similar concepts appear at similar relative depth (METHOD.md 1.1.3 and M4)? NaN where there are too few layers. */
export interface DepthAgreement {
  /** Best partner of each layer of A in B, -1 for none; and of each layer of B in A. */
  readonly partnerOfA: Int32Array;
  readonly partnerOfB: Int32Array;
  /** Mean |d_A - d_B| of best partners, over the layers of both networks. */
  readonly meanDistance: number;
  /** The same with the layers of B permuted: mean, and the share of permutations at most as far. */
  readonly chanceDistance: number;
  readonly distanceP: number;
  /** Spearman correlation of depth with the depth of the best partner, mean of both directions. Weak evidence where partners repeat. */
  readonly spearman: number;
  readonly spearmanP: number;
  /** Correlation of S(l, m) with -|d_A - d_B| over all cells, and with the ratio of grids, |log(cells_l / cells_m)|, removed. */
  readonly mantel: MantelResult;
  readonly partialMantel: MantelResult;
  /** Layers matched in order of depth, in their own numbering; mean |d_A - d_B| and mean d_B - d_A of the matched, each counting as much as it is alike. */
  readonly warp: WarpPath;
  readonly warpDistance: number;
  readonly warpShift: number;
  readonly layers: readonly [number, number];
}

/** `similarity` is L_A x L_B, NaN where unknown. */
export function depthAgreement(
  similarity: Matrix64,
  a: LayerAxis,
  b: LayerAxis,
  options: DepthOptions,
): DepthAgreement {
  const { random, permutations, within = false } = options;
  const s = within ? withoutDiagonal(similarity) : similarity;
  const observed = partnerDepths(s, a.depth, b.depth);
  const distances: number[] = [];
  const correlations: number[] = [];
  for (let k = 0; k < permutations; k++) {
    const order = permutation(s.cols, random);
    const moved = within ? permuted(s, order, order) : permuted(s, null, order);
    const by = partnerDepths(moved, a.depth, b.depth);
    distances.push(by.meanDistance);
    correlations.push(by.spearman);
  }
  const table = (f: (i: number, j: number) => number): Matrix64 => tabulate(s.rows, s.cols, f);
  const nearness = table((i, j) => -Math.abs(a.depth[i]! - b.depth[j]!));
  const control = table((i, j) => Math.abs(Math.log(a.cells[i]! / b.cells[j]!)));
  const test = { random, permutations, symmetric: within };
  const warp = warpOf(similarity, a.depth, b.depth);
  return {
    partnerOfA: observed.partnerOfA,
    partnerOfB: observed.partnerOfB,
    meanDistance: observed.meanDistance,
    chanceDistance: mean(distances),
    distanceP: permutationP(
      -observed.meanDistance,
      distances.map((d) => -d),
    ),
    spearman: observed.spearman,
    spearmanP: permutationP(
      observed.spearman,
      correlations.filter((c) => !Number.isNaN(c)),
    ),
    mantel: mantel(s, nearness, test),
    partialMantel: mantel(s, nearness, { ...test, control }),
    warp,
    warpDistance: alongWarp(similarity, warp, (i, j) => Math.abs(a.depth[i]! - b.depth[j]!)),
    warpShift: alongWarp(similarity, warp, (i, j) => b.depth[j]! - a.depth[i]!),
    layers: [s.rows, s.cols],
  };
}

/** The numbers of `depthAgreement` alone, without permutations: what resamples and nulls repeat many times. */
export function depthNumbers(s: Matrix64, a: LayerAxis, b: LayerAxis) {
  const { meanDistance, spearman: rho } = partnerDepths(s, a.depth, b.depth);
  const nearness = tabulate(s.rows, s.cols, (i, j) => -Math.abs(a.depth[i]! - b.depth[j]!));
  const control = tabulate(s.rows, s.cols, (i, j) => Math.abs(Math.log(a.cells[i]! / b.cells[j]!)));
  const test = { random: () => 0, permutations: 0 };
  return {
    mean_distance: meanDistance,
    spearman: rho,
    mantel: mantel(s, nearness, test).r,
    partial_mantel: mantel(s, nearness, { ...test, control }).r,
    warp_distance: alongWarp(s, warpOf(s, a.depth, b.depth), (i, j) => Math.abs(a.depth[i]! - b.depth[j]!)),
  };
}

function partnerDepths(s: Matrix64, depthA: ArrayLike<number>, depthB: ArrayLike<number>) {
  const partnerOfA = argmaxRows(s);
  const partnerOfB = argmaxRows(tabulate(s.cols, s.rows, (j, i) => s.data[i * s.cols + j]!));
  const one = (own: ArrayLike<number>, other: ArrayLike<number>, partner: Int32Array) => {
    const known = [...partner.keys()].filter((i) => partner[i]! >= 0);
    const x = known.map((i) => own[i]!);
    const y = known.map((i) => other[partner[i]!]!);
    return { distances: x.map((d, i) => Math.abs(d - y[i]!)), rho: spearman(x, y) };
  };
  const forward = one(depthA, depthB, partnerOfA);
  const backward = one(depthB, depthA, partnerOfB);
  return {
    partnerOfA,
    partnerOfB,
    meanDistance: mean([...forward.distances, ...backward.distances]),
    spearman: mean([forward.rho, backward.rho].filter((r) => !Number.isNaN(r))),
  };
}

function argmaxRows(s: Matrix64): Int32Array {
  return Int32Array.from({ length: s.rows }, (_, i) => {
    let best = -1;
    for (let j = 0; j < s.cols; j++) {
      const v = s.data[i * s.cols + j]!;
      if (!Number.isNaN(v) && (best < 0 || v > s.data[i * s.cols + best]!)) best = j;
    }
    return best;
  });
}

/** The warp runs over layers in order of depth; its cells are given in the layers' own numbering. */
function warpOf(s: Matrix64, depthA: ArrayLike<number>, depthB: ArrayLike<number>): WarpPath {
  const byDepth = (depth: ArrayLike<number>) =>
    Array.from({ length: depth.length }, (_, i) => i).sort((x, y) => depth[x]! - depth[y]! || x - y);
  const rows = byDepth(depthA);
  const cols = byDepth(depthB);
  const path = orderedMatching(tabulate(s.rows, s.cols, (i, j) => s.data[rows[i]! * s.cols + cols[j]!]!));
  return path.map(([i, j]) => [rows[i]!, cols[j]!] as const);
}

/** Mean over the matched layers, weighted by their similarity; NaN where none is matched. */
function alongWarp(s: Matrix64, warp: WarpPath, of: (i: number, j: number) => number): number {
  let sum = 0;
  let weight = 0;
  for (const [i, j] of warp) {
    const w = s.data[i * s.cols + j]!;
    sum += w * of(i, j);
    weight += w;
  }
  return sum / weight;
}

function withoutDiagonal(s: Matrix64): Matrix64 {
  return tabulate(s.rows, s.cols, (i, j) => (i === j ? Number.NaN : s.data[i * s.cols + j]!));
}

function permuted(s: Matrix64, rows: Int32Array | null, cols: Int32Array): Matrix64 {
  return tabulate(s.rows, s.cols, (i, j) => s.data[(rows ? rows[i]! : i) * s.cols + cols[j]!]!);
}

function tabulate(rows: number, cols: number, f: (i: number, j: number) => number): Matrix64 {
  const data = Float64Array.from({ length: rows * cols }, (_, at) => f(Math.floor(at / cols), at % cols));
  return { data, rows, cols };
}
