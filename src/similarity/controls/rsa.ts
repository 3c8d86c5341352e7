import { pearson, ranks as ranksOf } from "../../numerics/correlation.js";
import { centredColumns, dot64 } from "../../numerics/dense64.js";
import { quantile } from "../../numerics/quantile.js";
import { below } from "../../numerics/random.js";
import { correlationDissimilarity, resampledTriangle, unitVariation } from "../../numerics/rsa.js";
import { mean } from "../../numerics/statistics.js";
import type { Matrix64, Random } from "../../numerics/types.js";
import { unusable } from "./check.js";
import type { Measure, Prepared } from "./measure.js";
import { pairRefusal, refusal, scored } from "./measure.js";

export interface RsaOptions {
  /** Remove each feature's mean over the samples first, as METHOD.md section 3 does for all controls; without it the number is that of ReSi. */
  readonly centre?: boolean;
}

export interface Rdm {
  /** 1 - correlation of each two samples, upper triangle row by row. */
  readonly dissimilarity: Float64Array;
  /** Its ranks with mean 0 and length 1. */
  readonly ranks: Float64Array;
}

/** Representational similarity analysis (METHOD.md 3.4): Spearman of the two correlation dissimilarity matrices. */
export const rsa: Measure<Rdm, RsaOptions> = {
  id: "rsa",
  title: "RSA (correlation, Spearman)",
  range: [-1, 1],
  symmetric: true,
  purpose: "the same pairs of samples are far apart, in the order of their distances",
  invariantTo: ["permutation", "isotropic scaling", "translation"],
  defaults: { centre: true },
  async prepare(x, { engine }, options) {
    const refused = unusable(x);
    if (refused !== undefined) return { n: x.rows, refused };
    const centre = options?.centre ?? rsa.defaults.centre;
    const rows: Matrix64 = centre ? centredColumns(x) : { ...x, data: Float64Array.from(x.data) };
    const { upper, constantRows } = await correlationDissimilarity(engine, rows);
    if (constantRows.length > 0) {
      return {
        n: x.rows,
        refused: `sample ${constantRows[0]} has the same value in all features: no correlation (${constantRows.length} such)`,
      };
    }
    const ranks = unitVariation(ranksOf(upper));
    if (dot64(ranks, ranks) === 0) return { n: x.rows, refused: "all pairs of samples are equally far apart" };
    return { n: x.rows, item: { dissimilarity: upper, ranks } };
  },
  async compare(a, b) {
    const refused = pairRefusal(a, b);
    return refused === undefined ? scored(dot64(a.item!.ranks, b.item!.ranks)) : refusal(refused);
  },
};

export interface NoiseCeiling {
  /** Mean Spearman of each matrix with the mean of the others' ranks; null when refused. */
  readonly lower: number | null;
  /** The same with the mean of all ranks: no matrix agrees better with all of them on average. */
  readonly upper: number | null;
  /** 2.5 % and 97.5 % of both over resampled images. */
  readonly lowerInterval?: readonly [number, number];
  readonly upperInterval?: readonly [number, number];
  readonly refused?: string;
}

/**
 * Noise ceiling of a group of matrices that should agree (Nili et al. 2014): refits, seeds, or layers of several networks at one depth.
 * Intervals by bootstrap over images; pairs of an image with itself are left out.
 */
export function noiseCeiling(group: readonly Prepared<Rdm>[], random: Random, resamples = 200): NoiseCeiling {
  return meanNoiseCeiling([group], random, resamples);
}

export interface ResampleLimits {
  /**
   * Images in a resample: m of n (Bickel, Götze and van Zwet 1997). A ceiling is a mean over pairs of images, whose spread falls as 1 / sqrt(images), so that
   * of m images is scaled by sqrt(m / n); the ranks of m^2 / 2 pairs are found anew in each resample, which on all images would take minutes.
   */
  readonly mostImages?: number;
  /** Photograph of each image: crops of one are drawn together. */
  readonly groupOf?: ArrayLike<number>;
}

/** The mean of several groups' ceilings, all on the same images; the same images are drawn for every group. Refused when one group is. */
export function meanNoiseCeiling(
  groups: readonly (readonly Prepared<Rdm>[])[],
  random: Random,
  resamples = 200,
  { mostImages = Number.POSITIVE_INFINITY, groupOf }: ResampleLimits = {},
): NoiseCeiling {
  const refused = groups.length === 0 ? "no groups" : groups.map(groupRefusal).find((why) => why !== undefined);
  if (refused !== undefined) return { lower: null, upper: null, refused };
  const n = groups[0]![0]!.n;
  const matrices = groups.map((group) => group.map((g) => g.item!.dissimilarity));
  const meanOf = (of: (d: Float64Array) => Float64Array) => {
    const each = matrices.map((group) => ceilingOf(group.map(of)));
    return { lower: mean(each.map((c) => c.lower)), upper: mean(each.map((c) => c.upper)) };
  };
  const whole = meanOf((d) => d);
  if (resamples === 0) return whole;
  const labels = groupOf ?? Int32Array.from({ length: n }, (_, i) => i);
  const members = new Map<number, number[]>();
  Array.from(labels).forEach((label, i) => {
    members.set(label, [...(members.get(label) ?? []), i]);
  });
  const units = [...members.values()];
  const drawn = Math.max(2, Math.min(units.length, Math.round((units.length * mostImages) / n)));
  const lowers: number[] = [];
  const uppers: number[] = [];
  for (let b = 0; b < resamples; b++) {
    const images = Array.from({ length: drawn }, () => units[below(units.length, random)]!).flat();
    const one = meanOf((d) => resampledTriangle(d, n, images));
    if (!Number.isFinite(one.lower) || !Number.isFinite(one.upper)) continue;
    lowers.push(one.lower);
    uppers.push(one.upper);
  }
  const scale = Math.sqrt(drawn / units.length);
  return {
    ...whole,
    lowerInterval: interval(whole.lower, lowers, scale),
    upperInterval: interval(whole.upper, uppers, scale),
  };
}

export function groupRefusal(group: readonly Prepared<Rdm>[]): string | undefined {
  if (group.length < 2) return `${group.length} matrices, at least 2 needed`;
  return group.slice(1).reduce<string | undefined>((why, b) => why ?? pairRefusal(group[0]!, b), undefined);
}

function ceilingOf(matrices: readonly Float64Array[]): { lower: number; upper: number } {
  const ranks = matrices.map(ranksOf);
  const total = ranks[0]!.map((_, i) => ranks.reduce((sum, r) => sum + r[i]!, 0));
  let lower = 0;
  let upper = 0;
  const all = ranksOf(total);
  for (const r of ranks) {
    const others = ranksOf(total.map((v, i) => v - r[i]!));
    upper += pearson(r, all) / ranks.length;
    lower += pearson(r, others) / ranks.length;
  }
  return { lower, upper };
}

/** Percentiles of the deviations from their mean, scaled, about the value: resamples hold images twice, which moves ceilings down. */
function interval(value: number, values: readonly number[], scale: number): [number, number] {
  const sorted = Float64Array.from(values).sort();
  const centre = mean(sorted);
  const at = (p: number) => Math.min(1, value + scale * (quantile(sorted, p) - centre));
  return [at(0.025), at(0.975)];
}
