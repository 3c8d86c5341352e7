import { canonicalVariates } from "../../numerics/cca.js";
import { centredColumns, frobenius, matmul64, transposed } from "../../numerics/dense64.js";
import type { Engine } from "../../numerics/engine.js";
import { lq, nonzeroRows } from "../../numerics/orthonormal.js";
import type { Matrix64 } from "../../numerics/types.js";
import { unusable } from "./check.js";
import type { Measure } from "./measure.js";
import { pairRefusal, refusal, scored } from "./measure.js";
import { saturation, tooFewSamples } from "./svcca.js";

export interface PwccaItem {
  /** Centred, n x d. */
  readonly x: Matrix64;
  /** Orthonormal basis of its columns, as rows: r x n. */
  readonly basis: Matrix64;
}

/**
 * PWCCA (METHOD.md 3.2; Morcos et al. 2018): sum a_i rho_i / sum a_i, a_i = sum_j |<h_i, x_j>|, h_i the canonical variates of X, x_j its columns.
 * `value` is weighted by X, `reverse` by Y.
 */
export const pwcca: Measure<PwccaItem> = {
  id: "pwcca",
  title: "PWCCA",
  range: [0, 1],
  symmetric: false,
  purpose: "the directions that X uses much are linear in Y",
  invariantTo: ["permutation", "isotropic scaling", "translation"],
  defaults: {},
  async prepare(x) {
    const refused = unusable(x) ?? tooFewSamples(x.rows, x.cols);
    if (refused !== undefined) return { n: x.rows, refused };
    const centred = centredColumns(x);
    const scale = frobenius(centred);
    for (let i = 0; i < centred.data.length; i++) centred.data[i]! /= scale;
    return { n: x.rows, item: { x: centred, basis: nonzeroRows(lq(transposed(centred), 1e-10).q) } };
  },
  async compare(a, b, { engine }) {
    const refused = pairRefusal(a, b);
    if (refused !== undefined) return refusal(refused);
    const reverse = await weighted(engine, b.item!, a.item!);
    return scored(await weighted(engine, a.item!, b.item!), {
      reverse,
      ...saturation(a.n, a.item!.basis.rows, b.item!.basis.rows),
    });
  },
};

async function weighted(engine: Engine, from: PwccaItem, to: PwccaItem): Promise<number> {
  const { correlations, variates } = await canonicalVariates(engine, from.basis, to.basis);
  const use = await matmul64(engine, variates, from.x);
  let sum = 0;
  let total = 0;
  for (let i = 0; i < use.rows; i++) {
    let weight = 0;
    for (let j = 0; j < use.cols; j++) weight += Math.abs(use.data[i * use.cols + j]!);
    sum += weight * correlations[i]!;
    total += weight;
  }
  return sum / total;
}
