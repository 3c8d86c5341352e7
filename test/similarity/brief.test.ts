/** What is compared by the thousand against the whole comparison of one pair; ranks against their definition. */
import { afterAll, expect, test } from "vitest";
import { createEngine } from "../../src/node/engine.js";
import { BitCounter, packAbove } from "../../src/numerics/bits.js";
import { ranks } from "../../src/numerics/correlation.js";
import { seededRandom } from "../../src/numerics/random.js";
import { bothWays, briefSimilarity, rawSimilarity } from "../../src/similarity/brief.js";
import { chanceOf, compareMasks, inBlocks } from "../../src/similarity/compare.js";

const engine = createEngine();
afterAll(() => engine.dispose());

const N = 23;
const groups = Array.from({ length: N }, (_, i) => `p${i >> 1}`);

/** Masks of `k` concepts on `side` x `side` cells; the last concept shows nowhere. */
function drawn(seed: string, k: number, side: number) {
  const random = seededRandom(seed);
  const scores = Float32Array.from({ length: N * k * side * side }, random);
  return packAbove(scores, N, k, [...Array.from({ length: k - 1 }, () => 0.8), 2]);
}

test.each([
  [7, 4, 5],
  [11, 10, 3],
  [20, 6, 9],
])(
  "%d x %d cells: S', S and H of a pair in brief are those of the whole comparison, to the bit",
  async (side, ka, kb) => {
    const [a, b] = [drawn("a", ka, side), drawn("b", kb, side)];
    const chance = chanceOf(groups, { permutations: 12, bootstrap: 0 }, 3);
    const whole = await compareMasks(
      new BitCounter(),
      inBlocks({ masks: a }, chance),
      inBlocks({ masks: b }, chance),
      chance,
      engine,
    );
    const counter = new BitCounter();
    const brief = briefSimilarity(counter, counter.load(a), counter.load(b), chance.orders[0]!);
    expect(brief).toEqual({
      similarity: whole.significance.similarity,
      beforeNull: whole.similarity.similarity,
      oneToOne: whole.similarity.oneToOne,
    });
    expect(Number.isFinite(brief.similarity)).toBe(true);
    const cut = chanceOf(groups, { permutations: 12, bootstrap: 0 }, 3, 5);
    const raw = await rawSimilarity(counter, inBlocks({ masks: a }, cut), inBlocks({ masks: b }, cut), cut.blocks);
    expect(raw).toBe(bothWays(whole.iou.raw));
  },
);

test("ranks: one more than the values below, and half of the others that are equal", () => {
  const random = seededRandom("ranks");
  for (const x of [
    Array.from({ length: 200 }, () => Math.floor(30 * random()) / 7 - 2),
    Array.from({ length: 200 }, () => random()),
    [0, -0, 1, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1],
    new Array<number>(50).fill(3),
    [],
  ]) {
    const expected = x.map((v) => 1 + x.filter((o) => o < v).length + (x.filter((o) => o === v).length - 1) / 2);
    expect(Array.from(ranks(x))).toEqual(expected);
  }
});
