import type { Tap } from "../model/types.js";
import type { Matrix, Tensor4 } from "../numerics/types.js";
import { gatherRowsInto } from "./sample.js";

/** Rows of one tap, with the number that each image gave, in the order of the images. */
export interface SampledRows {
  readonly rows: Matrix;
  readonly perImage: Int32Array;
}

/** Keeps some cells of every image's activations as rows: memory is the sample. */
export interface RowSampler {
  /** One image: activations 1 x c x h x w of every tap, and which cells of its grid to keep (row-major). */
  add(activations: readonly Tensor4[], positionsOf: (tap: Tap, t: number) => Int32Array): void;
  /** V of each tap: r x c, images in order. */
  result(): SampledRows[];
}

export function rowSampler(taps: readonly Tap[]): RowSampler {
  const parts: SampledRows[][] = taps.map(() => []);
  return {
    add(activations, positionsOf) {
      taps.forEach((tap, t) => {
        const positions = positionsOf(tap, t);
        const size = positions.length * tap.channels;
        const rows: Matrix = { data: new Float32Array(size), rows: positions.length, cols: tap.channels };
        gatherRowsInto(rows, 0, activations[t]!, 0, positions);
        parts[t]!.push({ rows, perImage: Int32Array.of(positions.length) });
      });
    },
    result: () => parts.map(stackRows),
  };
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
