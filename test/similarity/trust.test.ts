/** What stands beside the numbers: estimates, refits, partners above chance, position, flow. Truths are planted. */
import { afterAll, describe, expect, it } from "vitest";
import { createEngine } from "../../src/node/engine.js";
import { normal, seededRandom } from "../../src/numerics/random.js";
import type { Tensor4 } from "../../src/numerics/types.js";
import { depthTracks, estimateOf, meanTrack } from "../../src/similarity/depthsummary.js";
import { estimated, intervalWithRefits } from "../../src/similarity/estimate.js";
import { flowChains, flowEdges } from "../../src/similarity/flow.js";
import { networkPairs } from "../../src/similarity/networkpairs.js";
import { positionFree } from "../../src/similarity/position.js";
import { refitVariances } from "../../src/similarity/refits.js";
import type { BestCell } from "../../src/similarity/shared.js";
import { betterTrack, conceptPartners, shareTrack } from "../../src/similarity/shared.js";

const engine = createEngine();
afterAll(() => engine.dispose());

describe("estimates", () => {
  it("intervals add the variance of images and of refits", () => {
    const random = seededRandom("samples");
    const samples = Float64Array.from({ length: 20_000 }, () => 0.03 * normal(random));
    const { low, high } = intervalWithRefits(0.5, {
      samples,
      refits: { variance: 0.04 ** 2, freedom: Number.POSITIVE_INFINITY },
    });
    expect((high - low) / 2).toBeCloseTo(1.96 * 0.05, 2);
    expect((high + low) / 2).toBeCloseTo(0.5, 12);
  });

  it("few refits widen it as Student's t does: all from refits of 4 degrees of freedom, and half of the variance (16 by Satterthwaite)", () => {
    const half = (sd: number, variance: number) => {
      const samples = Float64Array.from({ length: 2000 }, (_, i) => (i % 2 === 0 ? sd : -sd));
      const { low, high } = intervalWithRefits(0, { samples, refits: { variance, freedom: 4 } });
      return (high - low) / 2;
    };
    expect(half(0, 1)).toBeCloseTo(2.776, 1); // t(.975, 4), t(.975, 16): tables
    expect(half(1, 1) / Math.SQRT2).toBeCloseTo(2.12, 1);
  });

  it("p counts null values at least as extreme, on the side of the surprise", () => {
    const values = Array.from({ length: 99 }, (_, i) => i / 100);
    expect(estimated(0.95, undefined, { name: "x", values, side: 1 }).p).toBe((1 + 4) / 100);
    expect(estimated(0.02, undefined, { name: "x", values, side: -1 }).p).toBe((1 + 3) / 100);
    expect(estimated(Number.NaN, undefined, { name: "x", values, side: 1 }).p).toBeNaN();
  });

  it("the variance of refits is recovered over a network's cells", () => {
    const random = seededRandom("refits");
    const ratios = Array.from({ length: 400 }, () => {
      const shift = Float64Array.from({ length: 12 }, () => 0.05 * normal(random));
      const cells = [];
      for (let a = 0; a < 12; a++)
        for (let b = a + 1; b < 12; b++) {
          // what the test images do to a change differs on their halves, and is no variance of refits
          const halves = [0, 1].map(() => 0.3 + shift[a]! + shift[b]! + 0.05 * normal(random));
          cells.push({ a, b, value: 0.3, halves: { own: [0.3, 0.3], refit: [halves[0]!, halves[1]!] } as const });
        }
      const found = refitVariances(cells);
      return found.reduce((s, v) => s + v.variance, 0) / found.length / (2 * 0.05 ** 2);
    });
    const average = ratios.reduce((s, v) => s + v, 0) / ratios.length;
    expect(average).toBeGreaterThan(0.93);
    expect(average).toBeLessThan(1.07);
  });
});

describe("partners above chance", () => {
  const random = seededRandom("partners");
  const nulls = () => Float64Array.from({ length: 200 * 4 }, () => 0.1 * random());
  const cell = (b: number, bestA: number[]): BestCell => ({
    a: 0,
    b,
    bestA,
    bestB: [0, 0, 0, 0],
    nullA: nulls(),
    nullB: nulls(),
    resampledA: undefined,
    resampledB: undefined,
  });
  it("a concept counts when its best over all layers of the other network is above the best that permuted images give", () => {
    const partners = conceptPartners([cell(1, [0.5, 0.05, 0.02, 0.3]), cell(2, [0.1, 0.2, 0.01, 0.05])], [0], [1, 2]);
    expect(partners.map((p) => p.best)).toEqual([0.5, 0.2, 0.02, 0.3]);
    // the larger of two uniform values lies below .1 sqrt(.95) in 95 % of cases
    for (const p of partners) expect(p.threshold).toBeCloseTo(0.1 * Math.sqrt(0.95), 2);
    const track = shareTrack(partners);
    expect(track.value).toBe(0.75);
    expect(track.nulls.reduce((s, v) => s + v, 0) / track.nulls.length).toBeCloseTo(0.05, 2);
    expect(estimateOf(track, "images permuted").p).toBeLessThan(0.02);
  });
  it("a concept that shows nowhere is left out, and ties count half", () => {
    const one = conceptPartners([cell(1, [0.5, Number.NEGATIVE_INFINITY, 0.2, 0.3])], [0], [1]);
    const two = conceptPartners([cell(1, [0.4, 0.3, 0.2, 0.6])], [0], [1]);
    expect(shareTrack(one).value).toBe(1);
    expect(betterTrack(one, two).value).toBe((1 + 0.5 + 0) / 3);
  });
});

