import type { Interval } from "../numerics/bootstrap.js";
import { normalInterval, studentInterval } from "../numerics/bootstrap.js";
import type { Engine } from "../numerics/engine.js";
import { chanceIousInto, correctedIouInto } from "../numerics/iou.js";
import { matmul } from "../numerics/matmul.js";
import type { Matrix } from "../numerics/types.js";
import { bestOfEach, subtractNull } from "./nulls.js";
import type { ConceptWeights } from "./similarity.js";
import { meanBest } from "./similarity.js";

/** Counts of two layers on each test image, on the pair's grid: all that resampling of images needs. */
export interface PairCounts {
  readonly n: number;
  readonly ka: number;
  readonly kb: number;
  /** Cells a grid: the size of one mask. */
  readonly cells: number;
  /** n x ka x kb. */
  readonly intersections: Uint32Array;
  /** n x ka and n x kb. */
  readonly areasA: Uint32Array;
  readonly areasB: Uint32Array;
}

/** Counts summed over the images as often as each weight row says, r rows: intersections r x ka kb, areas r x ka and r x kb, images r. */
export interface ResampledCounts {
  readonly rows: number;
  readonly intersections: ArrayLike<number>;
  readonly areasA: ArrayLike<number>;
  readonly areasB: ArrayLike<number>;
  readonly images: Float64Array;
}

/**
 * How thresholds move with the images. A study finds its thresholds on its own test images, so a resample would find others: the mask of concept i
 * gives up or takes in cells at its border until it covers p of the resample. Of those cells, a share lies in mask j, measured on the band of cells near
 * the threshold in the whole study; in a resample it is taken to be greater or less as the whole overlap is, m <- m (1 + gain share / m of the study).
 * Held fixed, intervals are 30 % too narrow and cover 87-91 %; with the study's share as it is, m <- m + gain share, they are 10 to 20 % too wide on
 * 32 to 128 images; as here, what thresholds found anew from the maps would give to 2 % (npm run calibration).
 */
export interface Borders {
  /** P(cell in B_j | cell at the border of A_i) and P(cell in A_i | cell at the border of B_j), over the cells in both masks in the study: ka x kb. */
  readonly perA: Float64Array;
  readonly perB: Float64Array;
  /** Concepts whose threshold ties hold where it is. */
  readonly fixedA: ArrayLike<number>;
  readonly fixedB: ArrayLike<number>;
}

/** Below so many cells a border says little and all of the mask stands for it. */
const FEWEST_CELLS = 20;

/**
 * From cells in the band about one's threshold and in the other's mask (ka x kb), and cells in the band. `common`, `areas`: the whole masks'. 0 where
 * masks have no cell in common: they have none in any resample.
 */
export function borderShares(
  bandCommon: ArrayLike<number>,
  band: (at: number) => number,
  common: ArrayLike<number>,
  area: (at: number) => number,
): Float64Array {
  return Float64Array.from(bandCommon, (both, at) => {
    if (!(common[at]! > 0)) return 0;
    return band(at) >= FEWEST_CELLS ? both / band(at) / common[at]! : 1 / area(at);
  });
}

/** Whole numbers are exact in single precision up to here. */
const EXACT = 2 ** 24;

/** weights (r x n, how often image x counts) times the counts, by one matrix product a table where single precision is exact. */
export async function resampleCounts(counts: PairCounts, weights: Matrix, engine: Engine): Promise<ResampledCounts> {
  const images = imagesOf(weights);
  const exact = images.every((m) => m * counts.cells < EXACT);
  const sum = async (table: Uint32Array): Promise<ArrayLike<number>> => {
    const cols = table.length / counts.n;
    if (!exact) return weightedSums(table, cols, weights);
    return (await matmul(engine, weights, { data: new Float32Array(table), rows: counts.n, cols })).data;
  };
  return {
    rows: weights.rows,
    intersections: await sum(counts.intersections),
    areasA: await sum(counts.areasA),
    areasB: await sum(counts.areasB),
    images,
  };
}

const known = new WeakMap<Matrix, Float64Array>();

