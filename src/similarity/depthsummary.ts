import { permutation } from "../numerics/random.js";
import { mean } from "../numerics/statistics.js";
import type { Matrix64, Random } from "../numerics/types.js";
import type { LayerAxis } from "./depth.js";
import { depthNumbers } from "./depth.js";
import type { Estimated } from "./estimate.js";
import { estimated } from "./estimate.js";
import type { NetworkPair, SummaryLayer } from "./networkpairs.js";

/** Numbers of a pair of networks, of each resample, each refit and each permutation of the layers: what single and mean estimates are made of. */
export interface Track {
  readonly value: number;
  readonly refit: number;
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
  const refit = of(pair.refit);
  const samples = Array.from({ length: pair.resamples }, (_, r) => of(pair.resample(r)));
  const nulls = Array.from({ length: permutations }, () =>
    of(moved(pair.similarity, permutation(pair.rows.length, random), permutation(pair.cols.length, random))),
  );
  return Object.fromEntries(
    Object.entries(SIDES).map(([name, side]) => {
      const q = name as DepthQuantity;
      const track: Track = {
        value: value[q],
        refit: refit[q],
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
    refit: average(pair.refit),
    samples: Float64Array.from({ length: pair.resamples }, (_, r) => average(pair.resample(r))),
    nulls: new Float64Array(0),
    side: 1,
  };
}

/** The mean of several tracks: resample by resample, permutation by permutation. */
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
    refit: mean(known.map((t) => t.refit)),
    samples: column((t) => t.samples),
    nulls: column((t) => t.nulls),
    side: tracks[0]?.side ?? 1,
  };
}

/** One refit gives one difference: its square is the variance from the images to fit. */
export function estimateOf(track: Track, nullName: string): Estimated {
  const refitVariance = Number.isNaN(track.refit) ? 0 : (track.refit - track.value) ** 2;
  const doubt = track.samples.length > 0 ? { samples: track.samples, refitVariance } : undefined;
  const chance = track.nulls.length > 0 ? { name: nullName, values: track.nulls, side: track.side } : undefined;
  return estimated(track.value, doubt, chance);
}

function moved(s: Matrix64, rows: Int32Array, cols: Int32Array): Matrix64 {
  const data = Float64Array.from(s.data, (_, at) => {
    const i = Math.floor(at / s.cols);
    return s.data[rows[i]! * s.cols + cols[at % s.cols]!]!;
  });
  return { ...s, data };
}
