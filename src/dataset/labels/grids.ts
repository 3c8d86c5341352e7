import { SamesightError } from "../../errors.js";
import { imageToTensor, WHOLE } from "../geometry.js";
import type { Geometry, Rect } from "../types.js";

/**
 * Masks on the grids of layers. With m the mask (0 or 1 a pixel, piecewise constant), v what is known (0 or 1; 0 outside the photograph) and R the
 * patch of the photograph that a cell covers:
 *   weight = integral of v over R / area of R        share = integral of m v over R / integral of v over R, 0 where nothing is known
 * The integrals are exact: summed areas at pixel corners, bilinear between them.
 */
export interface GridTargets {
  /** h x w, 0..1: how much of the known part of each cell lies in the mask. */
  readonly share: Float32Array;
  /** h x w, 0..1: how much of each cell is known; 0 in padding. */
  readonly weight: Float32Array;
}

/** Summed areas of a mask, made once and asked for any number of grids. */
export interface MaskSums {
  readonly width: number;
  readonly height: number;
  /** (height + 1) x (width + 1): pixels of the mask that are known, above and left of each corner. */
  readonly masked: Uint32Array;
  /** The same of what is known; undefined where all is. */
  readonly known: Uint32Array | undefined;
}

interface Size {
  readonly h: number;
  readonly w: number;
}

/** Throws SamesightError `invalid` when mask or validity do not have width x height pixels. */
export function maskSums(mask: Uint8Array, width: number, height: number, valid?: Uint8Array): MaskSums {
  if (mask.length !== width * height || (valid && valid.length !== mask.length)) {
    throw new SamesightError("invalid", `mask of ${mask.length} pixels for an image of ${width} x ${height}`);
  }
  return {
    width,
    height,
    masked: summed(width, height, valid ? (i) => mask[i]! & valid[i]! : (i) => mask[i]!),
    known: valid ? summed(width, height, (i) => valid[i]!) : undefined,
  };
}

function summed(width: number, height: number, at: (i: number) => number): Uint32Array {
  const out = new Uint32Array((width + 1) * (height + 1));
  for (let y = 0, i = 0; y < height; y++) {
    let row = 0;
    let to = (y + 1) * (width + 1) + 1;
    for (let x = 0; x < width; x++, i++, to++) {
      row += at(i);
      out[to] = out[to - width - 1]! + row;
    }
  }
  return out;
}

/** On a grid laid over the common frame of the image (unit coordinates), as `toFrame` lays concept maps. */
export function onFrame(sums: MaskSums, frame: Rect, grid: Size): GridTargets {
  return overWindow(sums, frame, grid);
}

/** On a grid laid over a network's whole input tensor, as its activations lie: cells in the padding have weight 0, cells at its edge a part. */
export function onTensor(sums: MaskSums, { visible, content }: Geometry, grid: Size): GridTargets {
  // the patch of the photograph under the whole tensor; what sticks out of the photograph or of the content is not known
  const [x0, y0] = imageToTensor({ visible: content, content: visible }, 0, 0);
  const [x1, y1] = imageToTensor({ visible: content, content: visible }, 1, 1);
  return overWindow(sums, { x0, y0, x1, y1 }, grid, visible);
}

function overWindow(sums: MaskSums, window: Rect, { h, w }: Size, within: Rect = WHOLE): GridTargets {
  const share = new Float32Array(h * w);
  const weight = new Float32Array(h * w);
  const xs = corners(window.x0, window.x1, w, sums.width, within.x0, within.x1);
  const ys = corners(window.y0, window.y1, h, sums.height, within.y0, within.y1);
  const area = (((window.x1 - window.x0) * sums.width) / w) * (((window.y1 - window.y0) * sums.height) / h);
  const masked = atCorners(sums.masked, sums.width, xs, ys);
  const known = sums.known && atCorners(sums.known, sums.width, xs, ys);
  const cell = (table: Float64Array, y: number, x: number) => {
    const i = y * (w + 1) + x;
    return table[i + w + 2]! - table[i + 1]! - table[i + w + 1]! + table[i]!;
  };
  for (let y = 0; y < h; y++) {
    for (let x = 0; x < w; x++) {
      const sure = known ? cell(known, y, x) : (xs[x + 1]! - xs[x]!) * (ys[y + 1]! - ys[y]!);
      const part = area > 0 ? Math.min(1, Math.max(0, sure / area)) : 0;
      // thinner slivers than this are rounding, not content
      if (part < 1e-9) continue;
      weight[y * w + x] = part;
      share[y * w + x] = Math.min(1, Math.max(0, cell(masked, y, x) / sure));
    }
  }
  return { share, weight };
}

/** Corners of n cells over [lo, hi], in pixels, kept inside the photograph and inside `within` (unit coordinates). */
function corners(lo: number, hi: number, n: number, pixels: number, low: number, high: number): Float64Array {
  return Float64Array.from({ length: n + 1 }, (_, t) => {
    const at = lo + ((hi - lo) * t) / n;
    return Math.min(high, Math.max(low, Math.min(1, Math.max(0, at)))) * pixels;
  });
}

/** The integral from the top left corner to each pair of (x, y), (ys) x (xs). */
function atCorners(table: Uint32Array, width: number, xs: Float64Array, ys: Float64Array): Float64Array {
  const out = new Float64Array(xs.length * ys.length);
  const height = table.length / (width + 1) - 1;
  for (let j = 0, to = 0; j < ys.length; j++) {
    const y = Math.min(height - 1, Math.floor(ys[j]!));
    const dy = ys[j]! - y;
    for (let i = 0; i < xs.length; i++, to++) {
      const x = Math.min(width - 1, Math.floor(xs[i]!));
      const dx = xs[i]! - x;
      const a = y * (width + 1) + x;
      const top = table[a]! * (1 - dx) + table[a + 1]! * dx;
      const bottom = table[a + width + 1]! * (1 - dx) + table[a + width + 2]! * dx;
      out[to] = top * (1 - dy) + bottom * dy;
    }
  }
  return out;
}

/** The pixel under the centre of each cell of a grid over `frame`: for masks and validity at or near full resolution. */
export function nearestOnFrame(mask: Uint8Array, width: number, height: number, frame: Rect, grid: Size): Uint8Array {
  const out = new Uint8Array(grid.h * grid.w);
  const column = Int32Array.from({ length: grid.w }, (_, x) =>
    Math.min(width - 1, Math.floor((frame.x0 + ((x + 0.5) / grid.w) * (frame.x1 - frame.x0)) * width)),
  );
  for (let y = 0; y < grid.h; y++) {
    const row = Math.min(height - 1, Math.floor((frame.y0 + ((y + 0.5) / grid.h) * (frame.y1 - frame.y0)) * height));
    for (let x = 0; x < grid.w; x++) out[y * grid.w + x] = mask[row * width + column[x]!]!;
  }
  return out;
}
