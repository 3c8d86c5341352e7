import type { Engine } from "../../numerics/engine.js";
import { foldsOfGroups, trainingSplits } from "../../numerics/folds.js";
import { lasso } from "../../numerics/lasso.js";
import { unitVariation } from "../../numerics/rsa.js";
import type { Matrix, Matrix64 } from "../../numerics/types.js";
import { unusable } from "./check.js";
import type { Context, Measure, Prepared } from "./measure.js";
import { pairRefusal, refusal, scored } from "./measure.js";

export interface RegressionOptions {
  /** Weight of the l1 penalty, with features and targets standardised. */
  readonly alpha?: number;
  readonly folds?: number;
  /** Image of each row, so that rows of one image stay in one fold; default: each row its own. */
  readonly groups?: ArrayLike<number>;
  /** Concept scores of this item, n x k: what the other side must predict. Default: the features themselves. */
  readonly targets?: Matrix;
  readonly tolerance?: number;
  readonly maxSweeps?: number;
}

export interface RegressionItem {
  readonly features: Matrix;
  readonly targets: Matrix;
  readonly folds: Int32Array;
}

const DEFAULTS = { alpha: 0.1, folds: 5, tolerance: 1e-8, maxSweeps: 2000 };

/**
 * Regression similarity after RSVC (METHOD.md 3.12): a lasso on all features of one item predicts each concept of the other; the score of a
 * concept is the correlation of truth and prediction on held-out images, mean over folds. `value`: X's concepts from Y's features; `reverse` the other way.
 */
export const regression: Measure<RegressionItem, RegressionOptions> = {
  id: "lasso_regression",
  title: "Lasso regression similarity (RSVC)",
  range: [-1, 1],
  symmetric: false,
  purpose: "the concepts of X are there in Y as a sparse mix of its features, on images not seen before",
  invariantTo: ["permutation", "isotropic scaling", "channel scaling", "translation"],
  defaults: { ...DEFAULTS, groups: [], targets: { data: new Float32Array(0), rows: 0, cols: 0 } },
  async prepare(x, _context, options = {}) {
    const targets = options.targets ?? x;
    const folds = foldsOf(x.rows, options.groups, options.folds ?? DEFAULTS.folds);
    const refused =
      unusable(x) ??
      unusable(targets) ??
      (targets.rows === x.rows ? undefined : `${targets.rows} rows of targets for ${x.rows} samples`) ??
      (typeof folds === "string" ? folds : undefined);
    if (refused !== undefined) return { n: x.rows, refused };
    return { n: x.rows, item: { features: x, targets, folds: folds as Int32Array } };
  },
  async compare(a, b, { engine }, options = {}) {
    const refused = pairRefusal(a, b);
    if (refused !== undefined) return refusal(refused);
    const there = await predictTargets(engine, a.item!.targets, b.item!, options);
    const back = await predictTargets(engine, b.item!.targets, a.item!, options);
    const stopped = there.notConverged + back.notConverged;
    return scored(mean(there.scores), {
      reverse: mean(back.scores),
      ...(stopped > 0 ? { note: `${stopped} fits stopped before convergence` } : {}),
    });
  },
};

/**
 * Held-out correlation of each target (n x t) with its prediction from an item's features, mean over folds; a prediction that does not vary scores 0.
 * Targets of many layers may stand side by side in one matrix: the products of the features are then made once for all of them.
 */
export async function predictTargets(
  engine: Engine,
  targets: Matrix,
  from: RegressionItem,
  options: RegressionOptions = {},
): Promise<{ scores: Float64Array; notConverged: number }> {
  const { alpha, tolerance, maxSweeps } = { ...DEFAULTS, ...options };
  const scores = new Float64Array(targets.cols);
  let splits = 0;
  let notConverged = 0;
  for await (const split of trainingSplits(engine, from.features, targets, from.folds, true)) {
    splits++;
    for (let t = 0; t < targets.cols; t++) {
      const c = column(split.c, t);
      const fit = lasso(split.g, c, { alpha, tolerance, maxSweeps });
      if (!fit.converged) notConverged++;
      scores[t]! += correlation(column(split.y, t), predicted(split.x, fit.weights));
    }
  }
  return { scores: scores.map((s) => s / splits), notConverged };
}

/** Both sides of a pair, prepared, for a caller that wants the score of each concept. */
export async function conceptScores(
  a: Prepared<RegressionItem>,
  b: Prepared<RegressionItem>,
  context: Context,
  options: RegressionOptions = {},
): Promise<{ scores: Float64Array } | { refused: string }> {
  const refused = pairRefusal(a, b);
  return refused === undefined ? predictTargets(context.engine, a.item!.targets, b.item!, options) : { refused };
}

/** A fold for each row, or why there is none. */
export function foldsOf(n: number, groups: ArrayLike<number> | undefined, folds: number): Int32Array | string {
  const given = groups && groups.length > 0 ? groups : Int32Array.from({ length: n }, (_, i) => i);
  if (given.length !== n) return `${given.length} group numbers for ${n} samples`;
  const distinct = new Set(Array.from(given)).size;
  return distinct >= 2 * folds
    ? foldsOfGroups(given, folds)
    : `${distinct} images, at least ${2 * folds} needed for ${folds} folds`;
}

function column(m: Matrix64, c: number): Float64Array {
  return Float64Array.from({ length: m.rows }, (_, r) => m.data[r * m.cols + c]!);
}

function predicted(x: Matrix64, weights: Float64Array): Float64Array {
  const used = Array.from(weights.keys()).filter((j) => weights[j] !== 0);
  return Float64Array.from({ length: x.rows }, (_, r) =>
    used.reduce((sum, j) => sum + weights[j]! * x.data[r * x.cols + j]!, 0),
  );
}

function correlation(a: Float64Array, b: Float64Array): number {
  const x = unitVariation(a);
  const y = unitVariation(b);
  return x.reduce((sum, v, i) => sum + v * y[i]!, 0);
}

function mean(values: Float64Array): number {
  return values.reduce((sum, v) => sum + v, 0) / values.length;
}
