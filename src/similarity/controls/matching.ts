import { maxAssignment } from "../../numerics/assignment.js";
import { matmul64 } from "../../numerics/dense64.js";
import { unitVariation } from "../../numerics/rsa.js";
import type { Matrix64 } from "../../numerics/types.js";
import { unusable } from "./check.js";
import type { Measure } from "./measure.js";
import { pairRefusal, refusal, scored } from "./measure.js";

export interface MatchingItem {
  /** Features with mean 0 and length 1 over the samples; those that never vary are zero. */
  readonly unit: Matrix64;
  readonly constant: number;
}

/** Hard correlation match (METHOD.md 3.6): the mean Pearson correlation of features paired one to one so that its sum is largest. */
export const matching: Measure<MatchingItem> = {
  id: "matching",
  title: "Hard correlation match",
  range: [-1, 1],
  symmetric: true,
  purpose:
    "single features (channels or concepts) of one item have a partner in the other; grows with the number of features",
  invariantTo: ["permutation", "isotropic scaling", "channel scaling", "translation"],
  defaults: {},
  async prepare(x) {
    const refused = unusable(x);
    if (refused !== undefined) return { n: x.rows, refused };
    const data = new Float64Array(x.data.length);
    let constant = 0;
    for (let c = 0; c < x.cols; c++) {
      const unit = unitVariation(Float64Array.from({ length: x.rows }, (_, r) => x.data[r * x.cols + c]!));
      if (unit.every((v) => v === 0)) constant++;
      for (let r = 0; r < x.rows; r++) data[r * x.cols + c] = unit[r]!;
    }
    return { n: x.rows, item: { unit: { data, rows: x.rows, cols: x.cols }, constant } };
  },
  async compare(a, b, { engine }) {
    const refused = pairRefusal(a, b);
    if (refused !== undefined) return refusal(refused);
    const correlation = await matmul64(engine, a.item!.unit, b.item!.unit, { a: true });
    const partner = maxAssignment(correlation);
    let sum = 0;
    let pairs = 0;
    partner.forEach((column, row) => {
      if (column < 0) return;
      sum += correlation.data[row * correlation.cols + column]!;
      pairs++;
    });
    const constant = a.item!.constant + b.item!.constant;
    return scored(sum / pairs, constant > 0 ? { note: `${constant} constant features count as uncorrelated` } : {});
  },
};
