import { centredColumns, matmul64 } from "../../numerics/dense64.js";
import type { Engine } from "../../numerics/engine.js";
import { trainingSplits } from "../../numerics/folds.js";
import { ridge } from "../../numerics/ridge.js";
import type { Matrix } from "../../numerics/types.js";
import { unusable } from "./check.js";
import type { Measure } from "./measure.js";
import { pairRefusal, refusal, scored } from "./measure.js";
import { foldsOf } from "./regression.js";

export interface PredictivityOptions {
  /** Ridge penalty, as a multiple of the mean eigenvalue of the predictors' covariance. */
  readonly ridge?: number;
  readonly folds?: number;
  /** Image of each row; default: each row its own. */
  readonly groups?: ArrayLike<number>;
}

export interface PredictivityItem {
  readonly features: Matrix;
  readonly folds: Int32Array;
}

const DEFAULTS = { ridge: 0.1, folds: 5 };

/**
 * Linear predictivity (METHOD.md 3.6): R^2 of X's features from Y's by ridge regression, on held-out images; squared errors summed over features
 * and folds. `value`: X from Y; `reverse`: Y from X. Below 0 where the training mean predicts better.
 */
export const predictivity: Measure<PredictivityItem, PredictivityOptions> = {
  id: "linear_predictivity",
  title: "Linear predictivity (held-out R2)",
  range: [Number.NEGATIVE_INFINITY, 1],
  symmetric: false,
  purpose: "what X holds can be read linearly from Y, on images not seen before",
  invariantTo: ["permutation", "isotropic scaling", "translation", "rotation"],
  defaults: { ...DEFAULTS, groups: [] },
  async prepare(x, _context, options = {}) {
    const folds = foldsOf(x.rows, options.groups, options.folds ?? DEFAULTS.folds);
    const refused = unusable(x) ?? (typeof folds === "string" ? folds : undefined);
    return refused === undefined
      ? { n: x.rows, item: { features: x, folds: folds as Int32Array } }
      : { n: x.rows, refused };
  },
  async compare(a, b, { engine }, options = {}) {
    const refused = pairRefusal(a, b);
    if (refused !== undefined) return refusal(refused);
    const penalty = options.ridge ?? DEFAULTS.ridge;
    const reverse = await heldOutR2(engine, b.item!.features, a.item!, penalty);
    return scored(await heldOutR2(engine, a.item!.features, b.item!, penalty), { reverse });
  },
};

async function heldOutR2(engine: Engine, targets: Matrix, from: PredictivityItem, penalty: number): Promise<number> {
  let left = 0;
  let all = 0;
  const whole = centredColumns(from.features).data.reduce((sum, v) => sum + v * v, 0) / from.features.rows;
  for await (const split of trainingSplits(engine, from.features, targets, from.folds, false)) {
    let trace = 0;
    for (let j = 0; j < split.g.rows; j++) trace += split.g.data[j * split.g.cols + j]!;
    // predictors that rest in a training set predict nothing there, instead of dividing by rounding
    const lambda = (penalty * Math.max(trace, 1e-9 * whole)) / split.g.rows;
    const w = ridge(split.g, split.c, lambda);
    const fit = await matmul64(engine, split.x, w);
    for (let i = 0; i < fit.data.length; i++) {
      left += (split.y.data[i]! - fit.data[i]!) ** 2;
      all += split.y.data[i]! ** 2;
    }
  }
  return 1 - left / all;
}
