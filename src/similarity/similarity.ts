import type { Matrix64 } from "../numerics/types.js";
import type { Partners } from "./match.js";
import { partners } from "./match.js";

/** How alike two layers are, from M = J* (ka x kb), METHOD.md 1.1.3. All NaN when no concept of one side shows on any test image. */
export interface LayerSimilarity extends Partners {
  /** S = (F + B) / 2. */
  readonly similarity: number;
  /** F = sum_i w_i max_j M_ij. */
  readonly forward: number;
  /** B = sum_j w_j max_i M_ij. */
  readonly backward: number;
  /** H = sum of M over the optimal assignment / max(ka, kb), counting concepts that show. */
  readonly oneToOne: number;
}

/** Weights of the concepts of both layers, such as their shares of energy; uniform when absent. They are scaled to sum 1 over the concepts that show. */
export interface ConceptWeights {
  readonly a: ArrayLike<number>;
  readonly b: ArrayLike<number>;
}

export function layerSimilarity(m: Matrix64, weights?: ConceptWeights): LayerSimilarity {
  const found = partners(m);
  const { forward, backward } = meanBest(m.data, m.rows, m.cols, weights);
  let sum = 0;
  found.assigned.forEach((j, i) => {
    if (j >= 0) sum += m.data[i * m.cols + j]!;
  });
  const shown = (best: Int32Array) => best.filter((i) => i >= 0).length;
  const oneToOne = sum / Math.max(shown(found.bestForA), shown(found.bestForB));
  return { similarity: (forward + backward) / 2, forward, backward, oneToOne, ...found };
}

/** F and B of a ka x kb matrix, and nothing else: what nulls and resamples repeat many times. */
export function meanBest(
  m: ArrayLike<number>,
  ka: number,
  kb: number,
  weights?: ConceptWeights,
): { forward: number; backward: number } {
  const columns = new Float64Array(kb).fill(Number.NEGATIVE_INFINITY);
  let sum = 0;
  let mass = 0;
  for (let i = 0; i < ka; i++) {
    let best = Number.NEGATIVE_INFINITY;
    for (let j = 0; j < kb; j++) {
      // NaN loses every comparison
      const v = m[i * kb + j]!;
      if (v > best) best = v;
      if (v > columns[j]!) columns[j] = v;
    }
    if (best === Number.NEGATIVE_INFINITY) continue;
    const w = weights ? weights.a[i]! : 1;
    sum += w * best;
    mass += w;
  }
  let back = 0;
  let backMass = 0;
  for (let j = 0; j < kb; j++) {
    if (columns[j] === Number.NEGATIVE_INFINITY) continue;
    const w = weights ? weights.b[j]! : 1;
    back += w * columns[j]!;
    backMass += w;
  }
  return { forward: sum / mass, backward: back / backMass };
}
