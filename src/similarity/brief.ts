import type { BitCounter, HeldMasks } from "../numerics/bits.js";
import { iouMatrices } from "../numerics/iou.js";
import type { Matrix64 } from "../numerics/types.js";
import type { LayerMasks } from "./compare.js";
import { columnSums } from "./compare.js";
import { addCountsInto, nullMean, permutedIntersections, subtractNull } from "./nulls.js";
import { layerSimilarity, meanBest } from "./similarity.js";

/** Of two layers what comparisons made by the thousand need; the same values as `compareMasks` gives. */
export interface BriefSimilarity {
  /** S'. */
  readonly similarity: number;
  /** S. */
  readonly beforeNull: number;
  /** H. */
  readonly oneToOne: number;
}

/** Two layers whose masks of all images are held. `orders`: permutations of the images, for the null. */
export function briefSimilarity(
  counter: BitCounter,
  a: HeldMasks,
  b: HeldMasks,
  orders: readonly ArrayLike<number>[],
): BriefSimilarity {
  const areasA = columnSums(counter.areas(a), a.k);
  const areasB = columnSums(counter.areas(b), b.k);
  const cells = a.n * a.cells;
  const { corrected } = iouMatrices(counter.summedIntersections(a, b), areasA, areasB, cells);
  const { similarity, oneToOne } = layerSimilarity(corrected);
  const chance = nullMean(permutedIntersections(counter, a, b, orders), areasA, areasB, cells);
  return { similarity: subtractNull(similarity, chance), beforeNull: similarity, oneToOne };
}

/** Mean best set IoU both ways, uncorrected: what the field calls IoU similarity (METHOD.md 1.1.4 tells why it must not be trusted alone). */
export async function rawSimilarity(
  counter: BitCounter,
  a: LayerMasks,
  b: LayerMasks,
  blocks: readonly Int32Array[],
): Promise<number> {
  const intersections = new Float64Array(a.k * b.k);
  const areasA = new Float64Array(a.k);
  const areasB = new Float64Array(b.k);
  let n = 0;
  for (const [i, block] of blocks.entries()) {
    const [blockA, blockB] = [await a.block(i), await b.block(i)];
    n += block.length;
    counter.clear();
    const heldA = counter.load(blockA.masks);
    const heldB = counter.load(blockB.masks);
    addCountsInto(intersections, counter.summedIntersections(heldA, heldB));
    addCountsInto(areasA, columnSums(counter.areas(heldA), a.k));
    addCountsInto(areasB, columnSums(counter.areas(heldB), b.k));
  }
  return bothWays(iouMatrices(intersections, areasA, areasB, n * a.cells).raw);
}

/** Mean of F and B of a matrix of set IoU. */
export function bothWays({ data, rows, cols }: Matrix64): number {
  const { forward, backward } = meanBest(data, rows, cols);
  return (forward + backward) / 2;
}
