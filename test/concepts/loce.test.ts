import { afterAll, describe, expect, it } from "vitest";
import { fitLocations, LOCE, summarizeLocations } from "../../src/concepts/loce.js";
import type { ProbeShard } from "../../src/concepts/proberows.js";
import { createEngine } from "../../src/node/engine.js";
import { completeLinkage } from "../../src/numerics/linkage.js";
import { normal, seededRandom } from "../../src/numerics/random.js";
import { completeLinkageSlow } from "../slow/linkage.js";

const engine = createEngine();
afterAll(() => engine.dispose());

// with 60 cells the noise of single fits already splits a cluster at the cut (7, 4, 1 where 7, 5 is planted)
const [CHANNELS, CELLS] = [8, 300];

/** An image of noise; the cells of concept j are those where its channel is raised. */
function image(at: number, concepts: number, shown: readonly (readonly [concept: number, channel: number])[]) {
  const random = seededRandom("loce", String(at));
  const data = Float32Array.from({ length: CELLS * CHANNELS }, () => normal(random));
  const targets = new Float32Array(CELLS * concepts);
  for (const [j, channel] of shown) {
    for (let r = 0; r < CELLS; r++) {
      if (random() > 0.3) continue;
      targets[r * concepts + j] = 1;
      data[r * CHANNELS + channel]! += 8;
    }
  }
  const images = new Int32Array(CELLS).fill(at);
  return { rows: { data, rows: CELLS, cols: CHANNELS }, targets, images } satisfies ProbeShard;
}
const summary = async (shards: ProbeShard[], k: number) =>
  summarizeLocations(await fitLocations(shards, k, 1e-3, engine), k);

describe("local concept embeddings", () => {
  it("a concept that lies in channel 0 on 7 images and in channel 1 on 5 has sub-clusters of 7 and 5", async () => {
    const shards = Array.from({ length: 12 }, (_, i) => image(i, 1, [[0, i < 7 ? 0 : 1]]));
    const [found] = await summary(shards, 1);
    expect(found!.clusters).toEqual([7, 5]);
    expect(found!.images).toBe(12);
    // unit vectors on two axes: 1 - |(7, 5) / 12| = 0.283, were there no noise
    expect(found!.spread).toBeGreaterThan(0.2);
    expect(found!.spread).toBeLessThan(0.4);
    expect(found!.overlap, "no other concept").toBeNaN();
  });

  it("two concepts of separate channels, on the same images: one cluster each, overlap 0", async () => {
    const shards = Array.from({ length: 10 }, (_, i) =>
      image(i, 2, [
        [0, 2],
        [1, 5],
      ]),
    );
    for (const s of await summary(shards, 2)) {
      expect(s).toMatchObject({ images: 10, clusters: [10], overlap: 0, overlapChance: 10 / 19 });
      expect(s.spread).toBeLessThan(0.15);
    }
  });

  it("two names for the same channel overlap, half of the neighbours or more", async () => {
    const shards = Array.from({ length: 20 }, (_, i) => image(i, 2, [[i % 2, 3]]));
    const found = await summary(shards, 2);
    expect(found[0]!.overlap + found[1]!.overlap).toBeGreaterThan(0.4);
  });

  it("a vector is that of its image: other images and their order change nothing", async () => {
    const shards = Array.from({ length: 4 }, (_, i) => image(i, 1, [[0, i]]));
    const all = await fitLocations(shards, 1, 1e-3, engine);
    const alone = await fitLocations([shards[2]!], 1, 1e-3, engine);
    expect(all.vectors.data.slice(2 * CHANNELS, 3 * CHANNELS)).toEqual(alone.vectors.data);
    expect(Array.from(alone.vectors.data).indexOf(Math.max(...alone.vectors.data))).toBe(2);
  });

  it("a concept in one image, in none, or covering its image says so and invents nothing", async () => {
    const full = image(9, 3, []);
    for (let r = 0; r < CELLS; r++) full.targets[r * 3 + 2] = 1;
    const unknown = { ...image(10, 3, [[0, 1]]), weights: new Float32Array(CELLS) };
    const [one, none, whole] = await summary([image(0, 3, [[0, 0]]), full, unknown], 3);
    expect(one).toEqual({
      images: 1,
      spread: Number.NaN,
      clusters: [1],
      overlap: Number.NaN,
      overlapChance: Number.NaN,
    });
    expect(none).toMatchObject({ images: 0, clusters: [] });
    expect(whole).toMatchObject({ images: 0, clusters: [] });
  });
});

describe("completeLinkage", () => {
  it("gives the clusters of the slow twin, at any cut", () => {
    for (let round = 0; round < 40; round++) {
      const random = seededRandom("linkage", String(round));
      const n = 2 + Math.floor(30 * random());
      const points = Array.from({ length: n }, () => [random(), random(), random()]);
      const distance = Float64Array.from({ length: n * n }, (_, i) =>
        Math.hypot(...[0, 1, 2].map((d) => points[Math.floor(i / n)]![d]! - points[i % n]![d]!)),
      );
      for (const cut of [0, 0.2, LOCE.cut, 0.9, 2]) {
        const got = completeLinkage(distance.slice(), n, cut);
        const want = new Int32Array(n);
        completeLinkageSlow(distance, n, cut)
          .map((members) => members.sort((a, b) => a - b))
          .sort((a, b) => a[0]! - b[0]!)
          .forEach((members, c) => {
            for (const i of members) want[i] = c;
          });
        expect(got).toEqual(want);
      }
    }
  });

  it("takes no point, and one", () => {
    expect(completeLinkage(new Float64Array(0), 0, 1)).toEqual(new Int32Array(0));
    expect(completeLinkage(new Float64Array(1), 1, 1)).toEqual(new Int32Array(1));
  });
});
