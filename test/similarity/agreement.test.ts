import { afterAll, describe, expect, it } from "vitest";
import { createEngine } from "../../src/node/engine.js";
import type { BitMasks } from "../../src/numerics/bits.js";
import { packAbove } from "../../src/numerics/bits.js";
import { bootstrapWeights } from "../../src/numerics/bootstrap.js";
import { seededRandom } from "../../src/numerics/random.js";
import { addAgreement, agreement, emptyAgreement, pairIndex } from "../../src/similarity/agreement.js";
import { emergence, emergenceTest, semanticVariance } from "../../src/similarity/emergence.js";
import { presence, quality } from "../../src/similarity/quality.js";

const engine = createEngine();
afterAll(() => engine.dispose());

const N = 40;
const CELLS = 900;

const bits = (n: number, k: number, at: (x: number, l: number, cell: number) => boolean): BitMasks =>
  packAbove(
    Float32Array.from({ length: n * k * CELLS }, (_, i) =>
      at(Math.floor(i / (k * CELLS)), Math.floor(i / CELLS) % k, i % CELLS) ? 1 : 0,
    ),
    n,
    k,
    new Array(k).fill(0.5),
  );

/** Layers 0 and 1 are copies; 2 errs independently of 0, given label and image; how often a layer errs differs from image to image, for all alike. */
function scene() {
  const random = seededRandom("agreement");
  const hard = Array.from({ length: N }, () => 0.02 + 0.3 * random());
  const label = bits(N, 1, (x, _, i) => (i + x * 37) % CELLS < 200);
  const flips = [0, 1].map(() => Array.from({ length: N * CELLS }, (_, i) => random() < hard[Math.floor(i / CELLS)]!));
  const truth = (x: number, i: number) => (i + x * 37) % CELLS < 200;
  const masks = bits(N, 3, (x, l, i) => truth(x, i) !== flips[l === 2 ? 1 : 0]![x * CELLS + i]!);
  return { label, masks, known: bits(N, 1, () => true), flips, truth };
}

describe("agreement", () => {
  const { label, masks, known, flips, truth } = scene();
  const run = async () => {
    const counts = emptyAgreement(3, CELLS);
    addAgreement(counts, masks, label, known);
    return agreement(counts, bootstrapWeights(N, 200, seededRandom("boot")), engine);
  };

  it("a layer and its copy agree wholly: set IoU 1, kappa 1", async () => {
    const found = (await run())[pairIndex(3, 0, 1)]!;
    expect(found.iou).toBe(1);
    expect(found.kappa).toBeCloseTo(1, 6);
  });

  it("takes more images and resamples than a call takes arguments", async () => {
    const n = 700;
    const tiny = (k: number) =>
      packAbove(
        Float32Array.from({ length: n * k * 16 }, (_, i) => i % 3),
        n,
        k,
        new Array(k).fill(1.5),
      );
    const counts = emptyAgreement(2, 16);
    addAgreement(counts, tiny(2), tiny(1), packAbove(new Float32Array(n * 16).fill(1), n, 1, [0.5]));
    const found = await agreement(counts, bootstrapWeights(n, 300, seededRandom("many")), engine);
    expect(found).toHaveLength(3);
    expect(found[0]!.iou).toBe(1);
  });

  it("independent errors give kappa 0, though both layers err more on the same hard images; an expectation pooled over images would not", async () => {
    const found = (await run())[pairIndex(3, 0, 2)]!;
    expect(found.iou).toBeGreaterThan(0.35);
    expect(Math.abs(found.kappa)).toBeLessThan(0.02);
    expect(found.kappaInterval.low).toBeLessThan(0);
    expect(found.kappaInterval.high).toBeGreaterThan(0);
    // pooled: both strata as one image
    const sums = [0, 1].map((l) =>
      [true, false].map(
        (inside) => flips[l]!.filter((f, i) => f && truth(Math.floor(i / CELLS), i % CELLS) === inside).length,
      ),
    );
    const all = [true, false].map(
      (inside) => flips[0]!.filter((_, i) => truth(Math.floor(i / CELLS), i % CELLS) === inside).length,
    );
    const both = [0, 1].reduce((s, t) => s + (sums[0]![t]! * sums[1]![t]!) / all[t]!, 0);
    const total = sums.flat().reduce((s, v) => s + v, 0);
    const pooled = both / (total - both);
    // 0.0175 here, 30 times what is left by image
    expect((found.errorIou - pooled) / (1 - pooled)).toBeGreaterThan(5 * Math.abs(found.kappa));
  });

  it("counts are those of a loop over cells", async () => {
    const found = (await run())[pairIndex(3, 0, 2)]!;
    let [both, either, errors, anyError] = [0, 0, 0, 0];
    for (let x = 0; x < N; x++) {
      for (let i = 0; i < CELLS; i++) {
        const [a, b] = [0, 1].map((l) => truth(x, i) !== flips[l]![x * CELLS + i]!) as [boolean, boolean];
        const [ea, eb] = [a !== truth(x, i), b !== truth(x, i)];
        both += a && b ? 1 : 0;
        either += a || b ? 1 : 0;
        errors += ea && eb ? 1 : 0;
        anyError += ea || eb ? 1 : 0;
      }
    }
    expect(found.iou).toBeCloseTo(both / either, 12);
    expect(found.errorIou).toBeCloseTo(errors / anyError, 12);
  });

  it("the null is the set IoU of images paired with other images", async () => {
    const found = (await run())[pairIndex(3, 0, 2)]!;
    const on = (x: number, l: number, i: number) => truth(x, i) !== flips[l]![x * CELLS + i]!;
    let both = 0;
    const areas = [0, 0];
    for (let i = 0; i < CELLS; i++) {
      for (let x = 0; x < N; x++) {
        for (const l of [0, 1]) areas[l]! += on(x, l, i) ? 1 : 0;
        for (let y = 0; y < N; y++) if (x !== y && on(x, 0, i) && on(y, 1, i)) both++;
      }
    }
    const mean = both / (N - 1);
    expect(found.nullIou).toBeCloseTo(mean / (areas[0]! + areas[1]! - mean), 6);
  });
});

