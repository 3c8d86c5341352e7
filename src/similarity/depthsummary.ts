import { permutation } from "../numerics/random.js";
import { mean } from "../numerics/statistics.js";
import type { Matrix64, Random } from "../numerics/types.js";
import type { LayerAxis } from "./depth.js";
import { depthNumbers } from "./depth.js";
import type { Estimated } from "./estimate.js";
import { estimated } from "./estimate.js";
import type { Halves } from "./halves.js";
import type { NetworkPair, SummaryLayer } from "./networkpairs.js";
import type { RefitVariance } from "./refits.js";

/** Numbers of a pair of networks, of each resample and each permutation of the layers, and what refits change: what single and mean estimates are made of. */
export interface Track {
  readonly value: number;
  /** What refits change on each half of the test images (halves.ts); undefined where there are none. */
  readonly change: Halves | undefined;
  readonly samples: Float64Array;
  readonly nulls: Float64Array;
  readonly side: 1 | -1;
}

export type DepthKind = "depth" | "headDepth";
/** Low distances and high correlations speak for agreement. */
const SIDES = { mean_distance: -1, spearman: 1, mantel: 1, partial_mantel: 1, warp_distance: -1 } as const;
export type DepthQuantity = keyof typeof SIDES;

export interface DepthTrackOptions {
  readonly kind: DepthKind;
  readonly permutations: number;
  readonly random: Random;
}

/** Every number of the agreement in depth of two networks (METHOD.md M4), layers of both permuted as the null. */
export function depthTracks(
  pair: NetworkPair,
  layers: readonly SummaryLayer[],
  { kind, permutations, random }: DepthTrackOptions,
): Record<DepthQuantity, Track> {
  const axis = (places: readonly number[]): LayerAxis => ({
    depth: places.map((p) => layers[p]![kind]),
    cells: places.map((p) => layers[p]!.cells),
  });
  const [a, b] = [axis(pair.rows), axis(pair.cols)];
  const of = (s: Matrix64) => depthNumbers(s, a, b);
  const value = of(pair.similarity);
  const halves = ([0, 1] as const).map((h) => {
    const { own, refit } = pair.half(h);
    return { own: of(own), refit: of(refit) };
  });
  const changeOf = (q: DepthQuantity): Halves | undefined => {
    const [one, two] = halves.map(({ own, refit }) => refit[q] - own[q]);
    return Number.isNaN(one! + two!) ? undefined : [one!, two!];
  };
  const samples = Array.from({ length: pair.resamples }, (_, r) => of(pair.resample(r)));
  const nulls = Array.from({ length: permutations }, () =>
    of(moved(pair.similarity, permutation(pair.rows.length, random), permutation(pair.cols.length, random))),
  );
  return Object.fromEntries(
    Object.entries(SIDES).map(([name, side]) => {
      const q = name as DepthQuantity;
      const track: Track = {
        value: value[q],
        change: changeOf(q),
        samples: Float64Array.from(samples, (s) => s[q]),
        nulls: Float64Array.from(nulls, (s) => s[q]),
        side,
      };
      return [q, track];
    }),
  ) as Record<DepthQuantity, Track>;
}

/** Mean S' over the cells of two networks; no null of its own, as S' is 0 under it. */
export function similarityTrack(pair: NetworkPair): Track {
  const average = (s: Matrix64) => mean(s.data.filter((v) => !Number.isNaN(v)));
  return {
    value: average(pair.similarity),
    change: changed(pair, average),
    samples: Float64Array.from({ length: pair.resamples }, (_, r) => average(pair.resample(r))),
    nulls: new Float64Array(0),
    side: 1,
  };
}

/** The mean of several tracks: resample by resample, permutation by permutation; its refits come from `trackRefits`. */
export function meanTrack(tracks: readonly Track[]): Track {
  const known = tracks.filter((t) => !Number.isNaN(t.value));
  const column = (of: (t: Track) => Float64Array) => {
    const least = Math.min(...known.map((t) => of(t).length));
    return Float64Array.from({ length: known.length > 0 ? least : 0 }, (_, i) =>
      mean(known.map((t) => of(t)[i]!).filter((v) => !Number.isNaN(v))),
    );
  };
  return {
    value: mean(known.map((t) => t.value)),
    change: undefined,
    samples: column((t) => t.samples),
    nulls: column((t) => t.nulls),
    side: tracks[0]?.side ?? 1,
  };
}

/**
 * Variance from refits of the numbers of pairs of networks of one kind (`pairs`: their networks), and of their mean. One refit a layer gives one change a
 * pair; the products of its halves, which hold no doubt of the test images, are averaged over the pairs, K - 1 degrees of freedom for K networks (exact
 * where all pairs are there and changes are sums of the networks'). The mean over the pairs has sum_n c_n^2 / 2 of a pair's variance, c_n the share of
 * pairs with network n.
 */
export function trackRefits(
  tracks: readonly Track[],
  pairs: readonly { readonly a: number; readonly b: number }[],
): { single: RefitVariance; mean: RefitVariance } | undefined {
  const products = tracks
    .flatMap(({ change }) => (change ? [change[0] * change[1]] : []))
    .filter((v) => !Number.isNaN(v));
  if (products.length === 0) return undefined;
  const networks = [...new Set(pairs.flatMap(({ a, b }) => [a, b]))];
  const freedom = networks.length - 1;
  const variance = Math.max(0, mean(products));
  const share = (n: number) => pairs.filter(({ a, b }) => a === n || b === n).length / pairs.length;
  const kept = networks.reduce((s, n) => s + share(n) ** 2, 0) / 2;
  return { single: { variance, freedom }, mean: { variance: kept * variance, freedom } };
}

/** A track with its doubt; `refits` from all tracks of its kind. */
export function estimateOf(track: Track, nullName: string, refits?: RefitVariance): Estimated {
  const doubt = track.samples.length > 0 ? { samples: track.samples, refits } : undefined;
  const chance = track.nulls.length > 0 ? { name: nullName, values: track.nulls, side: track.side } : undefined;
  return estimated(track.value, doubt, chance);
}

/** What refits change of numbers of a matrix, on each half. */
function changed(pair: NetworkPair, of: (s: Matrix64) => number): Halves | undefined {
  const halves = ([0, 1] as const).map((h) => {
    const { own, refit } = pair.half(h);
    return of(refit) - of(own);
  });
  return halves.some(Number.isNaN) ? undefined : [halves[0]!, halves[1]!];
}

function moved(s: Matrix64, rows: Int32Array, cols: Int32Array): Matrix64 {
  const data = Float64Array.from(s.data, (_, at) => {
    const i = Math.floor(at / s.cols);
    return s.data[rows[i]! * s.cols + cols[at % s.cols]!]!;
  });
  return { ...s, data };
}
