import { gramOfColumns, gramOfRows, squaredNorm } from "../numerics/gram.js";
import { nmfInto } from "../numerics/nmf.js";
import { nndsvda } from "../numerics/nndsvd.js";
import { Nnls } from "../numerics/nnls.js";
import type { ConceptMethod } from "./method.js";
import { projectPlanes } from "./project.js";
import { finishFit, scaledRows } from "./rows.js";

/** ICE's concepts (Zhang et al. 2021): non-negative factorisation; maps are the exact non-negative least-squares scores. */
export const nmf: ConceptMethod = {
  name: "nmf",
  signed: false,
  async fit(rows, { k, engine, random, tolerance, maxIterations }) {
    const v = scaledRows(rows, k);
    const start = await nndsvda(engine, v, k, random);
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
