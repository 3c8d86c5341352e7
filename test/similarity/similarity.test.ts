import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BitCounter, packAbove } from "../../src/numerics/bits.js";
import { chanceIou, correctForChance, iou, iouMatrices } from "../../src/numerics/iou.js";
import type { Matrix64 } from "../../src/numerics/types.js";
import { partners } from "../../src/similarity/match.js";
import { layerSimilarity, meanBest } from "../../src/similarity/similarity.js";
import { bestAssignmentSum, similarityOfMasks } from "../slow/maps.js";

function matrix(rows: readonly (readonly number[])[]): Matrix64 {
  return { data: Float64Array.from(rows.flat()), rows: rows.length, cols: rows[0]!.length };
}

describe("set IoU", () => {
  it("two empty sets have none, an empty and a full one 0, equal ones 1", () => {
    expect(iou(0, 0, 0)).toBeNaN();
    expect(iou(0, 0, 5)).toBe(0);
    expect(iou(5, 5, 5)).toBe(1);
  });
  it("chance level at p = .1 is p / (2 - p) = .0526; J = J0 corrects to 0 and J = 1 to 1 for any densities", () => {
    expect(chanceIou(0.1, 0.1)).toBeCloseTo(0.1 / 1.9, 15);
    const density = fc.double({ min: 0.001, max: 0.999, noNaN: true });
    fc.assert(
      fc.property(density, density, (p, q) => {
        const chance = chanceIou(p, q);
        expect(correctForChance(chance, chance)).toBe(0);
        expect(correctForChance(1, chance)).toBeCloseTo(1, 12);
      }),
    );
    expect(correctForChance(1, 1)).toBe(1);
  });
  it("a concept without a cell has no corrected row", () => {
    const { raw, corrected } = iouMatrices([0, 0, 2, 1], [0, 4], [3, 2], 100);
    expect([...raw.data]).toEqual([0, 0, 2 / 5, 1 / 5]);
    expect(corrected.data[0]).toBeNaN();
    expect(corrected.data[2]).toBeCloseTo((0.4 - 0.0012 / 0.0688) / (1 - 0.0012 / 0.0688), 12);
  });
});

describe("layerSimilarity", () => {
  const m = matrix([
    [0.9, 0.1, 0.2],
    [0.8, 0.3, 0.1],
  ]);

  it("by hand: forward, backward, their mean, optimal assignment over the larger k", () => {
    const s = layerSimilarity(m);
    expect(s.forward).toBeCloseTo((0.9 + 0.8) / 2, 12);
    expect(s.backward).toBeCloseTo((0.9 + 0.3 + 0.2) / 3, 12);
    expect(s.similarity).toBeCloseTo((s.forward + s.backward) / 2, 12);
    expect(s.oneToOne).toBeCloseTo((0.9 + 0.3) / 3, 12);
    expect([...s.bestForA]).toEqual([0, 0]);
    expect([...s.bestForB]).toEqual([0, 1, 0]);
    expect([...s.assigned]).toEqual([0, 1]);
    expect(s.mutual).toBe(1);
  });

  it("weights by energy, scaled to the concepts that show", () => {
    const s = layerSimilarity(m, { a: [3, 1], b: [1, 1, 2] });
    expect(s.forward).toBeCloseTo((3 * 0.9 + 0.8) / 4, 12);
    expect(s.backward).toBeCloseTo((0.9 + 0.3 + 2 * 0.2) / 4, 12);
    const missing = matrix([
      [0.9, 0.1],
      [Number.NaN, Number.NaN],
    ]);
    const t = layerSimilarity(missing, { a: [3, 1], b: [1, 1] });
    expect(t.forward).toBeCloseTo(0.9, 12);
    expect([...t.bestForA]).toEqual([0, -1]);
    expect([...t.assigned]).toEqual([0, -1]);
  });

  it("is NaN, with no partners, when nothing shows", () => {
    const s = layerSimilarity(matrix([[Number.NaN, Number.NaN]]));
    expect(s.similarity).toBeNaN();
    expect(s.oneToOne).toBeNaN();
    expect([...s.bestForA, ...s.assigned]).toEqual([-1, -1]);
  });

  const cell = fc.integer({ min: -5, max: 100 }).map((v) => v / 100);
  const small = fc
    .tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 }))
    .chain(([r, c]) => fc.array(fc.array(cell, { minLength: c, maxLength: c }), { minLength: r, maxLength: r }));

  it("transposing swaps forward and backward; permuting concepts changes nothing; the assignment is the best of all", () => {
    fc.assert(
      fc.property(small, fc.nat(), (rows, turn) => {
        const s = layerSimilarity(matrix(rows));
        const t = layerSimilarity(matrix(rows[0]!.map((_, j) => rows.map((row) => row[j]!))));
        expect(t.forward).toBeCloseTo(s.backward, 12);
        expect(t.oneToOne).toBeCloseTo(s.oneToOne, 12);
        const turned = rows.map((_, i) => rows[(i + turn) % rows.length]!);
        expect(layerSimilarity(matrix(turned)).similarity).toBeCloseTo(s.similarity, 12);
        const longest = Math.max(rows.length, rows[0]!.length);
        expect(s.oneToOne * longest).toBeCloseTo(bestAssignmentSum(rows), 9);
        expect(partners(matrix(rows)).mutual).toBeGreaterThanOrEqual(1);
      }),
    );
  });

  it("from packed masks equals the slow twin on 0/1 arrays; a layer with itself is 1", () => {
    const shape = fc.record({
      n: fc.integer({ min: 2, max: 4 }),
      ka: fc.integer({ min: 1, max: 4 }),
      kb: fc.integer({ min: 1, max: 4 }),
    });
    const counter = new BitCounter();
    fc.assert(
      fc.property(shape, fc.infiniteStream(fc.boolean()), ({ n, ka, kb }, stream) => {
        const draw = (k: number) =>
          Array.from({ length: n }, (_, x) =>
            // cell 0 of image 0 keeps every concept alive
            Array.from({ length: k }, () =>
              Array.from({ length: 21 }, (__, i) => ((x === 0 && i === 0) || stream.next().value ? 1 : 0)),
            ),
          );
        const a = draw(ka);
        const b = draw(kb);
        const pack = (m: number[][][], k: number) =>
          packAbove(Float32Array.from(m.flat(2)), n, k, new Float32Array(k).fill(0.5));
        const similarity = (x: number[][][], kx: number, y: number[][][], ky: number) => {
          counter.clear();
          const hx = counter.load(pack(x, kx));
          const hy = counter.load(pack(y, ky));
          const sums = (areas: Uint32Array, k: number) =>
            Array.from({ length: k }, (_, c) => areas.reduce((s, v, i) => s + (i % k === c ? v : 0), 0));
          const m = iouMatrices(
            counter.summedIntersections(hx, hy),
            sums(counter.areas(hx), kx),
            sums(counter.areas(hy), ky),
            n * 21,
          ).corrected;
          const { forward, backward } = meanBest(m.data, kx, ky);
          return (forward + backward) / 2;
        };
        const full = (m: number[][][]) => m[0]!.some((_, c) => m.every((image) => image[c]!.every((v) => v === 1)));
        fc.pre(!full(a) && !full(b));
        expect(similarity(a, ka, b, kb)).toBeCloseTo(similarityOfMasks(a, b), 9);
        expect(similarity(a, ka, a, ka)).toBeCloseTo(1, 12);
      }),
      { numRuns: 40 },
    );
  });
});
