import { resizeNarrow } from "./resizenarrow.js";
import { resizeWide } from "./resizewide.js";

export type Resample = "nearest" | "bilinear" | "bicubic";

/**
 * Interleaved RGB, 8 bit, `width` x `height` -> `newWidth` x `newHeight`, half-pixel centres.
 * `antialias`: the kernel widens when shrinking; equal to Pillow's resize to the byte. Without it the kernel keeps its size; bilinear is equal to
 * OpenCV's INTER_LINEAR to the byte, bicubic is its INTER_CUBIC to one level. `nearest` is Pillow's either way.
 * `corner`: pixel i samples at i * width / newWidth instead, with the kernel of fixed size.
 * The input itself is given back where the size does not change.
 */
export function resizeRgb(
  data: Uint8Array,
  width: number,
  height: number,
  newWidth: number,
  newHeight: number,
  resample: Resample,
  antialias: boolean,
  corner = false,
): Uint8Array {
  if (width === newWidth && height === newHeight) return data;
  if (resample === "nearest") return nearest(data, width, height, newWidth, newHeight);
  if (antialias && !corner) return resizeWide(data, width, height, newWidth, newHeight, resample);
  return resizeNarrow(data, width, height, newWidth, newHeight, resample, corner);
}

function nearest(data: Uint8Array, width: number, height: number, newWidth: number, newHeight: number): Uint8Array {
  const out = new Uint8Array(newWidth * newHeight * 3);
  const columns = nearestOf(width, newWidth).map((x) => x * 3);
  const rows = nearestOf(height, newHeight);
  for (let y = 0, to = 0; y < newHeight; y++) {
    const row = rows[y]! * width * 3;
    for (let x = 0; x < newWidth; x++, to += 3) {
      const from = row + columns[x]!;
      out[to] = data[from]!;
      out[to + 1] = data[from + 1]!;
      out[to + 2] = data[from + 2]!;
    }
  }
  return out;
}

function nearestOf(from: number, to: number): Int32Array {
  const scale = from / to;
  // summed up, not multiplied, because Pillow's rounding at ties comes from the sum
  let at = scale * 0.5;
  return new Int32Array(to).map(() => {
    const pixel = Math.min(from - 1, Math.floor(at));
    at += scale;
    return pixel;
  });
}