describe("presence", () => {
  const table = (n: number, good: (x: number) => number) => ({
    n,
    m: 1,
    both: Uint32Array.from({ length: n }, (_, x) => good(x)),
    predicted: new Uint32Array(n).fill(100),
    labelled: new Uint32Array(n).fill(100),
  });
  it("needs every baseline beaten on resampled images, and names those that were not", async () => {
    const random = seededRandom("presence");
    const weights = bootstrapWeights(30, 300, seededRandom("w"));
    const noise = Array.from({ length: 30 }, () => Math.floor(20 * random()));
    const own = await quality(
      table(30, (x) => 60 + noise[x]!),
      weights,
      engine,
    );
    const worse = await quality(
      table(30, (x) => 30 + noise[29 - x]!),
      weights,
      engine,
    );
    const equal = await quality(
      table(30, (x) => 60 + noise[29 - x]!),
      weights,
      engine,
    );
    expect(presence(own, 0, [{ name: "a", quality: worse }])).toMatchObject({ present: true, whyNot: [] });
    expect(
      presence(own, 0, [
        { name: "a", quality: worse },
        { name: "b", quality: equal },
      ]),
    ).toMatchObject({
      present: false,
      whyNot: ["not above b"],
    });
    expect(presence(own, 0, [{ name: "a", quality: undefined }]).whyNot).toEqual(["a not measured"]);
  });
});

describe("emergence", () => {
  it("is the smallest depth with 0.9 of the best quality", () => {
    const none = { data: new Float32Array(0), rows: 0, cols: 4 };
    expect(emergence([0.1, 0.52, 0.55, 0.57], none, [0.1, 0.4, 0.7, 1])).toMatchObject({
      layer: 1,
      depth: 0.4,
      best: 3,
    });
    expect(emergence([Number.NaN, 0, 0, 0], none, [0, 1, 2, 3]).layer).toBe(-1);
  });
  it("same depths against permuted layers: difference 0, chance above, p small", () => {
    const k = 12;
    const depth = [0, 0.2, 0.4, 0.6, 0.8, 1];
    const quality = {
      data: Float32Array.from({ length: k * 6 }, (_, i) => (i % 6 >= Math.floor(i / 6) % 6 ? 0.5 : 0.1)),
      rows: k,
      cols: 6,
    };
    const found = emergenceTest({ depth, quality }, { depth, quality }, seededRandom("e"), 200);
    expect(found).toMatchObject({ concepts: k, difference: 0, spearman: 1 });
    expect(found.chance).toBeGreaterThan(0.1);
    expect(found.p).toBeLessThan(0.05);
  });
  it("semantic variance is the mean squared difference of qualities", () => {
    expect(semanticVariance([0.5, 0.3, Number.NaN], [0.4, 0.3, 0.2])).toBeCloseTo(0.005, 12);
  });
});
