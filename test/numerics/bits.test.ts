import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BitCounter, concatMasks, packAbove, selectImages, unpack } from "../../src/numerics/bits.js";
import { golden } from "../golden/maps.js";
import { countBoth } from "../slow/maps.js";

const counter = new BitCounter();

describe("masks as bits", () => {
  const g = golden.iou;
  const a = packAbove(Float32Array.from(g.a), g.n, g.ka, Float32Array.from(g.ta));
  const b = packAbove(Float32Array.from(g.b), g.n, g.kb, Float32Array.from(g.tb));

  it("pack as numpy.packbits(bitorder='little')", () => {
    const bytes = Math.ceil(a.cells / 8);
    const packed: number[] = [];
    for (let at = 0; at < a.data.length; at += a.stride) packed.push(...a.data.subarray(at, at + bytes));
    expect(packed).toEqual(g.packed);
  });

  it("areas, intersections and permuted intersections equal numpy's exactly", () => {
    counter.clear();
    const ha = counter.load(a);
    const hb = counter.load(b);
    expect([...counter.areas(ha)]).toEqual(g.areas);
    expect([...counter.intersections(ha, hb)]).toEqual(g.intersections);
    expect([...counter.summedIntersections(ha, hb, g.order)]).toEqual(g.permuted);
  });

  it("selectImages and concatMasks are inverse to each other", () => {
    expect(concatMasks([selectImages(a, [0, 1]), selectImages(a, [2, 3, 4])])).toEqual(a);
  });

  it("masks of another grid, images that do not exist, and wrong thresholds are refused", () => {
    counter.clear();
    const ha = counter.load(a);
    const other = counter.load(packAbove(new Float32Array(5 * 4), 5, 1, [0]));
    expect(() => counter.intersections(ha, other)).toThrow(/203 cells/);
    expect(() => counter.intersections(ha, counter.load(b), [5])).toThrow(/outside 0..4/);
    expect(() => packAbove(new Float32Array(10), 2, 1, [0, 1])).toThrow(/thresholds/);
  });
});

it("counts equal the slow twin for any number of cells, concepts and images, dense or empty", () => {
  const shape = fc.record({
    n: fc.integer({ min: 1, max: 3 }),
    ka: fc.integer({ min: 1, max: 6 }),
    kb: fc.integer({ min: 1, max: 9 }),
    cells: fc.oneof(fc.integer({ min: 1, max: 300 }), fc.constantFrom(3136, 4097, 8192)),
    density: fc.constantFrom(0, 0.02, 0.5, 1),
    salt: fc.integer({ min: 1, max: 1e6 }),
  });
  fc.assert(
    fc.property(shape, ({ n, ka, kb, cells, density, salt }) => {
      let state = salt;
      const scores = (k: number) =>
        Float32Array.from({ length: n * k * cells }, () => {
          state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
          return state / 2 ** 32;
        });
      const masks = (k: number) => packAbove(scores(k), n, k, new Float32Array(k).fill(1 - density || -1));
      const a = density === 0 ? packAbove(scores(ka), n, ka, new Float32Array(ka).fill(2)) : masks(ka);
      const b = masks(kb);
      counter.clear();
      const found = counter.intersections(counter.load(a), counter.load(b));
      const areas = counter.areas(counter.load(b));
      for (let x = 0; x < n; x++) {
        for (let j = 0; j < kb; j++) {
          const y = unpack(b, x, j);
          expect(areas[x * kb + j]).toBe(countBoth(y, y));
          for (let i = 0; i < ka; i++) expect(found[(x * ka + i) * kb + j]).toBe(countBoth(unpack(a, x, i), y));
        }
      }
    }),
    { numRuns: 60 },
  );
});
