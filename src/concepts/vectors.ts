import type { Matrix } from "../numerics/types.js";

/** Cosine of row i of a with row j of b; NaN where either is all zero. */
export function cosine(a: Matrix, i: number, b: Matrix, j: number): number {
  let ab = 0;
  let aa = 0;
  let bb = 0;
  for (let c = 0; c < a.cols; c++) {
    const [x, y] = [a.data[i * a.cols + c]!, b.data[j * b.cols + c]!];
    ab += x * y;
    aa += x * x;
    bb += y * y;
  }
  return ab / Math.sqrt(aa * bb);
}

export interface VectorStability {
  /** Mean cosine between the vectors of two refits, all pairs; NaN with fewer than two. */
  readonly consistency: Float64Array;
  /** 1 - largest |cosine| with another concept's vector; 1 for a single concept. */
  readonly separation: Float64Array;
}

/** How firm the vectors of a layer are (METHOD.md 1.2.3): consistency over refits on resampled images, separation from the other concepts. */
export function vectorStability(vectors: Matrix, refits: readonly Matrix[]): VectorStability {
  const k = vectors.rows;
  const consistency = new Float64Array(k);
  const separation = new Float64Array(k).fill(1);
  for (let j = 0; j < k; j++) {
    const pairs: number[] = [];
    for (let a = 0; a < refits.length; a++)
      for (let b = a + 1; b < refits.length; b++) pairs.push(cosine(refits[a]!, j, refits[b]!, j));
    const known = pairs.filter((v) => !Number.isNaN(v));
    consistency[j] = known.reduce((s, v) => s + v, 0) / known.length;
    for (let i = 0; i < k; i++) {
      const near = i === j ? Number.NaN : 1 - Math.abs(cosine(vectors, j, vectors, i));
      if (near < separation[j]!) separation[j] = near;
    }
  }
  return { consistency, separation };
}
