import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { areaWeights, bilinearWeights, resamplePlanes } from "../../src/numerics/resample.js";
import { resizeArea, resizeBilinear } from "../../src/numerics/resize.js";
import { golden } from "../golden/maps.js";
import { areaMean } from "../slow/maps.js";
import { resampleSlow } from "../slow/resample.js";

function furthest(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  return Array.from(a).reduce((most, v, i) => Math.max(most, Math.abs(v - b[i]!)), 0);
}

describe("resizing whole planes", () => {
  it.each(golden.resize)("bilinear $input -> $output equals torch interpolate(align_corners=False)", (g) => {
    const [planes, h, w] = g.input;
    const out = resizeBilinear(Float32Array.from(g.data), planes, h, w, ...g.output);
    expect(furthest(out, g.bilinear)).toBeLessThan(1e-5);
  });

  it.each(golden.area)("area $input -> $output equals torch adaptive_avg_pool2d and the exact integral", (g) => {
    const [planes, h, w] = g.input;
    const out = resizeArea(Float32Array.from(g.data), planes, h, w, ...g.output);
    expect(furthest(out, g.area)).toBeLessThan(1e-6);
  });
});

const axis = fc.record({
  nIn: fc.integer({ min: 1, max: 40 }),
  nOut: fc.integer({ min: 1, max: 40 }),
  lo: fc.integer({ min: 0, max: 60 }).map((v) => v / 100),
  width: fc.integer({ min: 5, max: 40 }).map((v) => v / 100),
});

describe("axis weights", () => {
  it("area weights are overlaps of cells with the window: slow twin integrates", () => {
    fc.assert(
      fc.property(axis, ({ nIn, nOut, lo, width }) => {
        const row = Float32Array.from({ length: nIn }, (_, i) => Math.sin(3 * i + 1));
        const out = resamplePlanes(row, 1, 1, nIn, areaWeights(1, 0, 1, 1), areaWeights(nIn, lo, lo + width, nOut));
        const expected = Array.from({ length: nOut }, (_, t) =>
          areaMean(row, (lo + (width * t) / nOut) * nIn, (lo + (width * (t + 1)) / nOut) * nIn),
        );
        expect(furthest(out, expected)).toBeLessThan(1e-5);
      }),
    );
  });

  it("rows sum to 1, are not negative, and never reach outside the axis", () => {
    fc.assert(
      fc.property(axis, fc.boolean(), ({ nIn, nOut, lo, width }, area) => {
        const w = (area ? areaWeights : bilinearWeights)(nIn, lo, lo + width, nOut);
        for (let t = 0; t < nOut; t++) {
          const row = w.weights.subarray(t * w.most, t * w.most + w.count[t]!);
          expect(row.every((v) => v >= 0)).toBe(true);
          expect(row.reduce((s, v) => s + v, 0)).toBeCloseTo(1, 12);
          expect(w.start[t]!).toBeGreaterThanOrEqual(0);
          expect(w.start[t]! + w.count[t]!).toBeLessThanOrEqual(nIn);
        }
      }),
    );
  });

  it("an unchanged axis is the identity for every size up to 300", () => {
    for (let n = 1; n <= 300; n++) {
      expect(areaWeights(n, 0, 1, n).identity).toBe(true);
      expect(bilinearWeights(n, 0, 1, n).identity).toBe(true);
    }
  });

  it("bilinear weights never touch cells that hold padding alone", () => {
    const w = bilinearWeights(20, 0, 0.7, 20, [0, 0.7]);
    for (let t = 0; t < 20; t++) expect(w.start[t]! + w.count[t]!).toBeLessThanOrEqual(14);
  });
});

describe("the kernel", () => {
  it("gives the bits of the slow twin, for every size, window, number of planes and place in the output", () => {
    fc.assert(
      fc.property(axis, axis, fc.integer({ min: 1, max: 5 }), fc.boolean(), (y, x, planes, area) => {
        const weights = area ? areaWeights : bilinearWeights;
        const wy = weights(y.nIn, y.lo, y.lo + y.width, y.nOut);
        const wx = weights(x.nIn, x.lo, x.lo + x.width, x.nOut);
        const data = Float32Array.from({ length: planes * y.nIn * x.nIn }, (_, i) => Math.sin(7 * i + 1));
        const out = new Float32Array(3 + planes * y.nOut * x.nOut);
        resamplePlanes(data, planes, y.nIn, x.nIn, wy, wx, out, 3);
        expect(out.subarray(3)).toEqual(resampleSlow(data, planes, y.nIn, x.nIn, wy, wx));
      }),
    );
  });

  it("gives the same for more planes than fit in its memory at a time as for each alone", () => {
    const [w, planes] = [areaWeights(150, 0.1, 0.9, 56), 30];
    const data = Float32Array.from({ length: planes * 150 * 150 }, (_, i) => Math.sin(7 * i + 1));
    const together = resamplePlanes(data, planes, 150, 150, w, w);
    for (let p = 0; p < planes; p++) {
      const alone = resamplePlanes(data.subarray(p * 22_500, (p + 1) * 22_500), 1, 150, 150, w, w);
      expect(alone).toEqual(together.subarray(p * 3136, (p + 1) * 3136));
    }
  });
});
