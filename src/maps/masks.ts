import type { TensorFile } from "../contract/safetensors.js";
import { SamesightError } from "../errors.js";
import type { Tap } from "../model/types.js";
import type { BitMasks } from "../numerics/bits.js";
import { concatMasks, packAbove, packBetween } from "../numerics/bits.js";
import type { Tensor4 } from "../numerics/types.js";
import type { Grid } from "./grid.js";
import { toCoarser, toFrame } from "./resample.js";
import type { Thresholds } from "./threshold.js";
import { thresholdPasses } from "./threshold.js";

/** A layer whose concept maps lie in the store, some images a shard. */
export interface MapLayer {
  /** 0-based, in the order of the study. */
  readonly network: number;
  readonly tap: Tap;
  /** 0-based place among the network's taps; names the tensors `main/<index>` and `refit/<index>` of a shard. */
  readonly index: number;
  /** Grid of the maps. */
  readonly grid: Grid;
  readonly shards: readonly string[];
}

export type MapKind = "main" | "refit";

export interface ThresholdedMasks {
  readonly masks: BitMasks;
  /** Cells whose score lies within BAND of the threshold: those that enter or leave when other images move it. */
  readonly band: BitMasks;
  readonly thresholds: Thresholds;
}

/** Half width of the band about a threshold, as a share of it. Coverage of intervals does not depend on it (.05 and .15 alike). */
const BAND = 0.15;
const WHOLE = { x0: 0, y0: 0, x1: 1, y1: 1 };

/** Maps of one shard on `grid`: area averages when it is coarser than the layer's, bilinear when finer. */
function onGrid(file: TensorFile, layer: MapLayer, kind: MapKind, grid: Grid): Tensor4 {
  const t = file.tensors[`${kind}/${layer.index}`];
  if (!t) throw new SamesightError("defect", `a shard of maps lacks ${kind}/${layer.index}`);
  const [n, c, h, w] = t.dims as [number, number, number, number];
  const maps: Tensor4 = { data: t.data as Float32Array, n, c, h, w };
  if (grid.h <= h && grid.w <= w) return toCoarser(maps, grid);
  const whole = Array.from({ length: n }, () => WHOLE);
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

/** Data-set thresholds at density `p` on `grid`, and the masks above them, over all shards: four passes over the maps, one shard in memory. */
export async function masksOf(
  layer: MapLayer,
  kind: MapKind,
  grid: Grid,
  p: number,
  load: (key: string) => Promise<TensorFile>,
): Promise<ThresholdedMasks> {
  let search: ReturnType<typeof thresholdPasses> | undefined;
  do {
    for (const key of layer.shards) {
      const maps = onGrid(await load(key), layer, kind, grid);
      search ??= thresholdPasses(maps.c, p);
      search.add(maps);
    }
  } while (search!.next());
  const thresholds = search!.result();
  const parts: BitMasks[] = [];
  const near: BitMasks[] = [];
  for (const key of layer.shards) {
    const maps = onGrid(await load(key), layer, kind, grid);
    parts.push(packAbove(maps.data, maps.n, maps.c, thresholds.values));
    near.push(bandOf(maps, thresholds));
  }
  return { masks: concatMasks(parts), band: concatMasks(near), thresholds };
}
