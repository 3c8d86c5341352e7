import type { ThresholdedMasks } from "../maps/masks.js";
import type { Thresholds } from "../maps/threshold.js";
import type { BitCounter, BitMasks, HeldMasks } from "../numerics/bits.js";
import { selectImages } from "../numerics/bits.js";
import { bootstrapWeights } from "../numerics/bootstrap.js";
import type { Engine } from "../numerics/engine.js";
import type { IouMatrices } from "../numerics/iou.js";
import { iouMatrices } from "../numerics/iou.js";
import { imageBlocks, permutations } from "../numerics/permutation.js";
import { seededRandom } from "../numerics/random.js";
import type { Matrix } from "../numerics/types.js";
import type { PairExamples } from "./examples.js";
import { examplesOf } from "./examples.js";
import type { ComparedHalves } from "./halves.js";
import { halvesOf, similarityByHalves } from "./halves.js";
import type { Borders, PairCounts, SimilarityInterval } from "./intervals.js";
import { borderShares, similarityInterval } from "./intervals.js";
import type { PermutationNull, Significance } from "./nulls.js";
import {
  addCountsInto,
  againstNull,
  debiasedSimilarity,
  NULL_BLOCK,
  permutationNull,
  permutedIntersections,
} from "./nulls.js";
import type { LayerSimilarity } from "./similarity.js";
import { layerSimilarity } from "./similarity.js";

/** Chance shared by all pairs of a study: the same images are permuted and resampled everywhere, so that cells can be compared. */
export interface Chance {
  readonly blocks: readonly Int32Array[];
  /** For each block the permutations of its images. */
  readonly orders: readonly (readonly Int32Array[])[];
  /** 0 or 1 for each test image: halves on which refits are compared, no group in both. */
  readonly half: Uint8Array;
  /** Bootstrap weights (resamples x images), and how many units were drawn from: images, or groups of them. */
  readonly resampling: { readonly bootstrap: Matrix; readonly units: number } | undefined;
}

/** `groups`: one label a test image; crops of a photograph are resampled together. `block`: most images a block. */
export function chanceOf(
  groups: readonly string[],
  counts: { permutations: number; bootstrap: number },
  seed: number,
  block = NULL_BLOCK,
): Chance {
  const random = seededRandom(seed, "null");
  const blocks = imageBlocks(groups.length, block, random);
  const orders = blocks.map((images) => permutations(images.length, counts.permutations, random));
  const resampling =
    counts.bootstrap === 0
      ? undefined
      : {
          bootstrap: bootstrapWeights(groups.length, counts.bootstrap, seededRandom(seed, "bootstrap"), groups),
          units: new Set(groups).size,
        };
  const place = new Map([...new Set(groups)].map((group, at) => [group, at]));
  const half = Uint8Array.from(groups, (group) => place.get(group)! % 2);
  return { blocks, orders, half, resampling };
}

/** Two layers compared on one grid. Its size does not depend on the number of images. */
export interface PairResult {
  readonly similarity: LayerSimilarity;
  readonly significance: Significance;
  /** S' as many images would give it. */
  readonly debiased: number;
  readonly nullDistribution: PermutationNull;
  /** Of S', from the test images alone. */
  readonly interval: SimilarityInterval | undefined;
  /** S' of the two layers' refits, N as for the layers themselves; undefined without refits. */
  readonly refit: number | undefined;
  /** The same on halves of the test images, beside S' of the layers themselves there. */
  readonly refitHalves: ComparedHalves | undefined;
  readonly iou: IouMatrices;
  /** Test images, concepts of both, cells a mask. */
  readonly n: number;
  readonly ka: number;
  readonly kb: number;
  readonly cells: number;
  /** Photographs that show the best pair of each concept. */
  readonly examples: PairExamples;
  /** Sums over the images: ka x kb, ka, kb. */
  readonly intersections: Float64Array;
  readonly areasA: Float64Array;
  readonly areasB: Float64Array;
}

/** Masks of a layer on the pair's grid, block by block as chance permutes the images. */
export interface LayerMasks {
  /** Concepts; cells a mask. */
  readonly k: number;
  readonly cells: number;
  /** Without these (and the bands) thresholds count as given, and intervals are narrower. */
  readonly thresholds?: Thresholds;
  /** Masks of the images of `chance.blocks[at]`, in that order, and the cells near the threshold. */
  block(at: number): BlockMasks | Promise<BlockMasks>;
}

export interface BlockMasks {
  readonly masks: BitMasks;
  readonly band?: BitMasks;
}

/** Masks that are in memory, images in the order of the study. */
export function inBlocks(
  { masks, band, thresholds }: Pick<ThresholdedMasks, "masks"> & Partial<ThresholdedMasks>,
  { blocks }: Pick<Chance, "blocks">,
): LayerMasks {
  return {
    k: masks.k,
    cells: masks.cells,
    ...(thresholds ? { thresholds } : {}),
    block: (at) => ({
      masks: selectImages(masks, blocks[at]!),
      ...(band ? { band: selectImages(band, blocks[at]!) } : {}),
    }),
  };
}

/**
 * Two layers, same images, same grid. Two blocks of masks are in memory at a time, and counts of each image until the pair is done. `refits`: masks of
 * the same layers with concepts from resampled fit images.
 */
