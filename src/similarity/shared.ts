import { quantile } from "../numerics/quantile.js";
import { mean } from "../numerics/statistics.js";
import type { Track } from "./depthsummary.js";

/** Best J* of each concept of two layers: observed, with images permuted (r x k), and in resamples (r x k). */
export interface BestCell {
  readonly a: number;
  readonly b: number;
  readonly bestA: ArrayLike<number>;
  readonly bestB: ArrayLike<number>;
  readonly nullA: ArrayLike<number>;
  readonly nullB: ArrayLike<number>;
  readonly resampledA: ArrayLike<number> | undefined;
  readonly resampledB: ArrayLike<number> | undefined;
}

/** A concept of one network and the best it finds anywhere in another. NaN where it shows on no test image. */
export interface ConceptPartner {
  readonly layer: number;
  readonly concept: number;
  readonly best: number;
  /** 95th percentile of the best with images permuted; the same permutation in all layers. */
  readonly threshold: number;
  readonly nulls: Float64Array;
  /** The best in each resample, less what resampling lifts a best by: their mean is `best`. */
  readonly resampled: Float64Array;
}

const LEVEL = 0.95;

/** For each concept of the layers `own` its best partner over the layers `other`: cells joined by their maxima. */
export function conceptPartners(
  cells: readonly BestCell[],
  own: readonly number[],
  other: readonly number[],
): ConceptPartner[] {
  const there = new Set(other);
  return own.flatMap((layer) => {
    const sides = cells.flatMap((c) => {
      if (c.a === layer && there.has(c.b)) return [{ best: c.bestA, nulls: c.nullA, resampled: c.resampledA }];
      if (c.b === layer && there.has(c.a)) return [{ best: c.bestB, nulls: c.nullB, resampled: c.resampledB }];
      return [];
    });
    const k = sides[0]?.best.length ?? 0;
    return Array.from({ length: k }, (_, concept): ConceptPartner => {
      const over = (of: (s: (typeof sides)[number]) => ArrayLike<number> | undefined) => {
        const lists = sides.map(of);
        const length = lists.every((l) => l !== undefined) ? lists[0]!.length / k : 0;
        return Float64Array.from({ length }, (_, r) => most(lists.map((l) => l![r * k + concept]!)));
      };
      const nulls = over((s) => s.nulls);
      const best = most(sides.map((s) => s.best[concept]!));
      return {
        layer,
        concept,
        best,
        nulls,
        threshold: quantile(nulls, LEVEL),
        resampled: unlifted(
          over((s) => s.resampled),
          best,
        ),
      };
    });
  });
}

/**
 * A best of many is lifted by each resampling as it was by drawing the images: concepts without a partner then pass the threshold in 15-20 % of the
 * resamples, not in 5 %, and the interval of the share is a third too wide (npm run calibration).
 */
function unlifted(resampled: Float64Array, best: number): Float64Array {
  const known = resampled.filter((v) => !Number.isNaN(v));
  const lift = known.length > 0 && !Number.isNaN(best) ? mean(known) - best : 0;
  return resampled.map((v) => v - lift);
}

function most(values: readonly number[]): number {
  let best = Number.NaN;
  for (const v of values) if (Number.isFinite(v) && !(v <= best)) best = v;
  return best;
}

/**
 * Share of concepts whose best partner in the other network is above what images permuted on one side give it in 95 % of permutations. The null's share
 * counts each permutation against the others' percentile: about 5 %.
 */
export function shareTrack(partners: readonly ConceptPartner[]): Track {
  const shown = partners.filter((p) => !Number.isNaN(p.best));
  const share = (at: (p: ConceptPartner) => number) =>
    shown.reduce((sum, p) => sum + (at(p) > p.threshold ? 1 : 0), 0) / shown.length;
  const least = (of: (p: ConceptPartner) => Float64Array) => Math.min(...shown.map((p) => of(p).length));
  const each = (of: (p: ConceptPartner) => Float64Array) =>
    Float64Array.from({ length: shown.length > 0 ? least(of) : 0 }, (_, r) => share((p) => of(p)[r]!));
  return {
    value: share((p) => p.best),
    change: undefined,
    samples: each((p) => p.resampled),
    nulls: each((p) => p.nulls),
    side: 1,
  };
}

/** Share of concepts that find a better partner in `one` than in `two`, concept by concept (ties count half): .5 where neither is nearer. */
export function betterTrack(one: readonly ConceptPartner[], two: readonly ConceptPartner[]): Track {
  const pairs = one.flatMap((p, i) => {
    const q = two[i];
    return q && !Number.isNaN(p.best) && !Number.isNaN(q.best) ? [{ p, q }] : [];
  });
  const share = (at: (p: ConceptPartner) => number) =>
    pairs.reduce((sum, { p, q }) => sum + (at(p) > at(q) ? 1 : at(p) === at(q) ? 0.5 : 0), 0) / pairs.length;
  const resamples =
    pairs.length > 0 ? Math.min(...pairs.map(({ p, q }) => Math.min(p.resampled.length, q.resampled.length))) : 0;
  return {
    value: share((p) => p.best),
    change: undefined,
    samples: Float64Array.from({ length: resamples }, (_, r) => share((p) => p.resampled[r]!)),
    nulls: new Float64Array(0),
    side: 1,
  };
}
