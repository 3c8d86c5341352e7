import { afterAll, describe, expect, it } from "vitest";
import type { ChannelScale, LocalCells, LocalVector } from "../../src/concepts/loce.js";
import { fitLocal } from "../../src/concepts/loce.js";
import { spreadOfNoise, summarizeLayer, unitRows } from "../../src/concepts/locesummary.js";
import { createEngine } from "../../src/node/engine.js";
import { normal, seededRandom } from "../../src/numerics/random.js";
import type { Matrix } from "../../src/numerics/types.js";

const engine = createEngine();
afterAll(() => engine.dispose());

const CHANNELS = 8;
const plain: ChannelScale = { mean: new Float64Array(CHANNELS), deviation: new Float64Array(CHANNELS).fill(1) };

/** A photograph of noise; the cells of concept j are those where its channel is raised. */
function photograph(
  at: number,
  k: number,
  shown: readonly (readonly [concept: number, channel: number])[],
  cells = 200,
): LocalCells {
  const random = seededRandom("loce", String(at));
  const data = Float32Array.from({ length: cells * CHANNELS }, () => normal(random));
  const targets = new Float32Array(cells * k);
  for (const [j, channel] of shown) {
    for (let r = 0; r < cells; r++) {
      if (random() > 0.3) continue;
      targets[r * k + j] = 1;
      data[r * CHANNELS + channel]! += 4;
    }
  }
  return {
    rows: { data, rows: cells, cols: CHANNELS },
    targets,
    weights: new Float32Array(cells * k).fill(1),
    half: Uint8Array.from({ length: cells }, (_, r) => r & 1),
  };
}

async function layer(photographs: readonly LocalCells[], k: number) {
  const found: LocalVector[] = [];
  for (const p of photographs) found.push(...(await fitLocal(p, plain, 0.03, engine)));
  const data = new Float32Array(found.length * CHANNELS);
  for (const [i, f] of found.entries()) data.set(f.vector, i * CHANNELS);
  const units = unitRows({ data, rows: found.length, cols: CHANNELS }, new Float32Array(CHANNELS).fill(1));
  const cosine = (a: Float32Array, b: Float32Array) => a.reduce((s, v, i) => s + v * b[i]!, 0);
  const halves = Float32Array.from(found, (f) => (f.halves ? cosine(...f.halves) : Number.NaN));
  // the slow way: every pair of different photographs
  const between = Float64Array.from({ length: k }, (_, j) => {
    const own = found.filter((f) => f.concept === j && f.halves);
    const all = own.flatMap((a, x) => own.flatMap((b, y) => (x === y ? [] : [cosine(a.halves![0], b.halves![1])])));
    return all.reduce((s, v) => s + v, 0) / all.length;
  });
  const concept = Int32Array.from(found, (f) => f.concept);
  return { found, summary: await summarizeLayer({ units, concept, halves, between }, seededRandom("summary"), engine) };
}

describe("a vector for a concept of one photograph", () => {
  it("points to the planted channel, and so do those of its halves; it finds the concept on cells it was not learned from", async () => {
    const [found] = await fitLocal(photograph(1, 1, [[0, 3]]), plain, 0.03, engine);
    for (const v of [found!.unit, ...found!.halves!]) expect(v[3]).toBeGreaterThan(0.95);
    expect(found!.iou).toBeGreaterThan(0.8);
  });

  it("acts on raw activations: channels that are shifted and scaled, with their scale told, give the same scores and the same distances", async () => {
    const cells = photograph(2, 1, [[0, 3]]);
    const [a] = await fitLocal(cells, plain, 0.03, engine);
    const mean = Float64Array.from({ length: CHANNELS }, (_, c) => 5 * c - 7);
    const deviation = Float64Array.from({ length: CHANNELS }, (_, c) => 2 ** (c - 3));
    const data = cells.rows.data.map((v, i) => v * deviation[i % CHANNELS]! + mean[i % CHANNELS]!);
    const [b] = await fitLocal({ ...cells, rows: { ...cells.rows, data } }, { mean, deviation }, 0.03, engine);
    const score = (f: NonNullable<typeof a>, rows: Float32Array, r: number) =>
      f.vector.reduce((s, v, c) => s + v * rows[r * CHANNELS + c]!, f.bias);
    for (const r of [0, 50, 199]) expect(score(b!, data, r)).toBeCloseTo(score(a!, cells.rows.data, r), 2);
    for (const [c, v] of b!.unit.entries()) expect(v).toBeCloseTo(a!.unit[c]!, 3);
  });

  it("needs the concept and something else: none, all of it, and unknown cells give no vector; one half alone gives no halves", async () => {
    const cells = photograph(3, 3, [[0, 0]]);
    for (let r = 0; r < 200; r++) cells.targets[r * 3 + 2] = 1;
    expect((await fitLocal(cells, plain, 0.03, engine)).map((f) => f.concept)).toEqual([0]);
    expect(await fitLocal({ ...cells, weights: new Float32Array(600) }, plain, 0.03, engine)).toEqual([]);
    const oneHalf = photograph(4, 1, [[0, 0]]);
    oneHalf.half.forEach((h, r) => {
      if (h === 1) oneHalf.targets[r] = 0;
    });
    const [found] = await fitLocal(oneHalf, plain, 0.03, engine);
    expect(found!.halves).toBeUndefined();
    expect(found!.iou).toBeNaN();
  });
});

