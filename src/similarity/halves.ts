import type { BitCounter, BitMasks } from "../numerics/bits.js";
import { selectImages } from "../numerics/bits.js";
import { iouMatrices } from "../numerics/iou.js";
import type { Chance, LayerMasks } from "./compare.js";
import type { PairCounts } from "./intervals.js";
import { addCountsInto, bestOfEach, subtractNull } from "./nulls.js";
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

/** And the best J* of each concept of both layers, on each half. */
export interface ComparedHalves extends RefitHalves {
  readonly ownBest: BestHalves;
  readonly refitBest: BestHalves;
}

/** Best J* of each concept of layer a (ka) and of layer b (kb). */
export interface BestOfEach {
  readonly a: Float64Array;
  readonly b: Float64Array;
}
export type BestHalves = readonly [BestOfEach, BestOfEach];

/** Two layers on all images or some. */
interface Compared {
  readonly similarity: number;
  readonly best: BestOfEach;
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

/** S' and best partners on the halves from counts of each image. */
export function halvesOf(
  counts: PairCounts,
  half: ArrayLike<number>,
  nullMean: number,
): { own: Halves; ownBest: BestHalves } {
  const { n, ka, kb } = counts;
  const sums = [none(ka, kb), none(ka, kb)] as const;
  for (let x = 0; x < n; x++) {
    const to = sums[half[x]!]!;
    to.images++;
    addCountsInto(to.intersections, counts.intersections.subarray(x * ka * kb, (x + 1) * ka * kb));
    addCountsInto(to.areasA, counts.areasA.subarray(x * ka, (x + 1) * ka));
    addCountsInto(to.areasB, counts.areasB.subarray(x * kb, (x + 1) * kb));
  }
  const [one, two] = sums.map((s) => compared(s, counts.cells, nullMean)) as [Compared, Compared];
  return { own: [one.similarity, two.similarity], ownBest: [one.best, two.best] };
}

/** S' of two layers' masks on all images, and on the halves. */
export async function similarityByHalves(
  counter: BitCounter,
  a: LayerMasks,
  b: LayerMasks,
  { blocks, half }: Pick<Chance, "blocks" | "half">,
  nullMean: number,
): Promise<{ all: number; refit: Halves; refitBest: BestHalves }> {
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
  const halves = sums.map((s) => compared(s, a.cells, nullMean)) as [Compared, Compared];
  addCountsInto(one.intersections, two.intersections);
  addCountsInto(one.areasA, two.areasA);
  addCountsInto(one.areasB, two.areasB);
  one.images += two.images;
  return {
    all: compared(one, a.cells, nullMean).similarity,
    refit: [halves[0].similarity, halves[1].similarity],
    refitBest: [halves[0].best, halves[1].best],
  };
}

function addAreas(sums: Float64Array, areas: Uint32Array, { k }: BitMasks): void {
  for (let i = 0; i < areas.length; i++) sums[i % k]! += areas[i]!;
}

function compared({ intersections, areasA, areasB, images }: Sums, cells: number, nullMean: number): Compared {
  const { data } = iouMatrices(intersections, areasA, areasB, images * cells).corrected;
  const [ka, kb] = [areasA.length, areasB.length];
  const { forward, backward } = meanBest(data, ka, kb);
  return { similarity: subtractNull((forward + backward) / 2, nullMean), best: bestOfEach(data, ka, kb) };
}
