import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { createEngine as CreateEngine } from "../../src/node/engine.js";
import { createEngine } from "../../src/node/engine.js";
import type { BitMasks } from "../../src/numerics/bits.js";
import { BitCounter, packAbove, selectImages, unpack } from "../../src/numerics/bits.js";
import { bootstrapWeights } from "../../src/numerics/bootstrap.js";
import { iouMatrices } from "../../src/numerics/iou.js";
import { imageBlocks, permutations } from "../../src/numerics/permutation.js";
import { normal, seededRandom } from "../../src/numerics/random.js";
import type { PairCounts } from "../../src/similarity/intervals.js";
import { resampleCounts, similarityInterval } from "../../src/similarity/intervals.js";
import { againstNull, permutationNull, permutedIntersections, subtractNull } from "../../src/similarity/nulls.js";
import { layerSimilarity } from "../../src/similarity/similarity.js";
import { allOrders, similarityOfMasks } from "../slow/maps.js";

const counter = new BitCounter();
const cells = 64;

/** Masks of density about .2; `shared`: how much of b's score is a's. */
function twoLayers(n: number, k: number, shared: number, seed: string): [BitMasks, BitMasks] {
  const random = seededRandom(seed);
  const noise = () => Float32Array.from({ length: n * k * cells }, () => normal(random));
  const a = noise();
  const own = noise();
  const b = own.map((v, i) => shared * a[i]! + Math.sqrt(1 - shared * shared) * v);
  const t = new Float32Array(k).fill(0.84);
  return [packAbove(a, n, k, t), packAbove(b, n, k, t)];
}

function compare(a: BitMasks, b: BitMasks, orders: readonly ArrayLike<number>[]) {
  counter.clear();
  const ha = counter.load(a);
  const hb = counter.load(b);
  const counts: PairCounts = {
    n: a.n,
    ka: a.k,
    kb: b.k,
    cells,
    intersections: counter.intersections(ha, hb),
    areasA: counter.areas(ha),
    areasB: counter.areas(hb),
  };
  const sum = (t: Uint32Array, k: number) =>
    Array.from({ length: k }, (_, c) => t.reduce((s, v, i) => s + (i % k === c ? v : 0), 0));
  const areas = [sum(counts.areasA, a.k), sum(counts.areasB, b.k)] as const;
  const { corrected } = iouMatrices(sum(counts.intersections, a.k * b.k), ...areas, a.n * cells);
  const chance = permutationNull(permutedIntersections(counter, ha, hb, orders), ...areas, a.n * cells);
  return { counts, corrected, similarity: layerSimilarity(corrected).similarity, chance };
}

const arrays = (m: BitMasks) =>
  Array.from({ length: m.n }, (_, x) => Array.from({ length: m.k }, (__, c) => Array.from(unpack(m, x, c))));

