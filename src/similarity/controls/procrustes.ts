import { centredColumns, frobenius, matmul64 } from "../../numerics/dense64.js";
import { lq } from "../../numerics/orthonormal.js";
import { nuclearNorm } from "../../numerics/svd64.js";
import type { Matrix64 } from "../../numerics/types.js";
import { unusable } from "./check.js";
import type { Measure } from "./measure.js";
import { pairRefusal, refusal, scored } from "./measure.js";

/**
 * Procrustes similarity (METHOD.md 3.3): the nuclear norm of X^T Y with columns centred and ||X||_F = ||Y||_F = 1.
 * Ding's distance is 2 - 2 value; sqrt of that is a metric. Different numbers of features count as padded with zeros.
 */
export const procrustes: Measure<Matrix64> = {
  id: "procrustes",
  title: "Procrustes similarity",
  range: [0, 1],
  symmetric: true,
  purpose:
    "one rotation takes the features of one item onto those of the other; a metric on shapes, strict about small directions too",
  invariantTo: ["permutation", "isotropic scaling", "translation", "rotation"],
  defaults: {},
  async prepare(x) {
    const refused = unusable(x, 2);
    if (refused !== undefined) return { n: x.rows, refused };
    const centred = centredColumns(x);
    const norm = frobenius(centred);
    for (let i = 0; i < centred.data.length; i++) centred.data[i]! /= norm;
    // a rotation of the features changes nothing, so n of them are enough
    return { n: x.rows, item: x.cols > x.rows ? lq(centred).l : centred };
  },
  async compare(a, b, { engine }) {
    const refused = pairRefusal(a, b);
    if (refused !== undefined) return refusal(refused);
    const note =
      a.n <= a.item!.cols || b.n <= b.item!.cols ? "as many features as samples, or more: biased upward" : undefined;
    const value = nuclearNorm(await matmul64(engine, a.item!, b.item!, { a: true }));
    return scored(Math.min(1, value), note === undefined ? {} : { note });
  },
};
