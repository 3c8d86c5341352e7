import { squaredNorm } from "../numerics/gram.js";
import { matmul } from "../numerics/matmul.js";
import { below } from "../numerics/random.js";
import type { Matrix, Random } from "../numerics/types.js";
import type { ConceptMethod, FitOptions } from "./method.js";
import { projectAll } from "./project.js";
import { finishFit, scaledRows } from "./rows.js";

/**
 * Lloyd's k-means from k-means++ seeds. A concept is the direction of a centroid; its map is the clipped projection onto it, because a
 * hard assignment would give each cell one concept and no strength.
 */
export const kmeans: ConceptMethod = {
  name: "kmeans",
  signed: false,
  async fit(rows, options) {
    const { k } = options;
    const v = scaledRows(rows, k);
    const energy = squaredNorm(v.data);
    let centres = await plusPlus(v, k, options.random, options);
    let previous = Number.POSITIVE_INFINITY;
    for (let iteration = 1; ; iteration++) {
      const { owner, inertia } = await assign(v, centres, options);
      const counts = new Float64Array(k);
      for (const c of owner) counts[c]! += 1;
      const done = previous - inertia <= options.tolerance * inertia;
      if (done || iteration >= options.maxIterations) {
        const scoreGram = { data: new Float64Array(k * k), rows: k, cols: k };
        for (let c = 0; c < k; c++) scoreGram.data[c * k + c] = counts[c]!;
        return finishFit(centres, scoreGram, {
          explainedVariance: 1 - inertia / energy,
          objective: 0.5 * inertia,
          iterations: iteration,
          converged: done,
        });
      }
      previous = inertia;
      centres = means(v, owner, counts, centres);
    }
  },
  async encode(activations, vectors, engine) {
    return (await kmeans.encodeAll(activations, [vectors], engine))[0]!;
  },
  async encodeAll(activations, sets, engine, options) {
    const all = await projectAll(activations, sets, engine, options);
    for (const { data } of all) for (let i = 0; i < data.length; i++) if (data[i]! < 0) data[i] = 0;
    return all;
  },
};

async function assign(
  v: Matrix,
  centres: Matrix,
  { engine }: FitOptions,
): Promise<{ owner: Int32Array; inertia: number; distance: Float64Array }> {
  const products = await matmul(engine, v, centres, { b: true });
  const k = centres.rows;
  const square = Array.from({ length: k }, (_, c) => squaredNorm(centres.data.subarray(c * v.cols, (c + 1) * v.cols)));
  const owner = new Int32Array(v.rows);
  const distance = new Float64Array(v.rows);
  let inertia = 0;
  for (let r = 0; r < v.rows; r++) {
    let best = Number.POSITIVE_INFINITY;
    for (let c = 0; c < k; c++) {
      const d = square[c]! - 2 * products.data[r * k + c]!;
      if (d < best) {
        best = d;
        owner[r] = c;
      }
    }
    distance[r] = Math.max(0, best + squaredNorm(v.data.subarray(r * v.cols, (r + 1) * v.cols)));
    inertia += distance[r]!;
  }
  return { owner, inertia, distance };
}

async function plusPlus(v: Matrix, k: number, random: Random, options: FitOptions): Promise<Matrix> {
  const chosen = [below(v.rows, random)];
  const take = (): Matrix => {
    const data = new Float32Array(chosen.length * v.cols);
    for (const [i, r] of chosen.entries()) data.set(v.data.subarray(r * v.cols, (r + 1) * v.cols), i * v.cols);
    return { data, rows: chosen.length, cols: v.cols };
  };
  while (chosen.length < k) {
    const { distance, inertia } = await assign(v, take(), options);
    let left = random() * inertia;
    let pick = 0;
    while (pick < v.rows - 1 && left >= distance[pick]!) left -= distance[pick++]!;
    chosen.push(pick);
  }
  return take();
}

/** An empty cluster keeps its centre. */
function means(v: Matrix, owner: Int32Array, counts: Float64Array, old: Matrix): Matrix {
  const sums = new Float64Array(old.data.length);
  for (let r = 0; r < v.rows; r++)
    for (let x = 0; x < v.cols; x++) sums[owner[r]! * v.cols + x]! += v.data[r * v.cols + x]!;
  return {
    ...old,
    data: old.data.map((value, i) =>
      counts[Math.floor(i / v.cols)]! > 0 ? sums[i]! / counts[Math.floor(i / v.cols)]! : value,
    ),
  };
}