/** Images in each resample; one matrix of weights serves all pairs of a study. */
function imagesOf(weights: Matrix): Float64Array {
  const found = known.get(weights);
  if (found) return found;
  const images = new Float64Array(weights.rows);
  for (let r = 0; r < weights.rows; r++)
    for (let x = 0; x < weights.cols; x++) images[r]! += weights.data[r * weights.cols + x]!;
  known.set(weights, images);
  return images;
}

function weightedSums(table: Uint32Array, cols: number, weights: Matrix): Float64Array {
  const out = new Float64Array(weights.rows * cols);
  for (let r = 0; r < weights.rows; r++) {
    for (let x = 0; x < weights.cols; x++) {
      const w = weights.data[r * weights.cols + x]!;
      if (w === 0) continue;
      for (let c = 0; c < cols; c++) out[r * cols + c]! += w * table[x * cols + c]!;
    }
  }
  return out;
}

/** Areas, intersections and what the areas gained: ka, kb, ka x kb, ka, kb. */
interface Room {
  readonly a: Float64Array;
  readonly b: Float64Array;
  readonly m: Float64Array;
  readonly gainA: Float64Array;
  readonly gainB: Float64Array;
}

/** Areas and intersections of resample r, into `room`: with thresholds found anew where `borders` are given. */
function resampleInto(
  r: number,
  sums: ResampledCounts,
  share: { readonly a: Float64Array; readonly b: Float64Array },
  cells: number,
  borders: Borders | undefined,
  { a, b, m, gainA, gainB }: Room,
): void {
  const [ka, kb] = [a.length, b.length];
  for (let at = 0; at < m.length; at++) m[at] = sums.intersections[r * m.length + at]!;
  for (let i = 0; i < ka; i++) a[i] = sums.areasA[r * ka + i]!;
  for (let j = 0; j < kb; j++) b[j] = sums.areasB[r * kb + j]!;
  if (!borders) return;
  for (let i = 0; i < ka; i++) {
    gainA[i] = borders.fixedA[i] ? 0 : share.a[i]! * cells - a[i]!;
    a[i]! += gainA[i]!;
  }
  for (let j = 0; j < kb; j++) {
    gainB[j] = borders.fixedB[j] ? 0 : share.b[j]! * cells - b[j]!;
    b[j]! += gainB[j]!;
  }
  for (let i = 0, at = 0; i < ka; i++) {
    for (let j = 0; j < kb; j++, at++) {
      const grown = m[at]! * (1 + gainA[i]! * borders.perA[at]! + gainB[j]! * borders.perB[at]!);
      m[at] = Math.max(0, Math.min(grown, a[i]!, b[j]!));
    }
  }
}

/** Share of all cells that each concept's mask covers. */
function densities(table: Uint32Array, k: number, counts: PairCounts): Float64Array {
  const out = new Float64Array(k);
  for (let at = 0; at < table.length; at++) out[at % k]! += table[at]! / (counts.n * counts.cells);
  return out;
}

export interface ResampleOptions {
  readonly weights?: ConceptWeights;
  readonly borders?: Borders;
  /** Called with J* of each resample. */
  readonly eachPair?: (resample: number, corrected: Float64Array) => void;
}

/** S (before the null) of each resample. */
export function resampledSimilarities(
  counts: PairCounts,
  sums: ResampledCounts,
  { weights, borders, eachPair }: ResampleOptions = {},
): Float64Array {
  const { ka, kb } = counts;
  const room: Room = {
    a: new Float64Array(ka),
    b: new Float64Array(kb),
    m: new Float64Array(ka * kb),
    gainA: new Float64Array(ka),
    gainB: new Float64Array(kb),
  };
  const [m, chance] = [new Float64Array(ka * kb), new Float64Array(ka * kb)];
  const out = new Float64Array(sums.rows);
  const share = { a: densities(counts.areasA, ka, counts), b: densities(counts.areasB, kb, counts) };
  for (let r = 0; r < sums.rows; r++) {
    const cells = sums.images[r]! * counts.cells;
    resampleInto(r, sums, share, cells, borders, room);
    chanceIousInto(chance, room.a, room.b, cells);
    correctedIouInto(m, room.m, room.a, room.b, chance);
    const { forward, backward } = meanBest(m, ka, kb, weights);
    out[r] = (forward + backward) / 2;
    eachPair?.(r, m);
  }
  return out;
}

