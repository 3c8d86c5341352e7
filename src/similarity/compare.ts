import type { BitCounter, BitMasks } from "../numerics/bits.js";
import { selectImages } from "../numerics/bits.js";
import type { Interval } from "../numerics/bootstrap.js";
import { bootstrapWeights } from "../numerics/bootstrap.js";
import type { Engine } from "../numerics/engine.js";
import type { IouMatrices } from "../numerics/iou.js";
import { iouMatrices } from "../numerics/iou.js";
import { imageBlocks, permutations } from "../numerics/permutation.js";
import { seededRandom } from "../numerics/random.js";
import type { Matrix } from "../numerics/types.js";
import type { PairCounts } from "./intervals.js";
import { similarityInterval } from "./intervals.js";
import type { PermutationNull, Significance } from "./nulls.js";
import { addCountsInto, againstNull, NULL_BLOCK, permutationNull, permutedIntersections } from "./nulls.js";
import type { LayerSimilarity } from "./similarity.js";
import { layerSimilarity, meanBest } from "./similarity.js";

/** Chance shared by all pairs of a study: the same images are permuted and resampled everywhere, so that cells can be compared. */
export interface Chance {
  readonly blocks: readonly Int32Array[];
  /** For each block the permutations of its images. */
  readonly orders: readonly (readonly Int32Array[])[];
  /** Bootstrap weights (resamples x images), and how many units were drawn from: images, or groups of them. */
  readonly resampling: { readonly bootstrap: Matrix; readonly units: number } | undefined;
}

/** `groups`: one label a test image; crops of a photograph are resampled together. */
export function chanceOf(
  groups: readonly string[],
  counts: { permutations: number; bootstrap: number },
  seed: number,
): Chance {
  const random = seededRandom(seed, "null");
  const blocks = imageBlocks(groups.length, NULL_BLOCK, random);
  const orders = blocks.map((block) => permutations(block.length, counts.permutations, random));
  const resampling =
    counts.bootstrap === 0
      ? undefined
      : {
          bootstrap: bootstrapWeights(groups.length, counts.bootstrap, seededRandom(seed, "bootstrap"), groups),
          units: new Set(groups).size,
        };
  return { blocks, orders, resampling };
}

/** Two layers compared on one grid. */
export interface PairResult {
  readonly similarity: LayerSimilarity;
  readonly significance: Significance;
  readonly nullDistribution: PermutationNull;
  readonly interval: Interval | undefined;
  readonly iou: IouMatrices;
  readonly counts: PairCounts;
  /** Sums over the images: ka x kb, ka, kb. */
  readonly intersections: Float64Array;
  readonly areasA: Float64Array;
  readonly areasB: Float64Array;
}

/** a: masks of one layer, b: of another, same images, same grid. Block by block, so that the kernel holds two blocks of masks. */
export async function compareMasks(
  counter: BitCounter,
  a: BitMasks,
  b: BitMasks,
  chance: Chance,
  engine: Engine,
): Promise<PairResult> {
  const counts: PairCounts = {
    n: a.n,
    ka: a.k,
    kb: b.k,
    cells: a.cells,
    intersections: new Uint32Array(a.n * a.k * b.k),
    areasA: new Uint32Array(a.n * a.k),
    areasB: new Uint32Array(a.n * b.k),
  };
  const permuted = new Float64Array(chance.orders[0]!.length * a.k * b.k);
  chance.blocks.forEach((block, i) => {
    counter.clear();
    const heldA = counter.load(selectImages(a, block));
    const heldB = counter.load(selectImages(b, block));
    scatter(counts.intersections, counter.intersections(heldA, heldB), block, a.k * b.k);
    scatter(counts.areasA, counter.areas(heldA), block, a.k);
    scatter(counts.areasB, counter.areas(heldB), block, b.k);
    addCountsInto(permuted, permutedIntersections(counter, heldA, heldB, chance.orders[i]!));
  });
  const cells = a.n * a.cells;
  const intersections = columnSums(counts.intersections, a.k * b.k);
  const areasA = columnSums(counts.areasA, a.k);
  const areasB = columnSums(counts.areasB, b.k);
  const iou = iouMatrices(intersections, areasA, areasB, cells);
  const similarity = layerSimilarity(iou.corrected);
  const nullDistribution = permutationNull(permuted, areasA, areasB, cells);
  const interval = chance.resampling
    ? await similarityInterval(counts, nullDistribution.mean, chance.resampling.bootstrap, engine, {
        units: chance.resampling.units,
      })
    : undefined;
  return {
    similarity,
    significance: againstNull(similarity.similarity, nullDistribution),
    nullDistribution,
    interval,
    iou,
    counts,
    intersections,
    areasA,
    areasB,
  };
}

/** Mean best set IoU both ways, uncorrected: what the field calls IoU similarity (METHOD.md 1.1.4 tells why it must not be trusted alone). */
export function rawSimilarity(counter: BitCounter, a: BitMasks, b: BitMasks, blocks: readonly Int32Array[]): number {
  const intersections = new Float64Array(a.k * b.k);
  const areasA = new Float64Array(a.k);
  const areasB = new Float64Array(b.k);
  for (const block of blocks) {
    counter.clear();
    const heldA = counter.load(selectImages(a, block));
    const heldB = counter.load(selectImages(b, block));
    addCountsInto(intersections, counter.summedIntersections(heldA, heldB));
    addCountsInto(areasA, columnSums(counter.areas(heldA), a.k));
    addCountsInto(areasB, columnSums(counter.areas(heldB), b.k));
  }
  const { raw } = iouMatrices(intersections, areasA, areasB, a.n * a.cells);
  const { forward, backward } = meanBest(raw.data, a.k, b.k);
  return (forward + backward) / 2;
}

function columnSums(table: Uint32Array, cols: number): Float64Array {
  const out = new Float64Array(cols);
  for (let i = 0; i < table.length; i++) out[i % cols]! += table[i]!;
  return out;
}

function scatter(out: Uint32Array, part: Uint32Array, images: Int32Array, size: number): void {
  images.forEach((x, i) => {
    out.set(part.subarray(i * size, (i + 1) * size), x * size);
  });
}