export async function compareMasks(
  counter: BitCounter,
  a: LayerMasks,
  b: LayerMasks,
  chance: Chance,
  engine: Engine,
  refits?: { readonly a: LayerMasks; readonly b: LayerMasks },
): Promise<PairResult> {
  const n = chance.blocks.reduce((sum, block) => sum + block.length, 0);
  const counts: PairCounts = {
    n,
    ka: a.k,
    kb: b.k,
    cells: a.cells,
    intersections: new Uint32Array(n * a.k * b.k),
    areasA: new Uint32Array(n * a.k),
    areasB: new Uint32Array(n * b.k),
  };
  const permuted = new Float64Array(chance.orders[0]!.length * a.k * b.k);
  let border: BorderCounts | undefined;
  for (const [i, block] of chance.blocks.entries()) {
    const [blockA, blockB] = [await a.block(i), await b.block(i)];
    counter.clear();
    const heldA = counter.load(blockA.masks);
    const heldB = counter.load(blockB.masks);
    scatter(counts.intersections, counter.intersections(heldA, heldB), block, a.k * b.k);
    scatter(counts.areasA, counter.areas(heldA), block, a.k);
    scatter(counts.areasB, counter.areas(heldB), block, b.k);
    addCountsInto(permuted, permutedIntersections(counter, heldA, heldB, chance.orders[i]!));
    if (!blockA.band || !blockB.band) continue;
    border ??= borderCounts(a.k, b.k);
    addBorders(border, counter, heldA, heldB, blockA.band, blockB.band);
  }
  const cells = n * a.cells;
  const intersections = columnSums(counts.intersections, a.k * b.k);
  const areasA = columnSums(counts.areasA, a.k);
  const areasB = columnSums(counts.areasB, b.k);
  const iou = iouMatrices(intersections, areasA, areasB, cells);
  const similarity = layerSimilarity(iou.corrected);
  const nullDistribution = permutationNull(permuted, areasA, areasB, cells);
  const borders = border && bordersOf(border, { intersections, areasA, areasB }, a, b);
  const interval = chance.resampling
    ? await similarityInterval(counts, nullDistribution.mean, chance.resampling.bootstrap, engine, {
        units: chance.resampling.units,
        ...(borders ? { borders } : {}),
      })
    : undefined;
  const again = refits && (await similarityByHalves(counter, refits.a, refits.b, chance, nullDistribution.mean));
  return {
    similarity,
    significance: againstNull(similarity.similarity, nullDistribution),
    debiased: debiasedSimilarity(iou.corrected.data, nullDistribution),
    nullDistribution,
    interval,
    refit: again?.all,
    refitHalves: again && {
      ...halvesOf(counts, chance.half, nullDistribution.mean),
      refit: again.refit,
      refitBest: again.refitBest,
    },
    iou,
    n,
    ka: a.k,
    kb: b.k,
    cells: a.cells,
    examples: examplesOf(counts, similarity.bestForA, similarity.bestForB),
    intersections,
    areasA,
    areasB,
  };
}

interface BorderCounts {
  /** Cells of A's bands in B's masks, of B's bands in A's masks: ka x kb; cells of the bands. */
  readonly bandA: Float64Array;
  readonly bandB: Float64Array;
  readonly areaA: Float64Array;
  readonly areaB: Float64Array;
}

function borderCounts(ka: number, kb: number): BorderCounts {
  return {
    bandA: new Float64Array(ka * kb),
    bandB: new Float64Array(ka * kb),
    areaA: new Float64Array(ka),
    areaB: new Float64Array(kb),
  };
}

function addBorders(
  out: BorderCounts,
  counter: BitCounter,
  a: HeldMasks,
  b: HeldMasks,
  bandA: BitMasks,
  bandB: BitMasks,
): void {
  const [nearA, nearB] = [counter.load(bandA), counter.load(bandB)];
  addCountsInto(out.bandA, counter.summedIntersections(nearA, b));
  addCountsInto(out.bandB, counter.summedIntersections(a, nearB));
  addCountsInto(out.areaA, columnSums(counter.areas(nearA), a.k));
  addCountsInto(out.areaB, columnSums(counter.areas(nearB), b.k));
}

function bordersOf(
  border: BorderCounts,
  whole: Pick<PairResult, "intersections" | "areasA" | "areasB">,
  a: LayerMasks,
  b: LayerMasks,
): Borders {
  const [ka, kb] = [whole.areasA.length, whole.areasB.length];
  const row = (at: number) => Math.floor(at / kb);
  const column = (at: number) => at % kb;
  const { intersections, areasA, areasB } = whole;
  return {
    perA: borderShares(
      border.bandA,
      (at) => border.areaA[row(at)]!,
      intersections,
      (at) => areasA[row(at)]!,
    ),
    perB: borderShares(
      border.bandB,
      (at) => border.areaB[column(at)]!,
      intersections,
      (at) => areasB[column(at)]!,
    ),
    fixedA: a.thresholds?.tied ?? new Uint8Array(ka),
    fixedB: b.thresholds?.tied ?? new Uint8Array(kb),
  };
}

/** Sums of the columns of a table of `cols` columns. */
export function columnSums(table: Uint32Array, cols: number): Float64Array {
  const out = new Float64Array(cols);
  for (let i = 0; i < table.length; i++) out[i % cols]! += table[i]!;
  return out;
}

function scatter(out: Uint32Array, part: Uint32Array, images: Int32Array, size: number): void {
  images.forEach((x, i) => {
    out.set(part.subarray(i * size, (i + 1) * size), x * size);
  });
}
