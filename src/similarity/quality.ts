import type { Interval } from "../numerics/bootstrap.js";
import { percentileInterval } from "../numerics/bootstrap.js";
import type { Engine } from "../numerics/engine.js";
import { iou } from "../numerics/iou.js";
import { matmul } from "../numerics/matmul.js";
import type { Matrix } from "../numerics/types.js";

/**
 * Set IoU of predicted masks with labels, from counts an image (METHOD.md 1.2.3). Tables are n images x m, row-major; m = concepts, or concepts of
 * several layers one after the other.
 */
export interface MaskCounts {
  readonly n: number;
  readonly m: number;
  /** Cells in prediction and label; in the prediction; in the label. Only cells whose label is known. */
  readonly both: Uint32Array;
  readonly predicted: Uint32Array;
  readonly labelled: Uint32Array;
}

export interface Quality {
  /** Set IoU over all images; NaN where neither prediction nor label has a cell. */
  readonly iou: Float64Array;
  /** resamples x m. */
  readonly resampled: Matrix;
  readonly precision: Float64Array;
  readonly recall: Float64Array;
}

/** `bootstrap`: resamples x n, how often each image counts; the same for all tables that are to be compared. */
export async function quality(counts: MaskCounts, bootstrap: Matrix, engine: Engine): Promise<Quality> {
  const { n, m } = counts;
  const total = (table: Uint32Array) => {
    const out = new Float64Array(m);
    for (let i = 0; i < table.length; i++) out[i % m]! += table[i]!;
    return out;
  };
  const [both, predicted, labelled] = [total(counts.both), total(counts.predicted), total(counts.labelled)];
  const again = async (table: Uint32Array) =>
    (await matmul(engine, bootstrap, { data: new Float32Array(table), rows: n, cols: m })).data;
  const [b, p, l] = [await again(counts.both), await again(counts.predicted), await again(counts.labelled)];
  return {
    iou: both.map((v, j) => iou(v, predicted[j]!, labelled[j]!)),
    resampled: { data: b.map((v, i) => iou(v, p[i]!, l[i]!)), rows: bootstrap.rows, cols: m },
    precision: both.map((v, j) => v / predicted[j]!),
    recall: both.map((v, j) => v / labelled[j]!),
  };
}

/** Values of table column j in every resample. */
export function columnOf(m: Matrix, j: number): Float64Array {
  return Float64Array.from({ length: m.rows }, (_, r) => m.data[r * m.cols + j]!);
}

export function qualityInterval({ resampled }: Quality, j: number): Interval {
  return percentileInterval(columnOf(resampled, j));
}

export interface Baseline {
  readonly name: string;
  readonly quality: Quality | undefined;
}

export interface Presence {
  readonly present: boolean;
  /** Smallest lower bound of the difference, over the baselines measured; NaN without any. */
  readonly margin: number;
  /** Baselines that were not beaten or not measured. */
  readonly whyNot: readonly string[];
}

/**
 * Is concept j there: the probe's set IoU minus each baseline's, resampled together, has a 2.5 % bound above 0. A baseline without a single cell
 * counts as 0. A baseline that was not measured is named, and decides nothing.
 */
export function presence(probe: Quality, j: number, baselines: readonly Baseline[]): Presence {
  const own = columnOf(probe.resampled, j);
  const whyNot: string[] = [];
  let margin = Number.NaN;
  let present = !Number.isNaN(probe.iou[j]!);
  if (!present) whyNot.push("no test image shows it");
  for (const { name, quality: other } of baselines) {
    if (!other) {
      whyNot.push(`${name} not measured`);
      continue;
    }
    const theirs = columnOf(other.resampled, j);
    const { low } = percentileInterval(own.map((v, r) => v - (Number.isNaN(theirs[r]!) ? 0 : theirs[r]!)));
    margin = Number.isNaN(margin) ? low : Math.min(margin, low);
    if (!(low > 0)) {
      present = false;
      whyNot.push(`not above ${name}`);
    }
  }
  return { present, margin, whyNot };
}
