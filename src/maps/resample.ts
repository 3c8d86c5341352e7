import type { Geometry, Rect } from "../dataset/types.js";
import { SamesightError } from "../errors.js";
import type { AxisWeights } from "../numerics/resample.js";
import { areaWeights, bilinearWeights, resamplePlanes } from "../numerics/resample.js";
import type { Tensor4 } from "../numerics/types.js";
import { frameWindow } from "./frame.js";
import type { Grid } from "./grid.js";

/**
 * Concept maps of a layer (n x k x h x w, over the network's tensor) -> maps over the common frame of each image on `grid`.
 * Along each axis: area averages where the target cells are at least as large as the layer's, bilinear where they are smaller.
 * `geometries` and `frames` have one entry an image, in the order of the maps. Maps that cover their frame already on that grid come back unchanged.
 * Throws SamesightError `invalid` when the counts differ or a frame lies outside what the network sees.
 */
export function toFrame(maps: Tensor4, geometries: readonly Geometry[], frames: readonly Rect[], grid: Grid): Tensor4 {
  const { n, c, h, w } = maps;
  if (geometries.length !== n || frames.length !== n) {
    throw new SamesightError("invalid", `maps: ${n} images, ${geometries.length} geometries, ${frames.length} frames`, {
      hint: "Give one geometry and one frame an image, in the order of the maps.",
    });
  }
  const cached = axisCache();
  const data = new Float32Array(n * c * grid.h * grid.w);
  for (let i = 0; i < n; i++) {
    const window = frameWindow(geometries[i]!, frames[i]!);
    const { content } = geometries[i]!;
    const wy = cached(h, window.y0, window.y1, grid.h, content.y0, content.y1);
    const wx = cached(w, window.x0, window.x1, grid.w, content.x0, content.x1);
    const image = maps.data.subarray(i * c * h * w, (i + 1) * c * h * w);
    resamplePlanes(image, c, h, w, wy, wx, data, i * c * grid.h * grid.w);
  }
  return { data, n, c, h: grid.h, w: grid.w };
}

/** Maps on one grid of the common frame -> a coarser grid of the same frame, by area averages. */
export function toCoarser(maps: Tensor4, grid: Grid): Tensor4 {
  if (maps.h === grid.h && maps.w === grid.w) return maps;
  if (grid.h > maps.h || grid.w > maps.w) {
    throw new SamesightError("invalid", `maps: a grid of ${grid.h}x${grid.w} is finer than ${maps.h}x${maps.w}`);
  }
  const wy = areaWeights(maps.h, 0, 1, grid.h);
  const wx = areaWeights(maps.w, 0, 1, grid.w);
  const data = resamplePlanes(maps.data, maps.n * maps.c, maps.h, maps.w, wy, wx);
  return { data, n: maps.n, c: maps.c, h: grid.h, w: grid.w };
}

/**
 * The way back: maps over the common frame of one image (1 x k x h x w) -> the cells of a network's tensor, `cells` a plane, by the same rule.
 * `inside`: cells whose centre the frame covers; the others repeat the border and mean nothing.
 */
export function fromFrame(
  maps: Tensor4,
  seen: Geometry,
  frame: Rect,
  cells: Grid,
): { readonly maps: Tensor4; readonly inside: Uint8Array } {
  const window = frameWindow(seen, frame);
  const cached = axisCache();
  const back = (lo: number, hi: number) => [(0 - lo) / (hi - lo), (1 - lo) / (hi - lo)] as const;
  const [[y0, y1], [x0, x1]] = [back(window.y0, window.y1), back(window.x0, window.x1)];
  const wy = cached(maps.h, y0, y1, cells.h, 0, 1);
  const wx = cached(maps.w, x0, x1, cells.w, 0, 1);
  const inside = new Uint8Array(cells.h * cells.w);
  const within = (at: number, of: number, lo: number, hi: number) => (at + 0.5) / of >= lo && (at + 0.5) / of <= hi;
  for (let y = 0; y < cells.h; y++)
    for (let x = 0; x < cells.w; x++)
      if (within(y, cells.h, window.y0, window.y1) && within(x, cells.w, window.x0, window.x1))
        inside[y * cells.w + x] = 1;
  const data = resamplePlanes(maps.data, maps.n * maps.c, maps.h, maps.w, wy, wx);
  return { maps: { data, n: maps.n, c: maps.c, h: cells.h, w: cells.w }, inside };
}

type Axis = (nIn: number, lo: number, hi: number, nOut: number, c0: number, c1: number) => AxisWeights;

/** Most images of a study share a few shapes: their weights are made once. */
function axisCache(): Axis {
  const kept = new Map<string, AxisWeights>();
  return (nIn, lo, hi, nOut, c0, c1) => {
    const key = [nIn, lo, hi, nOut, c0, c1].join();
    let weights = kept.get(key);
    if (!weights) {
      const coarserOrEqual = nOut <= (hi - lo) * nIn + 1e-9;
      weights = coarserOrEqual ? areaWeights(nIn, lo, hi, nOut) : bilinearWeights(nIn, lo, hi, nOut, [c0, c1]);
      kept.set(key, weights);
    }
    return weights;
  };
}
