import type { Matrix64 } from "./types.js";

/**
 * Set IoU over a data set: sum of intersections / sum of unions (NetDissect, Net2Vec), from the sums of I and of the two areas.
 * Two empty sets have no IoU: NaN. An empty and a non-empty one: 0.
 */
export function iou(intersection: number, areaA: number, areaB: number): number {
  return intersection / (areaA + areaB - intersection);
}

/** J0 = pa pb / (pa + pb - pa pb): set IoU expected of independent masks of densities pa and pb. NaN when both are 0. */
export function chanceIou(pa: number, pb: number): number {
  return (pa * pb) / (pa + pb - pa * pb);
}

/** J* = (J - J0) / (1 - J0): 0 by chance, 1 for equal masks, down to -J0 / (1 - J0) for disjoint ones. Masks that fill all cells (J0 = 1): J. */
export function correctForChance(j: number, chance: number): number {
  return chance === 1 ? j : (j - chance) / (1 - chance);
}

/** Set IoU of all pairs, raw and corrected, ka x kb. A concept without a single cell has no corrected value: its row or column is NaN. */
export interface IouMatrices {
  readonly raw: Matrix64;
  readonly corrected: Matrix64;
}

/**
 * `intersections` ka x kb, `areasA`, `areasB`: cells summed over the images; `cells`: all cells of all images, for the densities.
 */
export function iouMatrices(
  intersections: ArrayLike<number>,
  areasA: ArrayLike<number>,
  areasB: ArrayLike<number>,
  cells: number,
): IouMatrices {
  const rows = areasA.length;
  const cols = areasB.length;
  const raw = new Float64Array(rows * cols);
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < cols; j++) raw[i * cols + j] = iou(intersections[i * cols + j]!, areasA[i]!, areasB[j]!);
  const chance = chanceIousInto(new Float64Array(rows * cols), areasA, areasB, cells);
  const corrected = correctedIouInto(new Float64Array(rows * cols), intersections, areasA, areasB, chance);
  return { raw: { data: raw, rows, cols }, corrected: { data: corrected, rows, cols } };
}

/** J0 of all pairs into `out`, ka x kb; NaN where a concept has no cell. */
export function chanceIousInto(
  out: Float64Array,
  areasA: ArrayLike<number>,
  areasB: ArrayLike<number>,
  cells: number,
): Float64Array {
  const kb = areasB.length;
  const shares = Float64Array.from({ length: kb }, (_, j) => areasB[j]! / cells);
  for (let i = 0; i < areasA.length; i++) {
    const pa = areasA[i]! / cells;
    for (let j = 0; j < kb; j++) {
      const pb = shares[j]!;
      out[i * kb + j] = pa === 0 || pb === 0 ? Number.NaN : chanceIou(pa, pb);
    }
  }
  return out;
}

/** The corrected matrix alone, into `out`; `chance`: J0; `offset` is where a row of counts starts in `intersections`. */
export function correctedIouInto(
  out: Float64Array,
  intersections: ArrayLike<number>,
  areasA: ArrayLike<number>,
  areasB: ArrayLike<number>,
  chance: Float64Array,
  offset = 0,
): Float64Array {
  const kb = areasB.length;
  for (let i = 0; i < areasA.length; i++) {
    for (let j = 0; j < kb; j++) {
      const at = i * kb + j;
      out[at] = correctForChance(iou(intersections[offset + at]!, areasA[i]!, areasB[j]!), chance[at]!);
    }
  }
  return out;
}
