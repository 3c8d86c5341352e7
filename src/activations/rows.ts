import type { Matrix } from "../numerics/types.js";

/** Rows of one tap, with the number that each image gave, in the order of the images. */
export interface SampledRows {
  readonly rows: Matrix;
  readonly perImage: Int32Array;
}

/** Samples of several runs of images, one after the other. */
export function stackRows(parts: readonly SampledRows[]): SampledRows {
  const rows = parts.reduce((sum, p) => sum + p.rows.rows, 0);
  const cols = parts[0]!.rows.cols;
  const data = new Float32Array(rows * cols);
  let at = 0;
  for (const part of parts) {
    data.set(part.rows.data, at);
    at += part.rows.data.length;
  }
  return { rows: { data, rows, cols }, perImage: Int32Array.from(parts.flatMap((p) => [...p.perImage])) };
}
