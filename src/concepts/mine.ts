import type { SampledRows } from "../activations/rows.js";
import type { Engine } from "../numerics/engine.js";
import { below, sampleWithoutReplacement, seededRandom } from "../numerics/random.js";
import type { Matrix, Random } from "../numerics/types.js";
import type { ConceptFit, ConceptMethod } from "./method.js";
import type { NegativeMode } from "./negative.js";
import { negativeEnergy, prepareRows } from "./negative.js";
import { stability } from "./stability.js";

export interface MineOptions {
  readonly method: ConceptMethod;
  readonly k: number | "auto";
  readonly negative: "clip" | "split";
  readonly tolerance: number;
  readonly maxIterations: number;
  /** Fits on resampled images. */
  readonly refits: number;
  /** Seeds all chance of this layer. */
  readonly seed: string;
}

/** The concepts of one layer, and how much they depend on the images they were mined from. */
export interface MinedLayer {
  readonly fit: ConceptFit;
  /** P of the first refit: stands for the layer's other self in its similarity with itself (METHOD.md M5). */
  readonly refit: Matrix;
  /** Mean matched cosine with the refits, a value a concept. */
  readonly stability: Float64Array;
  /** rho of METHOD.md. */
  readonly negativeEnergy: number;
  readonly mode: NegativeMode;
}

/** Below this share of energy negative values are rounding, not content. */
const NO_NEGATIVES = 1e-6;
/** Numbers of concepts that `auto` tries. */
export const CANDIDATES = [4, 6, 8, 10, 15, 20, 25] as const;
const LEAST_GAIN = 0.01;
const LEAST_STABILITY = 0.8;
/**
 * Most rows of a refit. Refits start cold, as the fit does; on fewer rows they cost half and find concepts a little less well, so that stability is
 * rather under- than overstated (18 layers of three detectors: mean matched cosine .905, with all 20,000 rows .912).
 */
const REFIT_ROWS = 6000;

/**
 * Most concepts that a layer can hold: as many as it has channels, and no more than rows. With as many as channels the fit is exact whatever the images show:
 * each concept is a channel, and finds itself in every refit (16 channels of a detector: refit similarity .99999 for k = 16, .998 for 15, .78 for 12).
 */
export function mostConcepts(rows: { readonly rows: number; readonly cols: number }): number {
  return Math.min(rows.rows, rows.cols);
}

/** Mines `k` concepts, or as many as the layer can hold (`mostConcepts`) where those are fewer. Throws what the method's fit throws. */
export async function mine(sample: SampledRows, options: MineOptions, engine: Engine): Promise<MinedLayer> {
  const { method } = options;
  const rho = negativeEnergy(sample.rows.data);
  const mode: NegativeMode = method.signed || rho === 0 ? "none" : rho < NO_NEGATIVES ? "clip" : options.negative;
  const rows = prepareRows(sample.rows, mode);
  const fitOf = (v: Matrix, k: number, random: Random) =>
    method.fit(v, { k, random, engine, tolerance: options.tolerance, maxIterations: options.maxIterations });
  const refitsOf = async (k: number, count: number) => {
    const out: Matrix[] = [];
    for (let i = 0; i < count; i++) {
      const random = seededRandom(options.seed, "refit", i);
      out.push((await fitOf(resampled(rows, sample.perImage, random), k, random)).vectors);
    }
    return out;
  };
  const first = (k: number) => fitOf(rows, k, seededRandom(options.seed, "fit"));
  const most = mostConcepts(rows);
  const fit = options.k === "auto" ? await chooseK(most, first, refitsOf) : await first(Math.min(options.k, most));
  const refits = await refitsOf(fit.vectors.rows, options.refits);
  return { fit, refit: refits[0]!, stability: stability(fit.vectors, refits), negativeEnergy: rho, mode };
}

/**
 * The smallest k whose successor explains less than 1 % more; then down to the largest k at most that whose concepts come back in a refit
 * (median stability at least 0.8), so that a layer is not cut into more concepts than it has.
 */
async function chooseK(
  most: number,
  fitOf: (k: number) => Promise<ConceptFit>,
  refitsOf: (k: number, count: number) => Promise<Matrix[]>,
): Promise<ConceptFit> {
  const fits: ConceptFit[] = [];
  for (const k of CANDIDATES) {
    if (k > most) break;
    const fit = await fitOf(k);
    const before = fits.at(-1);
    if (before && fit.explainedVariance - before.explainedVariance < LEAST_GAIN) break;
    fits.push(fit);
  }
  if (fits.length === 0) return fitOf(most);
  for (const fit of [...fits].reverse()) {
    const [refit] = await refitsOf(fit.vectors.rows, 1);
    const sorted = stability(fit.vectors, [refit!]).sort();
    if (sorted[Math.floor(sorted.length / 2)]! >= LEAST_STABILITY) return fit;
  }
  return fits[0]!;
}

/** Rows of images drawn with replacement, thinned evenly at random to at most REFIT_ROWS. */
function resampled(rows: Matrix, perImage: Int32Array, random: Random): Matrix {
  const first = new Int32Array(perImage.length + 1);
  for (let i = 0; i < perImage.length; i++) first[i + 1] = first[i]! + perImage[i]!;
  const drawn = Array.from(perImage, () => below(perImage.length, random));
  const places = new Int32Array(drawn.reduce((sum, i) => sum + perImage[i]!, 0));
  let next = 0;
  for (const i of drawn) for (let r = first[i]!; r < first[i + 1]!; r++) places[next++] = r;
  const kept = sampleWithoutReplacement(places.length, REFIT_ROWS, random);
  const data = new Float32Array(kept.length * rows.cols);
  kept.forEach((at, i) => {
    const from = places[at]! * rows.cols;
    data.set(rows.data.subarray(from, from + rows.cols), i * rows.cols);
  });
  return { data, rows: kept.length, cols: rows.cols };
}