describe("agreement in depth", () => {
  it("planted agreement is found in each resample; the mean over pairs halves the noise of two", () => {
    const random = seededRandom("depth");
    const layers = [0, 1, 2].flatMap((network) =>
      Array.from({ length: 6 }, (_, i) => ({ network, depth: (i + 1) / 6, headDepth: (i + 1) / 6, cells: 100 })),
    );
    const cells = layers.flatMap((l, a) =>
      layers.slice(a).map((m, i) => {
        const s = Math.exp(-10 * (l.depth - m.depth) ** 2);
        const resampled = Float64Array.from({ length: 50 }, () => s + 0.1 * normal(random));
        return { a, b: a + i, similarity: s, halves: { own: [s, s], refit: [s, s] } as const, resampled };
      }),
    );
    const pairs = networkPairs(layers, cells, [-1, -1, 0]);
    expect(pairs.map((p) => [p.pairing, p.own])).toEqual([
      ["TT", false],
      ["TR", true],
      ["TR", false],
    ]);
    const tracks = pairs.map((p) =>
      depthTracks(p, layers, { kind: "depth", permutations: 99, random: seededRandom("permuted") }),
    );
    const mantel = estimateOf(tracks[0]!.mantel, "layers permuted");
    expect(mantel.value).toBeGreaterThan(0.9);
    expect(mantel.p).toBe(0.01);
    expect(tracks[0]!.mean_distance.value).toBe(0);
    expect(Math.abs(mantel.nullMean)).toBeLessThan(0.1);
    const all = estimateOf(meanTrack(tracks.map((t) => t.mantel)), "layers permuted");
    expect(all.high - all.low).toBeLessThan(0.8 * (mantel.high - mantel.low));
  });
});

describe("position", () => {
  const n = 60;
  const maps = (seed: string, border: number, content?: Tensor4): Tensor4 => {
    const random = seededRandom(seed);
    const data = Float32Array.from({ length: n * 3 * 25 }, (_, at) => {
      const [y, x] = [Math.floor((at % 25) / 5), at % 5];
      const edge = y === 0 || x === 0 || y === 4 || x === 4 ? border : 0;
      return edge + normal(random) + (content ? 3 * content.data[at]! : 0);
    });
    return { data, n, c: 3, h: 5, w: 5 };
  };
  it("maps that share only a border score 0, maps that share content score high, a layer and itself 1", async () => {
    const a = maps("a", 4);
    const layers = [a, maps("b", 4), maps("c", 4, a)];
    const found = await positionFree(layers, seededRandom("null"), engine);
    expect(found.data[0]).toBeCloseTo(1, 5);
    expect(Math.abs(found.data[1]!)).toBeLessThan(0.03);
    // with the border's mean removed: correlation 3 / sqrt(10) of the content, noise alone at chance
    expect(found.data[2]).toBeGreaterThan(0.9);
    expect(found.data[2]).toBeLessThan(3 / Math.sqrt(10) + 0.02);
    expect(found.data[5]).toBeCloseTo(found.data[7]!, 2);
  });
});

describe("flow", () => {
  const corrected = (rows: number[][]) => ({
    data: Float64Array.from(rows.flat()),
    rows: rows.length,
    cols: rows[0]!.length,
  });
  it("edges are mutual bests or above the null; chains give birth, lifetime, splits and merges", () => {
    const first = flowEdges({
      a: 0,
      b: 1,
      pair99: 0.1,
      corrected: corrected([
        [0.8, 0.3],
        [0.05, 0.06],
      ]),
    });
    expect(first.map((e) => [e.conceptA, e.conceptB, e.mutual, e.aboveNull])).toEqual([
      [0, 0, true, true],
      [0, 1, false, true],
    ]);
    const second = flowEdges({
      a: 1,
      b: 2,
      pair99: 0.1,
      corrected: corrected([
        [0.7, 0.02],
        [0.2, -0.3],
      ]),
    });
    const chains = flowChains([0, 1, 2], [2, 2, 2], [...first, ...second]);
    expect(chains.map((c) => [c.layers, c.concepts, c.splits, c.merges])).toEqual([
      [[0, 1, 2], [0, 0, 0], 1, 1],
      [[0], [1], 0, 0],
      [[1], [1], 1, 1],
      [[2], [1], 0, 0],
    ]);
  });
});
