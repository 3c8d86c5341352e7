import { mean, normalQuantile, standardDeviation, studentQuantile } from "../numerics/statistics.js";
import type { RefitVariance } from "./refits.js";

/** A number of a study with its doubt and what chance gives; NaN where something cannot be had. */
export interface Estimated {
  readonly value: number;
  readonly low: number;
  readonly high: number;
  readonly nullMean: number;
  readonly nullSd: number;
  readonly p: number;
  /** What the null is, such as "layers permuted"; empty where there is none. */
  readonly null: string;
}

/** What a null says about a number. */
export interface NullValues {
  readonly name: string;
  readonly values: ArrayLike<number>;
  /** +1 where high values are the surprise, -1 where low ones are. */
  readonly side: 1 | -1;
}

/** The two sources of doubt (METHOD.md M7): the number in each resample of the test images, and from refits on resampled images to fit. */
export interface Doubt {
  readonly samples: ArrayLike<number>;
  /** Undefined where there are no refits. */
  readonly refits?: RefitVariance | undefined;
}

/**
 * estimate +- t sd, with sd^2 = var(samples) + variance of refits. Resamples lift maxima, so their spread is used and not their place; that spread is a
 * little too wide on few images, which does what Student's t would (npm run calibration). The variance of refits comes from few of them: t has the
 * degrees of freedom of the sum (Satterthwaite 1946), infinitely many where refits add nothing.
 */
export function intervalWithRefits(
  value: number,
  doubt: Doubt | undefined,
  level = 0.95,
): { low: number; high: number } {
  if (!doubt) return { low: Number.NaN, high: Number.NaN };
  const samples = Float64Array.from(doubt.samples).filter((v) => Number.isFinite(v));
  const refits = doubt.refits?.variance || 0; // NaN where none is known
  const variance = standardDeviation(samples) ** 2 + refits;
  const freedom = refits > 0 ? (doubt.refits!.freedom * variance ** 2) / refits ** 2 : Number.POSITIVE_INFINITY;
  const p = (1 + level) / 2;
  const half = (freedom < 1e6 ? studentQuantile(p, freedom) : normalQuantile(p)) * Math.sqrt(variance);
  return { low: value - half, high: value + half };
}

export function estimated(value: number, doubt?: Doubt, chance?: NullValues): Estimated {
  const known = Float64Array.from(chance?.values ?? []).filter((v) => !Number.isNaN(v));
  return {
    value,
    ...intervalWithRefits(value, doubt),
    nullMean: known.length > 0 ? mean(known) : Number.NaN,
    nullSd: standardDeviation(known),
    p: chance && known.length > 0 && !Number.isNaN(value) ? oneSided(value, known, chance.side) : Number.NaN,
    null: chance?.name ?? "",
  };
}

/** (1 + null values at least as extreme) / (1 + null values). */
function oneSided(value: number, values: Float64Array, side: 1 | -1): number {
  let extreme = 0;
  for (const v of values) if (side * (v - value) >= -1e-12) extreme++;
  return (1 + extreme) / (1 + values.length);
}