describe("permutation null", () => {
  it("over all orders of 4 images equals the slow twin that shuffles the images", () => {
    const [a, b] = twoLayers(4, 2, 0.7, "exact");
    const orders = allOrders(4);
    const { chance } = compare(a, b, orders);
    const slow = orders.map((o) =>
      similarityOfMasks(
        arrays(a),
        o.map((x) => arrays(b)[x]!),
      ),
    );
    expect(chance.values.length).toBe(24);
    for (const [i, v] of slow.entries()) expect(chance.values[i]).toBeCloseTo(v, 9);
    expect(chance.mean).toBeCloseTo(slow.reduce((s, v) => s + v, 0) / 24, 9);
  });

  it("blocks add up to what one block gives for the same orders", () => {
    const [a, b] = twoLayers(6, 3, 0.5, "blocks");
    const random = seededRandom("blocks");
    const blocks = imageBlocks(6, 4, random);
    expect(blocks.map((x) => x.length)).toEqual([3, 3]);
    const orders = blocks.map((block) => permutations(block.length, 5, random));
    const parts = new Float64Array(5 * 9);
    blocks.forEach((block, i) => {
      counter.clear();
      const held = [a, b].map((m) => counter.load(selectImages(m, block)));
      permutedIntersections(counter, held[0]!, held[1]!, orders[i]!).forEach((v, at) => {
        parts[at]! += v;
      });
    });
    const whole = Array.from({ length: 5 }, (_, r) => {
      const order = new Int32Array(6);
      for (const [i, block] of blocks.entries())
        for (const [at, x] of block.entries()) order[x] = block[orders[i]![r]![at]!]!;
      return order;
    });
    counter.clear();
    expect(permutedIntersections(counter, counter.load(a), counter.load(b), whole)).toEqual(parts);
  });

  it("S' = (S - N) / (1 - N): 1 for a layer with itself, whatever N", () => {
    const [a] = twoLayers(10, 3, 0, "self");
    const { similarity, chance } = compare(a, a, permutations(10, 20, seededRandom("self")));
    expect(similarity).toBeCloseTo(1, 12);
    expect(chance.mean).toBeLessThan(0.2);
    const found = againstNull(similarity, chance);
    expect(found.similarity).toBeCloseTo(1, 12);
    expect(found.p).toBe(1 / 21);
    expect(subtractNull(1, 1)).toBeNaN();
    // METHOD.md M2: S' = (S - N) / (1 - N)
    expect(subtractNull(0.5, 0.2)).toBeCloseTo(0.375, 15);
    expect(subtractNull(0.2, 0.2)).toBe(0);
    expect(subtractNull(1, 0.2)).toBe(1);
    expect(subtractNull(0.1, 0.2)).toBeCloseTo(-0.125, 15);
  });

  it("p is uniform when the layers share nothing (Kolmogorov-Smirnov, 200 studies)", () => {
    const ps = Array.from({ length: 200 }, (_, s) => {
      const [a, b] = twoLayers(12, 3, 0, `ks ${s}`);
      const { similarity, chance } = compare(a, b, permutations(12, 99, seededRandom("ks", s)));
      return againstNull(similarity, chance).p;
    }).sort((x, y) => x - y);
    const distance = Math.max(...ps.map((p, i) => Math.max(p - i / 200, (i + 1) / 200 - p)));
    // 5 % critical value 1.36 / sqrt(200), plus the step of 1 / 100 of a discrete p
    expect(distance).toBeLessThan(1.36 / Math.sqrt(200) + 0.01);
  });
});

