import { sampleWithoutReplacement } from "../numerics/random.js";
import type { Random } from "../numerics/types.js";
import type { Geometry } from "./types.js";

/**
 * `m` cells of an h x w grid, row-major and ascending, drawn from those whose centre shows the photograph: padding is never sampled.
 * Fewer than `m` where the photograph covers fewer cells.
 */
export function samplePositions(h: number, w: number, m: number, { content }: Geometry, random: Random): Int32Array {
  const inside: number[] = [];
  for (let y = 0; y < h; y++) {
    const cy = (y + 0.5) / h;
    if (cy < content.y0 || cy >= content.y1) continue;
    for (let x = 0; x < w; x++) {
      const cx = (x + 0.5) / w;
      if (cx >= content.x0 && cx < content.x1) inside.push(y * w + x);
    }
  }
  return sampleWithoutReplacement(inside.length, m, random).map((i) => inside[i]!);
}
