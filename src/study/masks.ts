import type { TensorFile } from "../contract/safetensors.js";
import type { Grid } from "../maps/grid.js";
import { gridName } from "../maps/grid.js";
import { maskLayer } from "../maps/masks.js";
import type { Thresholds } from "../maps/threshold.js";
import type { BitMasks } from "../numerics/bits.js";
import { strideOf } from "../numerics/bits.js";
import type { TensorValue } from "../numerics/engine.js";
import type { LayerMasks } from "../similarity/compare.js";
import type { Context } from "./context.js";
import { loaded } from "./context.js";
import { mapsOf } from "./maps.js";
import type { MapKind } from "./mapsink.js";
import { MAP_KINDS } from "./mapsink.js";
import { firstOf } from "./plan.js";

/**
 * Thresholds and packed masks of one layer and of its refit, on every grid on which it meets another, with the cells near each threshold. Each block of
 * images (as chance permutes them) is a tensor, so that comparing reads no more than it counts.
 */
export async function masks(context: Context, { layer }: { layer: number }) {
  const { plan, study, store } = context;
  const key = plan.keys.masks(layer);
  if (await store.has(key)) return;
  const tensors: Record<string, TensorValue> = {};
  const place = placesOf(plan.chance.blocks, study.test.length);
  const grids = plan.grids[layer]!;
  for (const kind of MAP_KINDS) {
    const parts = { count: plan.testShards.length, part: (at: number) => mapsOf(context, layer, at, kind) };
    let k = 0;
    const blocks = new Map<string, Uint8Array>();
    const put = (name: string, masks: BitMasks, first: number) => {
      const size = masks.k * masks.stride;
      for (let i = 0; i < masks.n; i++) {
        const { block, at } = place[first + i]!;
        const data = blocks.get(`${name}/${block}`) ?? new Uint8Array(plan.chance.blocks[block]!.length * size);
        blocks.set(`${name}/${block}`, data);
        data.set(masks.data.subarray(i * size, (i + 1) * size), at * size);
      }
    };
    const found = await maskLayer(parts, grids, study.config.maps.density, (g, part, { masks: packed, band }) => {
      k = packed.k;
      const first = firstOf(plan.testShards, part);
      put(nameOf(kind, grids[g]!), packed, first);
      if (kind === "main") put(nameOf("band", grids[g]!), band, first);
    });
    for (const [g, grid] of grids.entries()) {
      const { values, density, tied } = found[g]!;
      const name = nameOf(kind, grid);
      tensors[`${name}/values`] = { type: "float32", dims: [k], data: values };
      tensors[`${name}/density`] = { type: "float64", dims: [k], data: density };
      tensors[`${name}/tied`] = { type: "uint8", dims: [k], data: tied };
    }
    for (const [name, data] of blocks) tensors[name] = { type: "uint8", dims: [data.length / k, k], data };
  }
  await store.put(key, { tensors, metadata: { kind: "masks" } });
}

const nameOf = (kind: MapKind | "band", grid: Grid) => `${kind}/${gridName(grid)}`;

function placesOf(blocks: readonly Int32Array[], n: number): { block: number; at: number }[] {
  const places = new Array<{ block: number; at: number }>(n);
  blocks.forEach((images, block) => {
    images.forEach((image, at) => {
      places[image] = { block, at };
    });
  });
  return places;
}

const some = (context: Context, layer: number, names: readonly string[]): Promise<TensorFile> =>
  loaded(context, context.plan.keys.masks(layer), () => masks(context, { layer }), names);

/** Masks of a layer on one of its grids, block by block; with bands those of the concepts themselves, without those of the refit. */
export async function masksOf(context: Context, layer: number, kind: MapKind, grid: Grid): Promise<LayerMasks> {
  const thresholds = await thresholdsOf(context, layer, kind, grid);
  const k = thresholds.values.length;
  const cells = grid.h * grid.w;
  const stride = strideOf(cells);
  const { blocks } = context.plan.chance;
  return {
    k,
    cells,
    thresholds,
    async block(at) {
      const names = [`${nameOf(kind, grid)}/${at}`, ...(kind === "main" ? [`${nameOf("band", grid)}/${at}`] : [])];
      const { tensors } = await some(context, layer, names);
      const [masks, band] = names.map((name): BitMasks => {
        return { data: tensors[name]!.data as Uint8Array, n: blocks[at]!.length, k, cells, stride };
      });
      return { masks: masks!, ...(band ? { band } : {}) };
    },
  };
}

export async function thresholdsOf(context: Context, layer: number, kind: MapKind, grid: Grid): Promise<Thresholds> {
  const at = nameOf(kind, grid);
  const { tensors } = await some(context, layer, [`${at}/values`, `${at}/density`, `${at}/tied`]);
  return {
    values: tensors[`${at}/values`]!.data as Float32Array,
    density: tensors[`${at}/density`]!.data as Float64Array,
    tied: tensors[`${at}/tied`]!.data as Uint8Array,
  };
}

/** Masks of any test images on one of the layer's grids (its own when none is given), in the order asked for. */
export async function masksOfImages(
  context: Context,
  layer: number,
  images: readonly number[],
  grid = context.plan.grids[layer]![0]!,
): Promise<BitMasks> {
  const { plan, study } = context;
  const own = await masksOf(context, layer, "main", grid);
  const place = placesOf(plan.chance.blocks, study.test.length);
  const size = own.k * strideOf(own.cells);
  const data = new Uint8Array(images.length * size);
  for (const b of plan.chance.blocks.keys()) {
    if (!images.some((x) => place[x]!.block === b)) continue;
    const { masks: from } = await own.block(b);
    for (const [i, x] of images.entries()) {
      const { block, at } = place[x]!;
      if (block === b) data.set(from.data.subarray(at * size, (at + 1) * size), i * size);
    }
  }
  return { data, n: images.length, k: own.k, cells: own.cells, stride: strideOf(own.cells) };
}