describe("intervals", () => {
  let engine: ReturnType<typeof CreateEngine>;
  beforeAll(() => {
    engine = createEngine();
  });
  afterAll(() => engine.dispose());

  it("resampled counts equal sums over the drawn images, exactly", async () => {
    const [a, b] = twoLayers(7, 2, 0.6, "draws");
    const { counts } = compare(a, b, []);
    const weights = bootstrapWeights(7, 5, seededRandom("draws"));
    const sums = await resampleCounts(counts, weights, engine);
    for (let r = 0; r < 5; r++) {
      expect(sums.images[r]).toBe(7);
      for (let p = 0; p < 4; p++) {
        let expected = 0;
        for (let x = 0; x < 7; x++) expected += weights.data[r * 7 + x]! * counts.intersections[x * 4 + p]!;
        expect(sums.intersections[r * 4 + p]).toBe(expected);
      }
    }
    // too many cells for single precision: the double loop gives the same
    const large = await resampleCounts({ ...counts, cells: 2 ** 24 }, weights, engine);
    expect(Array.from(large.intersections)).toEqual(Array.from(sums.intersections));
  });

  it("a layer with itself has the interval [1, 1]", async () => {
    const [a] = twoLayers(10, 3, 0, "one");
    const { counts, chance } = compare(a, a, permutations(10, 20, seededRandom("one")));
    const interval = await similarityInterval(counts, chance.mean, bootstrapWeights(10, 50, seededRandom(1)), engine);
    expect(interval.low).toBeCloseTo(1, 12);
    expect(interval.high).toBeCloseTo(1, 12);
  });

  it("95 % intervals of S' cover its mean over 150 studies about 95 %% of the time, thresholds given", async () => {
    const found: { value: number; low: number; high: number }[] = [];
    for (let s = 0; s < 150; s++) {
      const [a, b] = twoLayers(40, 3, 0.8, `cover ${s}`);
      const { counts, chance, similarity } = compare(a, b, permutations(40, 20, seededRandom("cover", s)));
      const bootstrap = bootstrapWeights(40, 200, seededRandom("cover", s));
      const { low, high } = await similarityInterval(counts, chance.mean, bootstrap, engine);
      found.push({ value: subtractNull(similarity, chance.mean), low, high });
    }
    const truth = found.reduce((s, f) => s + f.value, 0) / found.length;
    const covered = found.filter((f) => f.low <= truth && truth <= f.high).length / found.length;
    // two standard errors of a share of .95 in 150
    expect(covered).toBeGreaterThan(0.95 - 0.036);
    expect(covered).toBeLessThan(0.95 + 0.036);
  });

  it("the spread of each pair's J* is that of its resamples, counted one by one", async () => {
    const [a, b] = twoLayers(30, 3, 0.7, "pairs");
    const { counts } = compare(a, b, []);
    const weights = bootstrapWeights(30, 60, seededRandom("pairs"));
    const { pairSd } = await similarityInterval(counts, 0, weights, engine);
    const { n, ka, kb, cells } = counts;
    for (let i = 0; i < ka; i++)
      for (let j = 0; j < kb; j++) {
        const values = Array.from({ length: 60 }, (_, r) => {
          let [both, own, other, all] = [0, 0, 0, 0];
          for (let x = 0; x < n; x++) {
            const w = weights.data[r * n + x]!;
            both += w * counts.intersections[(x * ka + i) * kb + j]!;
            own += w * counts.areasA[x * ka + i]!;
            other += w * counts.areasB[x * kb + j]!;
            all += w * cells;
          }
          const [p, q] = [own / all, other / all];
          const byChance = (p * q) / (p + q - p * q);
          return (both / (own + other - both) - byChance) / (1 - byChance);
        });
        const mean = values.reduce((s, v) => s + v, 0) / 60;
        const sd = Math.sqrt(values.reduce((s, v) => s + (v - mean) ** 2, 0) / 59);
        expect(pairSd[i * kb + j]).toBeCloseTo(sd, 6);
      }
  });

  it("95 % intervals of J* cover its mean over 120 studies about 95 % of the time, partners and strangers", async () => {
    const studies = 120;
    const found: { value: number; half: number; pair: number }[] = [];
    for (let s = 0; s < studies; s++) {
      const [a, b] = twoLayers(40, 3, 0.8, `cover pairs ${s}`);
      const { counts, corrected } = compare(a, b, []);
      const bootstrap = bootstrapWeights(40, 200, seededRandom("cover pairs", s));
      const { pairSd } = await similarityInterval(counts, 0, bootstrap, engine);
      corrected.data.forEach((value, pair) => {
        found.push({ value, half: 1.96 * pairSd[pair]!, pair });
      });
    }
    const pairs = found.length / studies;
    let covered = 0;
    for (let pair = 0; pair < pairs; pair++) {
      const own = found.filter((f) => f.pair === pair);
      const truth = own.reduce((t, f) => t + f.value, 0) / studies;
      covered += own.filter((f) => Math.abs(f.value - truth) <= f.half).length;
    }
    // two standard errors of a share of .95, were the nine pairs of a study one: they are nearly independent, so this is wide
    expect(covered / found.length).toBeGreaterThan(0.95 - 0.04);
    expect(covered / found.length).toBeLessThan(0.95 + 0.04);
  });

  it("groups are drawn whole", () => {
    const groups = ["a", "a", "b", "c", "c", "c"];
    const w = bootstrapWeights(6, 40, seededRandom("groups"), groups);
    for (let r = 0; r < 40; r++) {
      const row = w.data.subarray(r * 6, r * 6 + 6);
      expect(row[0]).toBe(row[1]);
      expect(row[3]! + row[4]! + row[5]!).toBe(3 * row[3]!);
      expect(row[0]! + row[2]! + row[3]!).toBe(3);
    }
  });
});
