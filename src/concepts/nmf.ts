import type { Engine } from "../numerics/engine.js";
import { gramOfColumns, gramOfRows, squaredNorm } from "../numerics/gram.js";
import { matmul } from "../numerics/matmul.js";
import { nmfInto, sweepRowsInto } from "../numerics/nmf.js";
import { nndsvda } from "../numerics/nndsvd.js";
import { Nnls } from "../numerics/nnls.js";
import type { Matrix, Random } from "../numerics/types.js";
import type { ConceptMethod } from "./method.js";
import { projectPlanes } from "./project.js";
import { finishFit, scaledRows } from "./rows.js";

/** ICE's concepts (Zhang et al. 2021): non-negative factorisation; maps are the exact non-negative least-squares scores. */
export const nmf: ConceptMethod = {
  name: "nmf",
  signed: false,
  async fit(rows, { k, engine, random, tolerance, maxIterations }) {
    const v = scaledRows(rows, k);
    const start = await warmStart(engine, v, k, random, { tolerance, maxIterations });
    const { s, p, objective, iterations, converged } = await nmfInto(engine, v, start, { tolerance, maxIterations });
    const explainedVariance = 1 - (2 * objective) / squaredNorm(v.data);
    return finishFit(p, gramOfColumns(s), { explainedVariance, objective, iterations, converged });
  },
  async encode(activations, vectors, engine) {
    const scores = await projectPlanes(activations, vectors, engine);
    const nnls = new Nnls(gramOfRows(vectors));
    const cells = scores.h * scores.w;
    for (let i = 0; i < scores.n; i++) nnls.solvePlanesInto(scores.data, i * scores.c * cells, cells);
    return scores;
  },
};

/** Rows at most for the first fit: an even subset finds nearly the same concepts at a fraction of the cost. */
const SUBSET = 6000;

/** NNDSVDa and a fit on an even subset of the rows, then the scores of all rows for those concepts by a few sweeps. */
async function warmStart(
  engine: Engine,
  v: Matrix,
  k: number,
  random: Random,
  stop: { tolerance: number; maxIterations: number },
): Promise<{ s: Matrix; p: Matrix }> {
  const step = Math.floor(v.rows / SUBSET);
  if (step < 2) return nndsvda(engine, v, k, random);
  const rows = Math.floor(v.rows / step);
  const part: Matrix = { data: new Float32Array(rows * v.cols), rows, cols: v.cols };
  for (let r = 0; r < rows; r++) part.data.set(v.data.subarray(r * step * v.cols, (r * step + 1) * v.cols), r * v.cols);
  const { p } = await nmfInto(engine, part, await nndsvda(engine, part, k, random), stop);
  const b = await matmul(engine, v, p, { b: true });
  const gram = gramOfRows(p);
  const s: Matrix = { data: new Float32Array(v.rows * k), rows: v.rows, cols: k };
  sweepRowsInto(s, b, gram, 5);
  return { s, p };
}
