import { join } from "node:path";
import type { RunFile } from "../contract/results.js";
import { gridName } from "../maps/grid.js";
import type { BitMasks } from "../numerics/bits.js";
import { chooseImages } from "../report/choose.js";
import type { ReportRows } from "../report/gather.js";
import { gather } from "../report/gather.js";
import type { SupervisedResult } from "../study/supervise.js";
import type { StudyResult } from "../study.js";
import { localBlocks } from "./reportlocal.js";
import { namedBlocks, namedExamples } from "./reportnamed.js";
import { packBlocks, writePage } from "./reportpage.js";
import { mapSprites, PHOTOS_A_BLOCK, photographList, photographs } from "./reportpictures.js";
import { warpRows } from "./reportwarp.js";
import { writeAtomic } from "./store.js";

export { rewriteReport } from "./reportpage.js";

/** Photographs that a page holds at most. */
const MOST_PHOTOS = 128;

/** Writes report/index.html of a run; the path of the page. `named`: the concepts with labels, where the study has them. */
export async function reportOf(
  dir: string,
  result: StudyResult,
  run: RunFile,
  rows: ReportRows,
  named?: SupervisedResult,
): Promise<string> {
  const images = chooseImages(result, MOST_PHOTOS, named ? await namedExamples(result, named) : []);
  const [{ photos, frames, blocks: shots }, { tiles, blocks: maps }] = await Promise.all([
    photographs(result, images),
    mapSprites(result, images),
  ]);
  const masks: BitMasks[] = [];
  for (const layer of result.layers.keys()) masks.push(await result.masks(layer, images));
  const coarser = await coarserMasks(result, images);
  const pictures = { images, masks, coarser, photos, photosPerBlock: PHOTOS_A_BLOCK, tiles };
  const tables = { ...rows.tables, warp: warpRows(result) };
  const { manifest, blocks } = gather(result, run, { ...rows, tables }, pictures);
  const labelled = named ? { ...(await namedBlocks(result, named, images)), ...(await localBlocks(named)) } : {};
  const shown = images.map((x) => result.study.test[x]!);
  await writeAtomic(join(dir, "report", "photographs.json"), [photographList(shown, frames)]);
  return writePage(dir, manifest, packBlocks({ ...blocks, ...shots, ...maps, ...labelled }));
}

/**
 * Masks as they were compared: of each layer of a trained network on every coarser grid of its cells, so that what overlaps on a photograph is what
 * was counted. Shuffled twins are nulls: three of each would triple the page.
 */
async function coarserMasks(result: StudyResult, images: readonly number[]): Promise<Map<string, BitMasks>[]> {
  const out = result.layers.map(() => new Map<string, BitMasks>());
  for (const { a, b, grid } of result.comparison.cells) {
    const name = gridName(grid);
    const pair = [a, b];
    if (pair.some((layer) => result.study.networks[result.layers[layer]!.network]!.twin)) continue;
    for (const layer of pair) {
      const own = out[layer]!;
      if (name === gridName(result.layers[layer]!.grid) || own.has(name)) continue;
      own.set(name, await result.masks(layer, images, grid));
    }
  }
  return out;
}