describe("how the vectors of a layer lie", () => {
  it("one planted channel: one cluster at any number of cells, and no more spread than noise", async () => {
    for (const cells of [40, 200]) {
      const { summary } = await layer(
        Array.from({ length: 24 }, (_, i) => photograph(i, 1, [[0, 2]], cells)),
        1,
      );
      const [one] = summary.concepts;
      expect(one!.clusters).toEqual([24]);
      expect(one!.between / one!.within).toBeGreaterThan(0.95);
      expect(one!.between / one!.within).toBeLessThan(1.05);
      expect(Math.abs(one!.spread - one!.spreadNoise)).toBeLessThan(0.03);
      expect(one!.overlap, "no other concept").toBeNaN();
      expect(summary.purity).toBeNaN();
    }
  });

  it("two planted channels under one name: two sub-clusters, the right photographs in each, at 40 cells as at 200", async () => {
    for (const cells of [40, 200]) {
      const { summary } = await layer(
        Array.from({ length: 24 }, (_, i) => photograph(i, 1, [[0, i % 3 === 0 ? 0 : 1]], cells)),
        1,
      );
      const [one] = summary.concepts;
      expect(one!.clusters).toEqual([16, 8]);
      expect([...summary.cluster]).toEqual(Array.from({ length: 24 }, (_, i) => (i % 3 === 0 ? 1 : 0)));
      expect(one!.p).toBeLessThan(0.01);
      expect(one!.spread).toBeGreaterThan(one!.spreadNoise + 0.1);
      expect(one!.between / one!.within).toBeLessThan(0.8);
    }
  });

  it("two concepts of separate channels do not mix: overlap 0, purity 1 where chance is about a half", async () => {
    const both = (i: number) =>
      photograph(i, 2, [
        [0, 2],
        [1, 5],
      ]);
    const { summary } = await layer(
      Array.from({ length: 12 }, (_, i) => both(i)),
      2,
    );
    for (const s of summary.concepts) {
      expect(s).toMatchObject({ images: 12, clusters: [12], overlap: 0, overlapChance: 12 / 23 });
      expect(Math.max(...[...s.nearer].filter((v) => !Number.isNaN(v)))).toBe(0);
    }
    expect(summary.purity).toBe(1);
    expect(summary.purityChance).toBeLessThan(0.75);
    // the plane tells them apart as well
    const side = (j: number) => summary.plane.filter((_, i) => i % 2 === 0 && Math.floor(i / 2) % 2 === j);
    expect(Math.max(...side(0)) < Math.min(...side(1)) || Math.max(...side(1)) < Math.min(...side(0))).toBe(true);
  });

  it("two names for one channel are confused: about as often as by chance, and each names the other", async () => {
    const { summary } = await layer(
      Array.from({ length: 30 }, (_, i) => photograph(i, 2, [[i % 2, 3]])),
      2,
    );
    for (const [j, s] of summary.concepts.entries()) {
      expect(s.overlap).toBeGreaterThan(0.25);
      expect(s.nearer[1 - j]).toBe(s.overlap);
      expect(s.nearer[j]).toBeNaN();
    }
    expect(summary.purity).toBeLessThan(0.85);
  });

  it("a concept in one photograph, or in none, invents nothing", async () => {
    const { summary } = await layer(
      [photograph(0, 3, [[0, 0]]), photograph(1, 3, [[1, 1]]), photograph(2, 3, [[1, 1]])],
      3,
    );
    const [one, , none] = summary.concepts;
    expect(one).toMatchObject({ images: 1, clusters: [1] });
    expect([one!.spread, one!.spreadNoise, one!.overlap, one!.p].every(Number.isNaN)).toBe(true);
    expect(none).toMatchObject({ images: 0, clusters: [] });
  });

  it("spread of noise alone follows the formula", () => {
    // r = 2 (.6) / 1.6 = .75; |mean|^2 = 1/4 + (3/4)(.75)
    expect(spreadOfNoise(0.6, 4)).toBeCloseTo(1 - Math.sqrt(0.25 + 0.75 * 0.75), 12);
    expect(spreadOfNoise(1, 9)).toBe(0);
  });

  it("rows of length 1 stay where channels are dead", () => {
    const m: Matrix = { data: Float32Array.of(3, 9, 4, 0, 7, 0), rows: 2, cols: 3 };
    expect([...unitRows(m, Float32Array.of(1, 0, 1)).data]).toEqual([Math.fround(0.6), 0, Math.fround(0.8), 0, 0, 0]);
  });
});
