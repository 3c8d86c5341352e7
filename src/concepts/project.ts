import type { Engine, Kernel } from "../numerics/engine.js";
import type { Matrix, Tensor4 } from "../numerics/types.js";
import { modelBytes, node, valueInfo } from "../onnx/build.js";

export interface ProjectOptions {
  /** Negative activations count as 0: as planes that went through `preparePlanes` with mode "clip", without a copy of them. */
  readonly clip?: boolean;
}

/** b = P A, image by image: n x k x h x w inner products of every cell with every concept. */
export async function projectPlanes(
  activations: Tensor4,
  vectors: Matrix,
  engine: Engine,
  { clip = false }: ProjectOptions = {},
): Promise<Tensor4> {
  const { n, c, h, w } = activations;
  const cells = h * w;
  const kernel = await productKernel(engine, clip);
  const images: Float32Array[] = [];
  for (let i = 0; i < n; i++) {
    const { y } = await kernel.run({
      p: { type: "float32", dims: [vectors.rows, c], data: vectors.data },
      a: { type: "float32", dims: [c, cells], data: activations.data.subarray(i * c * cells, (i + 1) * c * cells) },
    });
    images.push(y!.data as Float32Array);
  }
  if (n === 1) return { data: images[0]!, n, c: vectors.rows, h, w };
  const data = new Float32Array(n * vectors.rows * cells);
  images.forEach((image, i) => {
    data.set(image, i * image.length);
  });
  return { data, n, c: vectors.rows, h, w };
}

/** Several sets of vectors in one product: a cell's inner products do not depend on the concepts beside them. */
export async function projectAll(
  activations: Tensor4,
  sets: readonly Matrix[],
  engine: Engine,
  options: ProjectOptions = {},
): Promise<Tensor4[]> {
  const { n, h, w } = activations;
  const rows = sets.reduce((s, v) => s + v.rows, 0);
  const stacked = { data: new Float32Array(rows * activations.c), rows, cols: activations.c };
  let at = 0;
  for (const { data } of sets) {
    stacked.data.set(data, at);
    at += data.length;
  }
  const all = await projectPlanes(activations, stacked, engine, options);
  let first = 0;
  return sets.map((v) => {
    const size = v.rows * h * w;
    const from = first * h * w;
    first += v.rows;
    // of one image the sets lie one after the other
    if (n === 1) return { data: all.data.subarray(from, from + size), n, c: v.rows, h, w };
    const data = new Float32Array(n * size);
    for (let i = 0; i < n; i++)
      data.set(all.data.subarray(i * rows * h * w + from, i * rows * h * w + from + size), i * size);
    return { data, n, c: v.rows, h, w };
  });
}

function productKernel(engine: Engine, clip: boolean): Promise<Kernel> {
  return engine.shared(clip ? "project-clipped" : "project", () =>
    modelBytes({
      nodes: [...(clip ? [node("Relu", ["a"], ["v"])] : []), node("Gemm", ["p", clip ? "v" : "a"], ["y"])],
      inputs: [valueInfo("p", "float32", ["k", "c"]), valueInfo("a", "float32", ["c", "cells"])],
      outputs: [valueInfo("y", "float32", ["k", "cells"])],
    }),
  );
}
