import type { Engine } from "../numerics/engine.js";
import { matmul } from "../numerics/matmul.js";
import type { Matrix, Tensor4 } from "../numerics/types.js";

/** b = P A, image by image: n x k x h x w inner products of every cell with every concept. */
export async function projectPlanes(activations: Tensor4, vectors: Matrix, engine: Engine): Promise<Tensor4> {
  const { n, c, h, w } = activations;
  const cells = h * w;
  const data = new Float32Array(n * vectors.rows * cells);
  for (let i = 0; i < n; i++) {
    const plane: Matrix = { data: activations.data.subarray(i * c * cells, (i + 1) * c * cells), rows: c, cols: cells };
    data.set((await matmul(engine, vectors, plane)).data, i * vectors.rows * cells);
  }
  return { data, n, c: vectors.rows, h, w };
}

/** Several sets of vectors in one product: a cell's inner products do not depend on the concepts beside them. */
export async function projectAll(activations: Tensor4, sets: readonly Matrix[], engine: Engine): Promise<Tensor4[]> {
  const { n, h, w } = activations;
  const rows = sets.reduce((s, v) => s + v.rows, 0);
  const stacked = { data: new Float32Array(rows * activations.c), rows, cols: activations.c };
  let at = 0;
  for (const { data } of sets) {
    stacked.data.set(data, at);
    at += data.length;
  }
  const all = await projectPlanes(activations, stacked, engine);
  let first = 0;
  return sets.map((v) => {
    const size = v.rows * h * w;
    const data = new Float32Array(n * size);
    for (let i = 0; i < n; i++) {
      const from = (i * rows + first) * h * w;
      data.set(all.data.subarray(from, from + size), i * size);
    }
    first += v.rows;
    return { data, n, c: v.rows, h, w };
  });
}
