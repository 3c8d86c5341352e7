/**
 * The replacement test of RSVC (Kondapaneni et al. 2025; METHOD.md 3.12c) as numbers: coefficients of one layer's concepts (Y, t x cells) predicted from the concept
 * scores of another (X, d x cells), and what the prediction does to the outputs of the network that goes on from it. `study/replacement.ts` runs the networks.
 */
import { maxAssignment } from "../numerics/assignment.js";
import { ridge } from "../numerics/ridge.js";
import { mean } from "../numerics/statistics.js";
import type { Matrix, Matrix64 } from "../numerics/types.js";

/** Ridge penalty, as a share of the mean variance of the predictors: enough for concepts that move together, nothing otherwise. */
const RIDGE = 1e-3;

interface Sums {
  n: number;
  readonly x: Float64Array;
  readonly y: Float64Array;
  /** d x d, d x t; y squared, t. */
  readonly xx: Float64Array;
  readonly xy: Float64Array;
  readonly yy: Float64Array;
}

/** y = meanY + (x - meanX) w, w d x t. */
export interface Linear {
  readonly meanX: Float64Array;
  readonly meanY: Float64Array;
  readonly w: Matrix64;
}

/** Sums over cells, fold by fold, so that what a fold's images are predicted with never saw them. Its size does not depend on the number of images. */
export class FoldSums {
  readonly #folds: Sums[];

  constructor(
    folds: number,
    readonly d: number,
    readonly t: number,
  ) {
    this.#folds = Array.from({ length: folds }, () => noSums(d, t));
  }

  /** Planes of one image; cells that are not `inside` are left out. */
  add(fold: number, x: Float32Array, y: Float32Array, inside: Uint8Array): void {
    const { d, t } = this;
    const s = this.#folds[fold]!;
    const cells = inside.length;
    for (let p = 0; p < cells; p++) {
      if (!inside[p]) continue;
      s.n++;
      for (let j = 0; j < t; j++) {
        const v = y[j * cells + p]!;
        s.y[j]! += v;
        s.yy[j]! += v * v;
      }
      for (let i = 0; i < d; i++) {
        const v = x[i * cells + p]!;
        s.x[i]! += v;
        if (v === 0) continue; // most scores of most cells are
        for (let k = 0; k < d; k++) s.xx[i * d + k]! += v * x[k * cells + p]!;
        for (let j = 0; j < t; j++) s.xy[i * t + j]! += v * y[j * cells + p]!;
      }
    }
  }

  /** From all folds but one: ridge regression on all scores, and on the one score that the optimal assignment by correlation gives each coefficient. */
  predictors(fold: number): { readonly regression: Linear; readonly matched: Linear } {
    const { d, t } = this;
    const s = noSums(d, t);
    this.#folds.forEach((part, f) => {
      if (f === fold) return;
      s.n += part.n;
      for (const name of ["x", "y", "xx", "xy", "yy"] as const)
        for (let i = 0; i < s[name].length; i++) s[name][i]! += part[name][i]!;
    });
    const meanX = s.x.map((v) => v / s.n);
    const meanY = s.y.map((v) => v / s.n);
    const xx = s.xx.map((v, at) => v / s.n - meanX[Math.floor(at / d)]! * meanX[at % d]!);
    const xy = s.xy.map((v, at) => v / s.n - meanX[Math.floor(at / t)]! * meanY[at % t]!);
    const varX = meanX.map((_, i) => Math.max(0, xx[i * d + i]!));
    const varY = s.yy.map((v, j) => Math.max(0, v / s.n - meanY[j]! ** 2));
    return {
      regression: { meanX, meanY, w: regressed({ xx, xy, varX, d, t }) },
      matched: { meanX, meanY, w: matched({ xy, varX, varY, d, t }) },
    };
  }
}

function noSums(d: number, t: number): Sums {
  const zeros = (n: number) => new Float64Array(n);
  return { n: 0, x: zeros(d), y: zeros(t), xx: zeros(d * d), xy: zeros(d * t), yy: zeros(t) };
}

