import type { BitCounter, BitMasks } from "../numerics/bits.js";
import { selectImages } from "../numerics/bits.js";
import { iouMatrices } from "../numerics/iou.js";
import type { Chance, LayerMasks } from "./compare.js";
import type { PairCounts } from "./intervals.js";
import { addCountsInto, subtractNull } from "./nulls.js";
import { meanBest } from "./similarity.js";

/** S' on each half of the test images. */
export type Halves = readonly [number, number];

/**
 * S' of two layers and of their refits on the same halves of the test images (`Chance.half`), the study's N. What a refit changes on one half and on the
 * other has in common what the images to fit did, and not what the test images did, so that products of the two changes are free of it (refits.ts).
 */
export interface RefitHalves {
  readonly own: Halves;
  readonly refit: Halves;
}

/** Counts of one half. */
interface Sums {
  readonly intersections: Float64Array;
  readonly areasA: Float64Array;
  readonly areasB: Float64Array;
  images: number;
}

const none = (ka: number, kb: number): Sums => ({
  intersections: new Float64Array(ka * kb),
  areasA: new Float64Array(ka),
  areasB: new Float64Array(kb),
  images: 0,
});

/** S' of the halves from counts of each image. */
export function halvesOf(counts: PairCounts, half: ArrayLike<number>, nullMean: number): Halves {
  const { n, ka, kb } = counts;
  const sums = [none(ka, kb), none(ka, kb)] as const;
  for (let x = 0; x < n; x++) {
    const to = sums[half[x]!]!;
    to.images++;
    addCountsInto(to.intersections, counts.intersections.subarray(x * ka * kb, (x + 1) * ka * kb));
    addCountsInto(to.areasA, counts.areasA.subarray(x * ka, (x + 1) * ka));
    addCountsInto(to.areasB, counts.areasB.subarray(x * kb, (x + 1) * kb));
  }
  return [similarityOf(sums[0], counts.cells, nullMean), similarityOf(sums[1], counts.cells, nullMean)];
}

/** S' of two layers' masks on all images, and on the halves. */
export async function similarityByHalves(
  counter: BitCounter,
  a: LayerMasks,
  b: LayerMasks,
  { blocks, half }: Pick<Chance, "blocks" | "half">,
  nullMean: number,
): Promise<{ all: number; halves: Halves }> {
  const sums = [none(a.k, b.k), none(a.k, b.k)] as const;
  for (const [i, block] of blocks.entries()) {
    const [blockA, blockB] = [await a.block(i), await b.block(i)];
    sums.forEach((to, h) => {
      const places = [...block.keys()].filter((at) => half[block[at]!] === h);
      counter.clear();
      const heldA = counter.load(selectImages(blockA.masks, places));
      const heldB = counter.load(selectImages(blockB.masks, places));
      to.images += places.length;
      addCountsInto(to.intersections, counter.summedIntersections(heldA, heldB));
      addAreas(to.areasA, counter.areas(heldA), heldA);
      addAreas(to.areasB, counter.areas(heldB), heldB);
    });
  }
  const [one, two] = sums;
  const halves: Halves = [similarityOf(one, a.cells, nullMean), similarityOf(two, a.cells, nullMean)];
  addCountsInto(one.intersections, two.intersections);
  addCountsInto(one.areasA, two.areasA);
  addCountsInto(one.areasB, two.areasB);
  one.images += two.images;
  return { all: similarityOf(one, a.cells, nullMean), halves };
}

function addAreas(sums: Float64Array, areas: Uint32Array, { k }: BitMasks): void {
  for (let i = 0; i < areas.length; i++) sums[i % k]! += areas[i]!;
}

function similarityOf({ intersections, areasA, areasB, images }: Sums, cells: number, nullMean: number): number {
  const { corrected } = iouMatrices(intersections, areasA, areasB, images * cells);
  const { forward, backward } = meanBest(corrected.data, areasA.length, areasB.length);
  return subtractNull((forward + backward) / 2, nullMean);
}
