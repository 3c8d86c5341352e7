import type { TensorFile, TensorShape } from "../contract/safetensors.js";
import { BlockWriter, placesOf } from "../maps/blocks.js";
import type { Grid } from "../maps/grid.js";
import { gridName } from "../maps/grid.js";
import type { ThresholdedMasks } from "../maps/masks.js";
import { maskLayer } from "../maps/masks.js";
import type { Thresholds } from "../maps/threshold.js";
import type { BitMasks } from "../numerics/bits.js";
import { strideOf } from "../numerics/bits.js";
import type { LayerMasks } from "../similarity/compare.js";
import type { Context } from "./context.js";
import { loaded } from "./context.js";
import { mapsOf } from "./maps.js";
import type { MapKind } from "./mapsink.js";
import { MAP_KINDS } from "./mapsink.js";
import { firstOf } from "./plan.js";

/**
 * Thresholds and packed masks of one layer and of its refit, on every grid on which it meets another, with the cells near each threshold. Each block of
 * images (as chance permutes them) is a tensor, so that comparing reads no more than it counts; they are written as the images come, so that making holds
 * a part of each block at a time.
 */
export async function masks(context: Context, { layer }: { layer: number }) {
  const { plan, study, store } = context;
  const key = plan.keys.masks(layer);
  if (await store.has(key)) return;
  const shapes = await shapesOf(context, layer);
  await store.putPieces(key, shapes, { kind: "masks" }, async (write) => {
    const grids = plan.grids[layer]!;
    const writer = new BlockWriter(plan.chance.blocks, study.test.length, write);
    for (const kind of MAP_KINDS) {
      const parts = { count: plan.testShards.length, part: (at: number) => mapsOf(context, layer, at, kind) };
      const take = async (g: number, part: number, { masks: packed, band }: ThresholdedMasks) => {
        const first = firstOf(plan.testShards, part);
        await writer.add(nameOf(kind, grids[g]!), packed, first);
        if (kind === "main") await writer.add(nameOf("band", grids[g]!), band, first);
      };
      const found = await maskLayer(parts, grids, study.config.maps.density, take);
      for (const [g, grid] of grids.entries()) {
        const { values, density, tied } = found[g]!;
        const name = nameOf(kind, grid);
        await write(`${name}/values`, 0, values);
        await write(`${name}/density`, 0, density);
        await write(`${name}/tied`, 0, tied);
      }
    }
    await writer.end();
  });
}

const nameOf = (kind: MapKind | "band", grid: Grid) => `${kind}/${gridName(grid)}`;

async function shapesOf(context: Context, layer: number): Promise<Record<string, TensorShape>> {
  const { plan } = context;
  const shapes: Record<string, TensorShape> = {};
  for (const kind of MAP_KINDS) {
    const { c: k } = await mapsOf(context, layer, 0, kind);
    for (const grid of plan.grids[layer]!) {
      const name = nameOf(kind, grid);
      shapes[`${name}/values`] = { type: "float32", dims: [k] };
      shapes[`${name}/density`] = { type: "float64", dims: [k] };
      shapes[`${name}/tied`] = { type: "uint8", dims: [k] };
      for (const whole of kind === "main" ? [name, nameOf("band", grid)] : [name])
        for (const [b, images] of plan.chance.blocks.entries())
          shapes[`${whole}/${b}`] = { type: "uint8", dims: [images.length * strideOf(grid.h * grid.w), k] };
    }
  }
  return shapes;
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