interface Moments {
  readonly xy: Float64Array;
  readonly varX: Float64Array;
  readonly d: number;
  readonly t: number;
}

function regressed({ xx, xy, varX, d, t }: Moments & { xx: Float64Array }): Matrix64 {
  const penalty = RIDGE * mean(varX);
  if (!(penalty > 0)) return { data: new Float64Array(d * t), rows: d, cols: t };
  return ridge({ data: xx, rows: d, cols: d }, { data: xy, rows: d, cols: t }, penalty);
}

function matched({ xy, varX, varY, d, t }: Moments & { varY: Float64Array }): Matrix64 {
  const data = xy.map((v, at) => {
    const scale = Math.sqrt(varX[Math.floor(at / t)]! * varY[at % t]!);
    return scale > 0 ? v / scale : 0;
  });
  const partner = maxAssignment({ data, rows: d, cols: t });
  const w = new Float64Array(d * t);
  partner.forEach((j, i) => {
    if (j >= 0 && varX[i]! > 0) w[i * t + j] = xy[i * t + j]! / varX[i]!;
  });
  return { data: w, rows: d, cols: t };
}

/** Predicted coefficients, t x cells; not below 0 unless the method's may be. */
export function predicted({ meanX, meanY, w }: Linear, x: Float32Array, cells: number, signed: boolean): Float32Array {
  const [d, t] = [w.rows, w.cols];
  const out = new Float32Array(t * cells);
  const base = meanY.map((m, j) => meanX.reduce((sum, v, i) => sum - v * w.data[i * t + j]!, m));
  for (let j = 0; j < t; j++) {
    for (let p = 0; p < cells; p++) {
      let sum = base[j]!;
      for (let i = 0; i < d; i++) sum += x[i * cells + p]! * w.data[i * t + j]!;
      out[j * cells + p] = signed ? sum : Math.max(0, sum);
    }
  }
  return out;
}

/** How far the outputs of one image moved, an image a row and an output tensor a column. */
export type Moved = Matrix | Matrix64;

/**
 * Share of the effect that is kept: 1 - sum of the distances with a replacement / sum of those with the mean in its place, mean over output tensors. 1: the outputs do
 * not move; 0: the replacement serves no better than a constant; below 0: worse. NaN when the mean in place moves no output. `weights`: how often each image counts.
 */
export function keptShare(moved: Moved, byMean: Moved, weights?: ArrayLike<number>): number {
  const shares: number[] = [];
  for (let o = 0; o < moved.cols; o++) {
    let [with_, without] = [0, 0];
    for (let x = 0; x < moved.rows; x++) {
      const w = weights ? weights[x]! : 1;
      with_ += w * moved.data[x * moved.cols + o]!;
      without += w * byMean.data[x * moved.cols + o]!;
    }
    if (without > 0) shares.push(1 - with_ / without);
  }
  return shares.length > 0 ? mean(shares) : Number.NaN;
}

/** Squared Euclidean distance. */
export function squaredDistance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i]! - b[i]!) ** 2;
  return sum;
}

const LEAST = 1e-12;

/** Kullback-Leibler divergence of q from p in nats; logits are turned into probabilities first. */
export function divergence(p: ArrayLike<number>, q: ArrayLike<number>, logits: boolean): number {
  const [a, b] = logits ? [softmax(p), softmax(q)] : [Float64Array.from(p), Float64Array.from(q)];
  return Math.max(
    0,
    a.reduce((sum, v, i) => (v > 0 ? sum + v * Math.log(v / Math.max(LEAST, b[i]!)) : sum), 0),
  );
}

function softmax(x: ArrayLike<number>): Float64Array {
  const values = Float64Array.from(x);
  const most = values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const powers = values.map((v) => Math.exp(v - most));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((v) => v / sum);
}

/** Whether values are a distribution already. */
export function isDistribution(x: ArrayLike<number>): boolean {
  const values = Float64Array.from(x);
  return values.every((v) => v >= 0) && Math.abs(values.reduce((a, b) => a + b, 0) - 1) < 1e-3;
}
