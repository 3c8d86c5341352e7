import { topEigen } from "../numerics/eigen.js";
import { squaredNorm } from "../numerics/gram.js";
import { matmul } from "../numerics/matmul.js";
import type { ConceptMethod } from "./method.js";
import { projectAll, projectPlanes } from "./project.js";
import { finishFit, scaledRows } from "./rows.js";

/**
 * Principal directions of the raw (not centred) activations, so that a map is a plain projection and needs no offset.
 * The first one is close to the mean activation.
 */
export const pca: ConceptMethod = {
  name: "pca",
  signed: true,
  async fit(rows, { k, engine, random }) {
    const v = scaledRows(rows, k);
    const gram = await matmul(engine, v, v, { a: true });
    const { values, vectors } = topEigen({ data: Float64Array.from(gram.data), rows: v.cols, cols: v.cols }, k, random);
    const energy = squaredNorm(v.data);
    const kept = values.reduce((a, b) => a + b, 0);
    const scoreGram = { data: new Float64Array(k * k), rows: k, cols: k };
    values.forEach((value, i) => {
      scoreGram.data[i * k + i] = value;
    });
    return finishFit({ data: Float32Array.from(vectors.data), rows: k, cols: v.cols }, scoreGram, {
      explainedVariance: kept / energy,
      objective: Math.max(0, 0.5 * (energy - kept)),
      iterations: 1,
      converged: true,
    });
  },
  encode: projectPlanes,
  encodeAll: projectAll,
};
