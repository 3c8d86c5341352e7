import type { Batch, Geometry, ImageRef } from "../dataset/types.js";
import type { Tap } from "../model/types.js";
import type { Matrix } from "../numerics/types.js";
import type { Forward } from "./forward.js";
import { gatherRowsInto } from "./sample.js";

/** Which cells of a tap's grid are sampled in one image: row-major indices, the same number in each image where the grid allows it. */
export type Positions = (image: ImageRef, tap: Tap, geometry: Geometry) => Int32Array;

/** Rows of one tap, with the number that each image gave, in the order of the images. */
export interface SampledRows {
  readonly rows: Matrix;
  readonly perImage: Int32Array;
}

/**
 * Runs batches through the network and keeps the sampled rows of every tap: memory is the sample and one batch of activations.
 * V of each tap: r x c, images in order.
 */
export async function sampleRows(
  batches: AsyncIterable<Batch>,
  forward: Forward,
  taps: readonly Tap[],
  positionsOf: Positions,
): Promise<SampledRows[]> {
  const parts: Matrix[][] = taps.map(() => []);
  const counts: number[][] = taps.map(() => []);
  for await (const batch of batches) {
    const activations = await forward(batch.input);
    taps.forEach((tap, t) => {
      const positions = batch.images.map((image, i) => positionsOf(image, tap, batch.geometries[i]!));
      const total = positions.reduce((sum, p) => sum + p.length, 0);
      const part: Matrix = { data: new Float32Array(total * tap.channels), rows: total, cols: tap.channels };
      let row = 0;
      positions.forEach((p, i) => {
        gatherRowsInto(part, row, activations[t]!, i, p);
        row += p.length;
        counts[t]!.push(p.length);
      });
      parts[t]!.push(part);
    });
  }
  return taps.map((tap, t) => ({ rows: stackOf(parts[t]!, tap.channels), perImage: Int32Array.from(counts[t]!) }));
}

function stackOf(parts: readonly Matrix[], cols: number): Matrix {
  const rows = parts.reduce((sum, p) => sum + p.rows, 0);
  const data = new Float32Array(rows * cols);
  let at = 0;
  for (const part of parts) {
    data.set(part.data, at);
    at += part.data.length;
  }
  return { data, rows, cols };
}
