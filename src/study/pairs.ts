import { pack, unpack } from "../contract/packed.js";
import type { Grid } from "../maps/grid.js";
import { coarser, gridName } from "../maps/grid.js";
import { BitCounter } from "../numerics/bits.js";
import { bothWays, rawSimilarity } from "../similarity/brief.js";
import type { BlockMasks, LayerMasks, PairResult } from "../similarity/compare.js";
import { compareMasks } from "../similarity/compare.js";
import type { PairCell } from "../study.js";
import type { Context } from "./context.js";
import { loaded } from "./context.js";
import { masksOf } from "./masks.js";

/** A row of the matrix: a layer with every layer from itself on, and S' of the layer with its own refit. */
interface PairRow {
  readonly cells: readonly PairCell[];
  readonly self: number;
  /** The same in each resample of the test images. */
  readonly selfSamples: Float64Array | undefined;
}

let counter: BitCounter | undefined;

export async function pairs(context: Context, { layer: a }: { layer: number }) {
  const { plan, store, engine } = context;
  const key = plan.keys.pairs(a);
  if (await store.has(key)) return;
  counter ??= new BitCounter();
  const { chance, layers, studyGrid } = plan;
  const own = layers[a]!.grid;
  const cells: PairCell[] = [];
  const mine = remembered((grid) => masksOf(context, a, "main", grid));
  for (let b = a; b < layers.length; b++) {
    const grid = coarser(own, layers[b]!.grid);
    const [main, other] = [await mine(grid), await masksOf(context, b, "main", grid)];
    const refits =
      a === b
        ? undefined
        : { a: await masksOf(context, a, "refit", grid), b: await masksOf(context, b, "refit", grid) };
    const result = await compareMasks(counter, main, other, chance, engine, refits);
    const raw =
      grid.h === studyGrid.h && grid.w === studyGrid.w
        ? bothWays(result.iou.raw)
        : await rawSimilarity(
            counter,
            await mine(studyGrid),
            await masksOf(context, b, "main", studyGrid),
            chance.blocks,
          );
    cells.push({ a, b, grid, result, raw, coarsest: await onCoarsest(context, mine, b, grid, result) });
  }
  const main = await mine(own);
  const refit = await masksOf(context, a, "refit", own);
  const { significance, interval } = await compareMasks(counter, main, refit, chance, engine);
  const row: PairRow = { cells, self: significance.similarity, selfSamples: interval?.values };
  await store.put(key, pack(row, "pairs"));
}

/** S' where no layer has a finer map than another: the study's coarsest grid. */
async function onCoarsest(
  context: Context,
  mine: (grid: Grid) => Promise<LayerMasks>,
  b: number,
  grid: Grid,
  known: PairResult,
): Promise<number> {
  const { chance, coarsest } = context.plan;
  if (grid.h === coarsest.h && grid.w === coarsest.w) return known.significance.similarity;
  const [one, two] = [await mine(coarsest), await masksOf(context, b, "main", coarsest)];
  const without = { ...chance, resampling: undefined };
  return (await compareMasks(counter!, one, two, without, context.engine)).significance.similarity;
}

/** Masks on any grid, each block as it was last read: a row of few images reads its own layer once a grid. */
function remembered(read: (grid: Grid) => Promise<LayerMasks>): (grid: Grid) => Promise<LayerMasks> {
  const known = new Map<string, LayerMasks>();
  return async (grid) => {
    const name = gridName(grid);
    const found = known.get(name);
    if (found) return found;
    const masks = await read(grid);
    let last: { readonly at: number; readonly block: BlockMasks } | undefined;
    const block = async (at: number) => {
      if (last?.at !== at) last = { at, block: await masks.block(at) };
      return last.block;
    };
    const made = { ...masks, block };
    known.set(name, made);
    return made;
  };
}

export async function pairsOf(context: Context, layer: number): Promise<PairRow> {
  const row: PairRow = unpack(await loaded(context, context.plan.keys.pairs(layer), () => pairs(context, { layer })));
  // the key knows contents, not places: another study with the same last layers wrote the same row under its own numbers
  return { ...row, cells: row.cells.map((cell, i) => ({ ...cell, a: layer, b: layer + i })) };
}
