import { centredColumns } from "../../numerics/dense64.js";
import { cosineNeighbours } from "../../numerics/knn.js";
import { unusable } from "./check.js";
import type { Measure } from "./measure.js";
import { pairRefusal, refusal, scored } from "./measure.js";

export interface KnnOptions {
  /** Neighbours a sample. */
  readonly k?: number;
  /** Remove each feature's mean first (METHOD.md section 3); without it the number is that of platonic-rep. */
  readonly centre?: boolean;
}

export interface Neighbours {
  readonly k: number;
  /** n x k. */
  readonly of: Int32Array;
}

/** Mutual k nearest neighbours (METHOD.md 3.5): the mean share of a sample's k nearest by cosine that both sides name; chance k / (n - 1). */
export const mutualKnn: Measure<Neighbours, KnnOptions> = {
  id: "mutual_knn",
  title: "Mutual k-NN",
  range: [0, 1],
  symmetric: true,
  purpose: "the nearest samples of a sample are the same; says nothing of large distances",
  invariantTo: ["permutation", "isotropic scaling", "translation", "rotation"],
  defaults: { k: 10, centre: true },
  async prepare(x, { engine }, options) {
    const { k, centre } = { ...mutualKnn.defaults, ...options };
    const refused =
      unusable(x) ?? (x.rows > k + 1 ? undefined : `${x.rows} samples, more than ${k + 1} needed for ${k} neighbours`);
    if (refused !== undefined) return { n: x.rows, refused };
    const rows = centre ? centredColumns(x) : { ...x, data: Float64Array.from(x.data) };
    for (let r = 0; r < rows.rows; r++) {
      if (rows.data.subarray(r * rows.cols, (r + 1) * rows.cols).every((v) => v === 0))
        return { n: x.rows, refused: `sample ${r} is zero in all features: no direction, so no cosine` };
    }
    return { n: x.rows, item: { k, of: await cosineNeighbours(engine, rows, k) } };
  },
  async compare(a, b) {
    const refused =
      pairRefusal(a, b) ??
      (a.item!.k === b.item!.k ? undefined : `${a.item!.k} neighbours on one side, ${b.item!.k} on the other`);
    if (refused !== undefined) return refusal(refused);
    const k = a.item!.k;
    let shared = 0;
    for (let i = 0; i < a.n; i++) {
      const mine = new Set(a.item!.of.subarray(i * k, (i + 1) * k));
      for (const j of b.item!.of.subarray(i * k, (i + 1) * k)) if (mine.has(j)) shared++;
    }
    return scored(shared / (a.n * k), { chance: k / (a.n - 1) });
  },
};
