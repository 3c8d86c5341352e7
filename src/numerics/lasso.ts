/**
 * Lasso by coordinate descent on moments (Friedman, Hastie & Tibshirani 2010): minimise 1/(2n) ||y - X w||^2 + alpha ||w||_1.
 *   G = X^T X / n   d x d      c = X^T y / n   d
 */
import type { Matrix64 } from "./types.js";

export interface LassoOptions {
  readonly alpha: number;
  /** Stop when no coefficient moves the fit by more than this (in units of y's standard deviation when y is standardised). */
  readonly tolerance: number;
  readonly maxSweeps: number;
}

export interface LassoFit {
  readonly weights: Float64Array;
  readonly sweeps: number;
  readonly converged: boolean;
}

/** Sweeps over the active coefficients until they rest, then over all; done when a sweep over all moves nothing. A column without variation gets 0. */
export function lasso(g: Matrix64, c: Float64Array, options: LassoOptions): LassoFit {
  const d = g.rows;
  const weights = new Float64Array(d);
  /** c - G w: what is left to explain, seen from each column. */
  const left = c.slice();
  const all = Uint32Array.from({ length: d }, (_, j) => j);
  let active = all;
  for (let sweeps = 1; sweeps <= options.maxSweeps; sweeps++) {
    const moved = sweepInto(weights, left, g, active, options.alpha);
    if (moved <= options.tolerance) {
      if (active === all) return { weights, sweeps, converged: true };
      active = all;
    } else if (active === all) {
      active = all.filter((j) => weights[j] !== 0);
    }
  }
  return { weights, sweeps: options.maxSweeps, converged: false };
}

/** One sweep of exact minimisations, one coefficient at a time; gives the largest move, in units of the fit. */
function sweepInto(
  weights: Float64Array,
  left: Float64Array,
  g: Matrix64,
  columns: Uint32Array,
  alpha: number,
): number {
  const d = g.rows;
  let largest = 0;
  for (const j of columns) {
    const curvature = g.data[j * d + j]!;
    if (curvature <= 0) continue;
    const before = weights[j]!;
    const pull = left[j]! + curvature * before;
    const after = (Math.sign(pull) * Math.max(0, Math.abs(pull) - alpha)) / curvature;
    if (after === before) continue;
    weights[j] = after;
    const step = after - before;
    const row = g.data.subarray(j * d, (j + 1) * d);
    for (let i = 0; i < d; i++) left[i]! -= step * row[i]!;
    largest = Math.max(largest, Math.abs(step) * Math.sqrt(curvature));
  }
  return largest;
}
