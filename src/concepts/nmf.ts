import type { Engine } from "../numerics/engine.js";
import { gramOfColumns, gramOfRows, squaredNorm } from "../numerics/gram.js";
import { nmfInto } from "../numerics/nmf.js";
import { nndsvda } from "../numerics/nndsvd.js";
import { Nnls } from "../numerics/nnls.js";
import { sampleWithoutReplacement } from "../numerics/random.js";
import type { Matrix, Tensor4 } from "../numerics/types.js";
import type { ConceptMethod, FitOptions } from "./method.js";
import { projectAll } from "./project.js";
import { finishFit, scaledRows } from "./rows.js";

/** Rows of the first fit: a random subset finds nearly the same concepts at a fraction of the cost. */
const SUBSET = 6000;
/** The subset's fit may go on longer than the whole's: its passes are cheap. */
const SUBSET_TOLERANCE = 1e-5;
const FIRST_SWEEPS = 8;

/** An objective, in units of the scaled rows (M6), that is good enough to stop at; for benchmarks. */
export type NmfFitOptions = FitOptions & { readonly target?: number };

/** ICE's concepts (Zhang et al. 2021): non-negative factorisation; maps are the exact non-negative least-squares scores. */
export const nmf = {
  name: "nmf",
  signed: false,
  async fit(rows: Matrix, options: NmfFitOptions) {
    const v = scaledRows(rows, options.k);
    const start = await startOf(v, options);
    const { s, p, objective, iterations, converged } = await nmfInto(options.engine, v, start, {
      ...options,
      ...(start.firstSweeps && { firstSweeps: start.firstSweeps }),
    });
    const explainedVariance = 1 - (2 * objective) / squaredNorm(v.data);
    return finishFit(p, gramOfColumns(s), { explainedVariance, objective, iterations, converged });
  },
  async encode(activations: Tensor4, vectors: Matrix, engine: Engine): Promise<Tensor4> {
    return (await nmf.encodeAll(activations, [vectors], engine))[0]!;
  },
  async encodeAll(activations: Tensor4, sets: readonly Matrix[], engine: Engine): Promise<Tensor4[]> {
    const all = await projectAll(activations, sets, engine);
    all.forEach((scores, at) => {
      const nnls = new Nnls(gramOfRows(sets[at]!));
      const cells = scores.h * scores.w;
      for (let i = 0; i < scores.n; i++) nnls.solvePlanesInto(scores.data, i * scores.c * cells, cells);
    });
    return all;
  },
} satisfies ConceptMethod;

/** NNDSVDa of all rows when they are few, else the concepts of a subset (NNDSVDa and a fit) and scores still to be found. */
async function startOf(
  v: Matrix,
  { k, engine, random, maxIterations }: FitOptions,
): Promise<{ s: Matrix; p: Matrix; firstSweeps?: number }> {
  if (v.rows < 2 * SUBSET) return nndsvda(engine, v, k, random);
  const part: Matrix = { data: new Float32Array(SUBSET * v.cols), rows: SUBSET, cols: v.cols };
  sampleWithoutReplacement(v.rows, SUBSET, random).forEach((r, i) => {
    part.data.set(v.data.subarray(r * v.cols, (r + 1) * v.cols), i * v.cols);
  });
  const stop = { tolerance: SUBSET_TOLERANCE, maxIterations };
  const { p } = await nmfInto(engine, part, await nndsvda(engine, part, k, random), stop);
  return { s: { data: new Float32Array(v.rows * k), rows: v.rows, cols: k }, p, firstSweeps: FIRST_SWEEPS };
}
