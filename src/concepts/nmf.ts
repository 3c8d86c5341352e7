import type { Engine } from "../numerics/engine.js";
import { gramOfRows } from "../numerics/gram.js";
import type { NmfResult } from "../numerics/nmf.js";
import { nmfInto } from "../numerics/nmf.js";
import { nndsvda } from "../numerics/nndsvd.js";
import { Nnls } from "../numerics/nnls.js";
import { sampleWithoutReplacement } from "../numerics/random.js";
import type { Matrix, Random, Tensor4 } from "../numerics/types.js";
import type { ConceptMethod, FitOptions } from "./method.js";
import type { ProjectOptions } from "./project.js";
import { projectAll } from "./project.js";
import { checkedEnergy, finishFit, scaled } from "./rows.js";

/** Rows of the first fit: a random subset finds nearly the same concepts at a fraction of the cost. */
const SUBSET = 6000;
/** The subset's fit may go on longer than the whole's: its passes are cheap. */
const SUBSET_TOLERANCE = 1e-5;
const FIRST_SWEEPS = 8;
/** From so many rows on, where a pass over them costs as much, several starts are tried and the best goes on: minima differ by up to 1 %. */
const RACE_FROM = 50_000;
/** Rows that it goes on with: a subset misses the minimum of the whole by a share that falls with its size, and passes over the whole make up for it. */
const WIDE_SUBSET = 12_000;
const RACERS = 4;
const RACE_ROWS = 2000;
/** Racers whose objectives differ by less than this share are in one minimum, and so would the next be. */
const SAME_MINIMUM = 1e-3;
/** Outside of it single precision could overflow or vanish in products of unscaled rows. */
const SAFE_RMS = [1e-9, 1e9] as const;

/** An objective, in units of the scaled rows (M6), that is good enough to stop at; for benchmarks. */
export type NmfFitOptions = FitOptions & { readonly target?: number };

/** ICE's concepts (Zhang et al. 2021): non-negative factorisation; maps are the exact non-negative least-squares scores. */
export const nmf = {
  name: "nmf",
  signed: false,
  async fit(rows: Matrix, options: NmfFitOptions) {
    const energy = checkedEnergy(rows, options.k);
    const rms = Math.sqrt(energy / rows.data.length);
    const few = rows.rows < 2 * SUBSET;
    // rows are scaled to RMS 1 (M6); where they are many they stay as they are and the concepts carry the scale, which is the same
    const inPlace = !few && rms > SAFE_RMS[0] && rms < SAFE_RMS[1];
    const v = inPlace ? rows : scaled(rows, 1 / rms);
    const scale = inPlace ? rms : 1;
    const { s, p, firstSweeps } = few
      ? { ...(await nndsvda(options.engine, v, options.k, options.random)), firstSweeps: undefined }
      : await startOnSubset(v, scale, options);
    const unit = scale * scale; // of the objective
    const found = await nmfInto(
      options.engine,
      v,
      { s, p },
      {
        tolerance: options.tolerance,
        maxIterations: options.maxIterations,
        energy: (energy / (rms * rms)) * unit,
        ...(options.target !== undefined && { target: options.target * unit }),
        ...(firstSweeps !== undefined && { firstSweeps }),
      },
    );
    const explainedVariance = 1 - (2 * found.objective * rms * rms) / (energy * unit);
    const { iterations, converged } = found;
    return finishFit(p, found.scoreGram, {
      explainedVariance,
      objective: found.objective / unit,
      iterations,
      converged,
    });
  },
  async encode(activations: Tensor4, vectors: Matrix, engine: Engine): Promise<Tensor4> {
    return (await nmf.encodeAll(activations, [vectors], engine))[0]!;
  },
  async encodeAll(
    activations: Tensor4,
    sets: readonly Matrix[],
    engine: Engine,
    options?: ProjectOptions,
  ): Promise<Tensor4[]> {
    const all = await projectAll(activations, sets, engine, options);
    all.forEach((scores, at) => {
      const nnls = new Nnls(gramOfRows(sets[at]!));
      const cells = scores.h * scores.w;
      for (let i = 0; i < scores.n; i++) nnls.solvePlanesInto(scores.data, i * scores.c * cells, cells);
    });
    return all;
  },
} satisfies ConceptMethod;

/** The concepts of a subset, times `scale`, and scores still to be found. `v` is `scale` times rows of RMS 1. */
async function startOnSubset(
  v: Matrix,
  scale: number,
  { k, engine, random, maxIterations, target = 0 }: NmfFitOptions,
): Promise<{ s: Matrix; p: Matrix; firstSweeps: number }> {
  const part = (count: number) => scaled(sampled(v, count, random), 1 / scale);
  // a subset overfits a little, so it has to be a little better
  const stopAt = (count: number) => ({
    tolerance: SUBSET_TOLERANCE,
    maxIterations,
    target: (0.98 * target * count) / v.rows,
  });
  let found: NmfResult;
  const first = part(SUBSET);
  if (v.rows < RACE_FROM) {
    found = await nmfInto(engine, first, await nndsvda(engine, first, k, random), stopAt(SUBSET));
  } else {
    const { p } = await race(first, k, engine, random, stopAt(SUBSET).target);
    const start = { s: zeros(WIDE_SUBSET, k), p };
    found = await nmfInto(engine, part(WIDE_SUBSET), start, { ...stopAt(WIDE_SUBSET), firstSweeps: FIRST_SWEEPS });
  }
  const { p } = found;
  for (let i = 0; i < p.data.length; i++) p.data[i]! *= scale;
  return { s: zeros(v.rows, k), p, firstSweeps: FIRST_SWEEPS };
}

/** Fits small parts of the rows and gives the concepts that serve all of them best after a few passes. */
async function race(
  rows: Matrix,
  k: number,
  engine: Engine,
  random: Random,
  enough: number,
): Promise<{ s: Matrix; p: Matrix }> {
  let best: NmfResult | undefined;
  for (let i = 0; i < RACERS && !(best && best.objective <= enough); i++) {
    const part = sampled(rows, RACE_ROWS, random);
    const start = await nndsvda(engine, part, k, random);
    const { p } = await nmfInto(engine, part, start, { tolerance: 1e-4, maxIterations: 100 });
    const stop = { tolerance: 0, maxIterations: 5, target: enough, firstSweeps: FIRST_SWEEPS };
    const racer = await nmfInto(engine, rows, { s: zeros(rows.rows, k), p }, stop);
    const alike = best && Math.abs(racer.objective - best.objective) <= SAME_MINIMUM * best.objective;
    if (!best || racer.objective < best.objective) best = racer;
    if (alike) break;
  }
  return best!;
}

/** Rows drawn without replacement. */
function sampled(v: Matrix, count: number, random: Random): Matrix {
  const part: Matrix = { data: new Float32Array(count * v.cols), rows: count, cols: v.cols };
  sampleWithoutReplacement(v.rows, count, random).forEach((r, i) => {
    part.data.set(v.data.subarray(r * v.cols, (r + 1) * v.cols), i * v.cols);
  });
  return part;
}

function zeros(rows: number, cols: number): Matrix {
  return { data: new Float32Array(rows * cols), rows, cols };
}
