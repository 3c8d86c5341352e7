import type { HsicItem } from "../../numerics/cka.js";
import { hsicItem, uProduct } from "../../numerics/cka.js";
import { unusable } from "./check.js";
import type { Measure } from "./measure.js";
import { pairRefusal, refusal, scored } from "./measure.js";

/** Debiased linear CKA (METHOD.md 3.1): HSIC_1(K, L) / sqrt(HSIC_1(K, K) HSIC_1(L, L)), all samples at once. May fall a little below 0. */
export const cka: Measure<HsicItem> = {
  id: "cka",
  title: "Debiased linear CKA",
  range: [-1, 1],
  symmetric: true,
  purpose:
    "the same samples are alike, as inner products of all features see it; ruled by the directions of largest variance",
  invariantTo: ["permutation", "isotropic scaling", "translation", "rotation"],
  defaults: {},
  async prepare(x, { engine }) {
    const refused = unusable(x);
    if (refused !== undefined) return { n: x.rows, refused };
    const item = await hsicItem(engine, x);
    return item.energy > 0 ? { n: x.rows, item } : { n: x.rows, refused: "the samples hardly differ from each other" };
  },
  async compare(a, b, { engine }) {
    const refused = pairRefusal(a, b);
    if (refused !== undefined) return refusal(refused);
    return scored((await uProduct(engine, a.item!, b.item!)) / Math.sqrt(a.item!.energy * b.item!.energy));
  },
};
