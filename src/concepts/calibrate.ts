import type { Engine } from "../numerics/engine.js";
import { iou } from "../numerics/iou.js";
import { weightOf } from "../numerics/logistic.js";
import { matmul } from "../numerics/matmul.js";
import type { Matrix } from "../numerics/types.js";
import type { ProbeFit } from "./probe.js";
import { standardised } from "./probe.js";
import type { PreparedRows } from "./proberows.js";

/** Candidate thresholds of the probability: .05, .10, ... .95. */
export const THRESHOLDS = Float64Array.from({ length: 19 }, (_, i) => (i + 1) / 20);
/** Below so many left-out images with the concept the threshold is 0.5 (METHOD.md M9). */
export const FEWEST_HELD_OUT = 10;
const HALF = 0.5;

export interface Calibration {
  /** Probability, a value a concept. */
  readonly threshold: Float64Array;
  /** Set IoU there on the left-out rows, on the layer's grid; NaN where 0.5 was taken for want of images. */
  readonly iou: Float64Array;
  /** Left-out images with the concept. */
  readonly heldOut: Int32Array;
}

/**
 * The threshold with the highest set IoU out of fold: fits on resampled images (one a draw) are asked about the images their draw left out. One pass.
 * `draws`: images x d, as given to the refits.
 */
export async function calibrate(
  prepared: PreparedRows,
  fits: readonly ProbeFit[],
  draws: Matrix,
  engine: Engine,
): Promise<Calibration> {
  const { concepts: k, channels: c, mean, scale, images, mass } = prepared;
  const bins = THRESHOLDS.length + 1;
  const inside = new Float64Array(k * bins);
  const all = new Float64Array(k * bins);
  const w: Matrix = { data: new Float32Array(fits.length * k * c), rows: fits.length * k, cols: c };
  const bias = new Float64Array(fits.length * k);
  fits.forEach((fit, d) => {
    for (let j = 0; j < k; j++) {
      const x = standardised(fit, j, mean, scale);
      w.data.set(x.subarray(0, c), (d * k + j) * c);
      bias[d * k + j] = x[c]!;
    }
  });
  for await (const block of prepared.blocks) {
    const z = await matmul(engine, block.rows, w, { b: true });
    for (let r = 0; r < block.rows.rows; r++) {
      for (let d = 0; d < fits.length; d++) {
        if (draws.data[block.images[r]! * draws.cols + d]! > 0) continue;
        for (let j = 0; j < k; j++) {
          const u = weightOf(block, r, j);
          if (u === 0) continue;
          const at = j * bins + binOf(z.data[r * w.rows + d * k + j]! + bias[d * k + j]!);
          all[at]! += u;
          inside[at]! += u * block.targets[r * k + j]!;
        }
      }
    }
  }
  const heldOut = new Int32Array(k);
  for (let x = 0; x < images; x++) {
    if (!fits.some((_, d) => draws.data[x * draws.cols + d] === 0)) continue;
    for (let j = 0; j < k; j++) if (mass[x * 2 * k + k + j]! > 0) heldOut[j]!++;
  }
  const best = Array.from({ length: k }, (_, j) => bestThreshold(inside.subarray(j * bins), all.subarray(j * bins)));
  return {
    threshold: Float64Array.from(best, (b, j) => (heldOut[j]! < FEWEST_HELD_OUT ? HALF : b.threshold)),
    iou: Float64Array.from(best, (b, j) => (heldOut[j]! < FEWEST_HELD_OUT ? Number.NaN : b.iou)),
    heldOut,
  };
}

/** How many candidate thresholds the probability sigma(z) exceeds. */
function binOf(z: number): number {
  const s = 20 / (1 + Math.exp(-z));
  return Math.min(THRESHOLDS.length, Math.max(0, Math.ceil(s) - 1));
}

/** Sums above each candidate, from histograms; of equals the one nearest to 0.5. */
function bestThreshold(inside: Float64Array, all: Float64Array): { threshold: number; iou: number } {
  let total = 0;
  for (let b = 0; b <= THRESHOLDS.length; b++) total += inside[b]!;
  let both = 0;
  let area = 0;
  let found = { threshold: HALF, iou: Number.NaN };
  for (let t = THRESHOLDS.length - 1; t >= 0; t--) {
    both += inside[t + 1]!;
    area += all[t + 1]!;
    const value = iou(both, area, total);
    const threshold = THRESHOLDS[t]!;
    const nearer = Math.abs(threshold - HALF) < Math.abs(found.threshold - HALF);
    if (!(value <= found.iou) || (value === found.iou && nearer)) found = { threshold, iou: value };
  }
  return found;
}
