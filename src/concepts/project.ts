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
