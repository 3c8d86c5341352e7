import type { Matrix, Tensor4 } from "../numerics/types.js";

/**
 * Writes the activations at `positions` (cells of image `image`, row-major) as rows into `out`, from row `row` on.
 * A: n x c x h x w; out: r x c.
 */
export function gatherRowsInto(out: Matrix, row: number, a: Tensor4, image: number, positions: Int32Array): void {
  const cells = a.h * a.w;
  for (let j = 0; j < a.c; j++) {
    const plane = (image * a.c + j) * cells;
    for (let i = 0; i < positions.length; i++) out.data[(row + i) * out.cols + j] = a.data[plane + positions[i]!]!;
  }
}

/** Rows a photograph, so that all photographs together stay within `rows`: at least 1, at most the cells of the grid. */
export function rowsPerImage(rows: number, images: number, cells: number): number {
  return Math.max(1, Math.min(cells, Math.floor(rows / Math.max(1, images))));
}