/** Resamples of which the best of each concept is kept: enough for the interval of a share. */
const MOST_BEST = 200;

export interface SimilarityInterval extends Interval {
  /** S' of each resample, for intervals of summaries over several cells (the same weights must serve all of them). */
  readonly values: Float64Array;
  /** Best J* of each concept in the first resamples (at most MOST_BEST): resamples x ka and x kb. */
  readonly bestA: Float32Array;
  readonly bestB: Float32Array;
  /** Standard deviation of J* of each pair of concepts over the resamples, ka x kb; NaN where a concept shows nowhere. */
  readonly pairSd: Float32Array;
}

/**
 * Interval of S' by resampling the test images, thresholds found anew in each resample (`borders`), N held fixed: estimate +- z sd (percentile, basic
 * and BCa cover less, as resampling lifts maxima; with thresholds held fixed t, as the lift then is smaller). `bootstrap` comes from numerics/bootstrap; one matrix should serve all cells of a study. `units`:
 * images, or groups when these were resampled. Doubt from test images alone (refits are the second source, M7: `withRefits`).
 */
export async function similarityInterval(
  counts: PairCounts,
  nullMean: number,
  bootstrap: Matrix,
  engine: Engine,
  options: ResampleOptions & { readonly level?: number; readonly units?: number } = {},
): Promise<SimilarityInterval> {
  const all = { data: new Float32Array(counts.n).fill(1), rows: 1, cols: counts.n };
  const run = async (w: Matrix, eachPair?: ResampleOptions["eachPair"]) =>
    resampledSimilarities(counts, await resampleCounts(counts, w, engine), {
      ...options,
      ...(eachPair ? { eachPair } : {}),
    }).map((s) => subtractNull(s, nullMean));
  const [estimate] = await run(all);
  const few = Math.min(MOST_BEST, bootstrap.rows);
  const bestA = new Float32Array(few * counts.ka);
  const bestB = new Float32Array(few * counts.kb);
  const pairs = new Spread(counts.ka * counts.kb);
  const values = await run(bootstrap, (r, m) => {
    pairs.add(m);
    if (r >= few) return;
    const best = bestOfEach(m, counts.ka, counts.kb);
    bestA.set(best.a, r * counts.ka);
    bestB.set(best.b, r * counts.kb);
  });
  const { level, units = counts.n } = options;
  const interval = options.borders
    ? normalInterval(estimate!, values, level)
    : studentInterval(estimate!, values, units, level);
  return { values, bestA, bestB, pairSd: pairs.sd(), ...interval };
}

/** Standard deviations of many numbers at once, seen one resample at a time; resamples where a number is NaN do not count. */
class Spread {
  readonly #sum: Float64Array;
  readonly #squares: Float64Array;
  readonly #first: Float64Array;
  readonly #count: Float64Array;

  constructor(size: number) {
    [this.#sum, this.#squares, this.#count] = [new Float64Array(size), new Float64Array(size), new Float64Array(size)];
    this.#first = new Float64Array(size).fill(Number.NaN);
  }

  add(values: Float64Array): void {
    for (let at = 0; at < values.length; at++) {
      const v = values[at]!;
      if (Number.isNaN(v)) continue;
      if (Number.isNaN(this.#first[at]!)) this.#first[at] = v;
      const d = v - this.#first[at]!; // sums of squares about a value of the same size lose no digits
      this.#sum[at]! += d;
      this.#squares[at]! += d * d;
      this.#count[at]!++;
    }
  }

  sd(): Float32Array {
    return Float32Array.from(this.#sum, (sum, at) => {
      const n = this.#count[at]!;
      return n < 2 ? Number.NaN : Math.sqrt(Math.max(0, (this.#squares[at]! - sum ** 2 / n) / (n - 1)));
    });
  }
}
