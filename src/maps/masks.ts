import type { BitMasks } from "../numerics/bits.js";
import { packAbove, packBetween } from "../numerics/bits.js";
import type { Tensor4 } from "../numerics/types.js";
import type { Grid } from "./grid.js";
import { gridName } from "./grid.js";
import { toCoarser, toFrame } from "./resample.js";
import type { Thresholds } from "./threshold.js";
import { thresholdPasses } from "./threshold.js";

/** Maps of one layer, some images a part, in the order of the study. Asked for the same part again, it must give the same maps. */
export interface MapParts {
  readonly count: number;
  part(at: number): Promise<Tensor4>;
}

/** Masks of some images, the cells near each threshold, and the thresholds. */
export interface ThresholdedMasks {
  readonly masks: BitMasks;
  /** Cells whose score lies within BAND of the threshold: those that enter or leave when other images move it. */
  readonly band: BitMasks;
  readonly thresholds: Thresholds;
}

/** Half width of the band about a threshold, as a share of it. Coverage of intervals does not depend on it (.05 and .15 alike). */
const BAND = 0.15;
/** Resampled maps kept between the passes; what does not fit is read and resampled again. */
const KEPT_BYTES = 64_000_000;
const WHOLE = { x0: 0, y0: 0, x1: 1, y1: 1 };

/** Maps on another grid of the common frame: area averages when it is coarser, bilinear when finer. */
export function onGrid(maps: Tensor4, grid: Grid): Tensor4 {
  if (grid.h <= maps.h && grid.w <= maps.w) return toCoarser(maps, grid);
  const whole = Array.from({ length: maps.n }, () => WHOLE);
  return toFrame(
    maps,
    whole.map((r) => ({ visible: r, content: r })),
    whole,
    grid,
  );
}

/** Cells near their concept's threshold. */
export function bandOf(maps: Tensor4, { values }: Thresholds): BitMasks {
  const at = (share: number) => values.map((t) => t + share * Math.abs(t));
  return packBetween(maps.data, maps.n, maps.c, at(-BAND), at(BAND));
}

/**
 * Thresholds at density `p` over all images, on each grid, and the masks above them, handed over part by part in order. Every part of maps is read
 * once for all grids, and resampled once, as long as the resampled maps fit into memory; else once a pass (three to find t, one to pack).
 */
export async function maskLayer(
  maps: MapParts,
  grids: readonly Grid[],
  p: number,
  take: (grid: number, part: number, masks: ThresholdedMasks) => void | Promise<void>,
): Promise<Thresholds[]> {
  const resampled = resampler(maps, grids);
  const searches: ReturnType<typeof thresholdPasses>[] = [];
  for (let pass = 0; pass < 3; pass++) {
    for (let at = 0; at < maps.count; at++) {
      const parts = await resampled(at);
      parts.forEach((part, g) => {
        searches[g] ??= thresholdPasses(part.c, p);
        searches[g].add(part);
      });
    }
    for (const search of searches) search.next();
  }
  const thresholds = searches.map((search) => search.result());
  for (let at = 0; at < maps.count; at++) {
    const parts = await resampled(at);
    for (const [g, part] of parts.entries()) {
      const masks = packAbove(part.data, part.n, part.c, thresholds[g]!.values);
      await take(g, at, { masks, band: bandOf(part, thresholds[g]!), thresholds: thresholds[g]! });
    }
  }
  return thresholds;
}

function resampler(maps: MapParts, grids: readonly Grid[]): (at: number) => Promise<Tensor4[]> {
  const kept = new Map<number, Tensor4[]>();
  let bytes = 0;
  return async (at) => {
    const known = kept.get(at);
    if (known) return known;
    const own = await maps.part(at);
    const byName = new Map<string, Tensor4>();
    const parts = grids.map((grid) => {
      const made = byName.get(gridName(grid)) ?? onGrid(own, grid);
      byName.set(gridName(grid), made);
      return made;
    });
    const size = parts.reduce((s, part) => s + part.data.byteLength, 0);
    if (bytes + size <= KEPT_BYTES) {
      bytes += size;
      kept.set(at, parts);
    }
    return parts;
  };
}
