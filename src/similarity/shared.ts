import { quantile } from "../numerics/quantile.js";
import { mean } from "../numerics/statistics.js";
import type { Track } from "./depthsummary.js";
import type { ComparedHalves, Halves } from "./halves.js";

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
  /** Best J* on halves of the test images, with the concepts and with those of refits. */
  readonly halves?: Pick<ComparedHalves, "ownBest" | "refitBest"> | undefined;
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
  /** Best on each half of the test images, and of the refit's concept of this number, which need not be the same concept; undefined without refits. */
  readonly halves: { readonly own: Halves; readonly refit: Halves } | undefined;
}

const LEVEL = 0.95;

/** One cell, seen from the layer asked for. */
interface Side extends Pick<BestCell, "halves"> {
  readonly best: ArrayLike<number>;
  readonly nulls: ArrayLike<number>;
  readonly resampled: ArrayLike<number> | undefined;
  readonly side: "a" | "b";
}

/** For each concept of the layers `own` its best partner over the layers `other`: cells joined by their maxima. */
export function conceptPartners(
  cells: readonly BestCell[],
  own: readonly number[],
  other: readonly number[],
): ConceptPartner[] {
  const there = new Set(other);
  return own.flatMap((layer) => {
    const sides = cells.flatMap((c): Side[] => {
      const { halves } = c;
      if (c.a === layer && there.has(c.b))
        return [{ best: c.bestA, nulls: c.nullA, resampled: c.resampledA, halves, side: "a" }];
      if (c.b === layer && there.has(c.a))
        return [{ best: c.bestB, nulls: c.nullB, resampled: c.resampledB, halves, side: "b" }];
      return [];
    });
    const k = sides[0]?.best.length ?? 0;
    return Array.from({ length: k }, (_, concept): ConceptPartner => {
      const over = (of: (s: Side) => ArrayLike<number> | undefined) => {
        const lists = sides.map(of);
        const length = lists.every((l) => l !== undefined) ? lists[0]!.length / k : 0;
        return Float64Array.from({ length }, (_, r) => most(lists.map((l) => l![r * k + concept]!)));
      };
      const nulls = over((s) => s.nulls);
      const best = most(sides.map((s) => s.best[concept]!));
      const bestOn = (of: "ownBest" | "refitBest", h: 0 | 1) =>
        most(sides.map((s) => s.halves![of][h][s.side][concept]!));
      const halves = sides.every((s) => s.halves)
        ? {
            own: [bestOn("ownBest", 0), bestOn("ownBest", 1)] as const,
            refit: [bestOn("refitBest", 0), bestOn("refitBest", 1)] as const,
          }
        : undefined;
      const resampled = unlifted(
        over((s) => s.resampled),
        best,
      );
      return { layer, concept, best, nulls, threshold: quantile(nulls, LEVEL), resampled, halves };
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
    change: changeOfShare(shown),
    samples: each((p) => p.resampled),
    nulls: each((p) => p.nulls),
    side: 1,
  };
}

/**
 * What mining again changes of the share, on each half. A refit's concepts are others, and their own thresholds are not known: both sides are held
 * against the mean threshold of their layer.
 */
function changeOfShare(shown: readonly ConceptPartner[]): Halves | undefined {
  const usual = new Map(
    [...new Set(shown.map((p) => p.layer))].map((layer) => [
      layer,
      mean(shown.filter((p) => p.layer === layer).map((p) => p.threshold)),
    ]),
  );
  return changeOn((set, h) => {
    const known = shown.filter((p) => !Number.isNaN(p.halves?.[set][h] ?? Number.NaN));
    return known.reduce((sum, p) => sum + (p.halves![set][h] > usual.get(p.layer)! ? 1 : 0), 0) / known.length;
  });
}

/** Refit less own, on each half; undefined where either is unknown. */
function changeOn(of: (set: "own" | "refit", half: 0 | 1) => number): Halves | undefined {
  const [one, two] = [of("refit", 0) - of("own", 0), of("refit", 1) - of("own", 1)];
  return Number.isNaN(one + two) ? undefined : [one, two];
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
    change: changeOn((set, h) => {
      const of = (p: ConceptPartner) => p.halves?.[set][h] ?? Number.NaN;
      const known = pairs.filter(({ p, q }) => !Number.isNaN(of(p) + of(q)));
      const better = known.reduce((sum, { p, q }) => sum + (of(p) > of(q) ? 1 : of(p) === of(q) ? 0.5 : 0), 0);
      return better / known.length;
    }),
    samples: Float64Array.from({ length: resamples }, (_, r) => share((p) => p.resampled[r]!)),
    nulls: new Float64Array(0),
    side: 1,
  };
}
