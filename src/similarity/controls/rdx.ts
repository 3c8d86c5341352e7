import { centredColumns } from "../../numerics/dense64.js";
import { neighbourRanks, squaredDistances } from "../../numerics/knn.js";
import { spectralClusters } from "../../numerics/spectral.js";
import type { Random } from "../../numerics/types.js";
import { unusable } from "./check.js";
import type { Measure, Prepared } from "./measure.js";
import { pairRefusal, refusal, scored } from "./measure.js";

export interface RdxOptions {
  /** How fast a difference of ranks counts as full. */
  readonly gamma?: number;
  /** Sharpness of the affinity. */
  readonly beta?: number;
  /** Groups shown; one more is made for the images about which the two sides agree. */
  readonly clusters?: number;
}

export interface RdxItem {
  /** Rank of each other image by Euclidean distance, 1 the nearest: n x n, 0 on the diagonal. */
  readonly ranks: Float32Array;
}

/** Images that one side holds together and the other does not. */
export interface DifferenceGroup {
  /** Row numbers, the most typical first. */
  readonly images: readonly number[];
  /** Mean difference Delta inside the group, -1..1: negative where this side sees them nearer, so the lowest is the strongest group. */
  readonly difference: number;
  /** Mean ranks inside the group on this side and on the other. */
  readonly rankHere: number;
  readonly rankThere: number;
}

const DEFAULTS = { gamma: 0.05, beta: 5, clusters: 5 };

/**
 * Representational difference (METHOD.md 3.16; RDX). The value is a summary of ours, not of the paper: the mean |Delta| over pairs of images,
 * 0 where all neighbours have equal ranks. `differences` gives what the method is for: the images.
 */
export const rdx: Measure<RdxItem, RdxOptions> = {
  id: "rdx",
  title: "RDX difference of neighbour ranks",
  range: [0, 1],
  symmetric: true,
  purpose: "a difference, not a similarity: the two items disagree on who is near whom",
  invariantTo: ["permutation", "isotropic scaling", "translation", "rotation"],
  defaults: DEFAULTS,
  async prepare(x, { engine }) {
    const refused = unusable(x);
    if (refused !== undefined) return { n: x.rows, refused };
    return { n: x.rows, item: { ranks: neighbourRanks(await squaredDistances(engine, centredColumns(x))) } };
  },
  async compare(a, b, _context, options) {
    const refused = pairRefusal(a, b);
    if (refused !== undefined) return refusal(refused);
    const delta = rankDifference(a.item!, b.item!, { ...DEFAULTS, ...options }.gamma);
    return scored(delta.reduce((sum, v) => sum + Math.abs(v), 0) / (a.n * (a.n - 1)));
  },
};

/** Groups that `here` holds together and `there` does not, strongest first; the most indifferent cluster is left out. Call it twice, with sides swapped. */
export function differences(
  here: Prepared<RdxItem>,
  there: Prepared<RdxItem>,
  random: Random,
  options: RdxOptions = {},
): { groups: readonly DifferenceGroup[] } | { refused: string } {
  const { gamma, beta, clusters } = { ...DEFAULTS, ...options };
  const n = here.n;
  const refused =
    pairRefusal(here, there) ??
    (n >= 2 * (clusters + 1) ? undefined : `${n} images, at least ${2 * (clusters + 1)} needed for ${clusters} groups`);
  if (refused !== undefined) return { refused };
  const delta = rankDifference(here.item!, there.item!, gamma);
  const affinity = new Float64Array(n * n);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++)
      affinity[i * n + j] = (Math.exp(-beta * delta[i * n + j]!) + Math.exp(-beta * delta[j * n + i]!)) / 2;
  const label = spectralClusters({ data: affinity, rows: n, cols: n }, clusters + 1, random);
  const groups: DifferenceGroup[] = [];
  for (let g = 0; g <= clusters; g++) {
    const images = Array.from(label.keys()).filter((i) => label[i] === g);
    if (images.length >= 2) groups.push(groupOf(images, n, delta, affinity, here.item!.ranks, there.item!.ranks));
  }
  groups.sort((a, b) => a.difference - b.difference);
  return { groups: groups.slice(0, clusters) };
}

/** Delta = tanh(gamma (D_here - D_there) / (min(D_here, D_there) + 1)), n x n: differences among near neighbours weigh most. */
export function rankDifference(here: RdxItem, there: RdxItem, gamma: number): Float64Array {
  return Float64Array.from(here.ranks, (a, i) => {
    const b = there.ranks[i]!;
    return Math.tanh((gamma * (a - b)) / (Math.min(a, b) + 1));
  });
}

function groupOf(
  images: readonly number[],
  n: number,
  delta: Float64Array,
  affinity: Float64Array,
  here: Float32Array,
  there: Float32Array,
): DifferenceGroup {
  const inside = (of: ArrayLike<number>, i: number) =>
    images.reduce((sum, j) => sum + (i === j ? 0 : of[i * n + j]!), 0) / (images.length - 1);
  const average = (of: ArrayLike<number>) => images.reduce((sum, i) => sum + inside(of, i), 0) / images.length;
  const typical = new Map(images.map((i) => [i, inside(affinity, i)]));
  return {
    images: [...images].sort((a, b) => typical.get(b)! - typical.get(a)! || a - b),
    difference: average(delta),
    rankHere: average(here),
    rankThere: average(there),
  };
}
