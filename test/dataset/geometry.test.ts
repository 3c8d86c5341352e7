import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Preprocessing } from "../../src/contract/preprocessing.js";
import { commonFrame, geometry, imageToTensor, placement, tensorToImage, WHOLE } from "../../src/dataset/geometry.js";
import { preprocessing } from "./support.js";

const side = fc.integer({ min: 16, max: 3000 });
const anyPreprocessing: fc.Arbitrary<Preprocessing> = fc
  .record({
    width: fc.integer({ min: 16, max: 1280 }),
    height: fc.integer({ min: 16, max: 1280 }),
    resize: fc.constantFrom("stretch", "letterbox", "crop"),
    cropFraction: fc.double({ min: 0.3, max: 1, noNaN: true }),
    anchor: fc.constantFrom("centre", "top-left"),
    scaleUp: fc.boolean(),
  })
  .map((p) => preprocessing(p));

describe("crop is torchvision's Resize and CenterCrop", () => {
  // python3: s = math.floor(size / fraction); (s, int(s * long / short)), then round((side - size) / 2.0) with Python's round
  it.each([
    [640, 480, 224, 0.875, { width: 341, height: 256, left: -58, top: -16 }], // (341 - 224) / 2 = 58.5 -> 58
    [480, 640, 224, 0.875, { width: 256, height: 341, left: -16, top: -58 }],
    [500, 375, 224, 0.875, { width: 341, height: 256, left: -58, top: -16 }],
    [333, 500, 224, 1, { width: 224, height: 336, left: 0, top: -56 }],
    [100, 103, 299, 299 / 320, { width: 320, height: 329, left: -10, top: -15 }], // 10.5 -> 10
    [600, 600, 224, 0.9, { width: 248, height: 248, left: -12, top: -12 }],
    [1000, 450, 224, 0.95, { width: 522, height: 235, left: -149, top: -6 }], // 5.5 -> 6
  ])("%i x %i to %i, %f kept", (w, h, size, cropFraction, expected) => {
    expect(placement(preprocessing({ width: size, height: size, resize: "crop", cropFraction }), w, h)).toEqual(
      expected,
    );
  });
});

describe("letterbox rounds as Python", () => {
  it("40.5 rows are 40, not 41; the odd row of padding goes below", () => {
    const p = preprocessing({ width: 50, height: 50, resize: "letterbox" });
    expect(placement(p, 100, 81)).toEqual({ width: 50, height: 40, left: 0, top: 5 });
    expect(placement(p, 100, 83)).toEqual({ width: 50, height: 42, left: 0, top: 4 });
    expect(placement(p, 100, 82)).toEqual({ width: 50, height: 41, left: 0, top: 4 });
  });
  it("never vanishes: a 1000:1 strip keeps a row", () => {
    expect(placement(preprocessing({ width: 64, height: 64, resize: "letterbox" }), 3000, 3).height).toBe(1);
  });
});

describe("geometry", () => {
  it("maps points of the photograph to the tensor and back", () => {
    fc.assert(
      fc.property(
        anyPreprocessing,
        side,
        side,
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (p, w, h, x, y) => {
          const g = geometry(p, w, h);
          const [bx, by] = tensorToImage(g, ...imageToTensor(g, x, y));
          expect(bx).toBeCloseTo(x, 9);
          expect(by).toBeCloseTo(y, 9);
        },
      ),
      { seed: 1 },
    );
  });

  it("both rectangles lie in the unit square and show the same patch at the placement's scale", () => {
    fc.assert(
      fc.property(anyPreprocessing, side, side, (p, w, h) => {
        const { visible, content } = geometry(p, w, h);
        const at = placement(p, w, h);
        for (const r of [visible, content]) {
          expect(Math.min(r.x0, r.y0)).toBeGreaterThanOrEqual(0);
          expect(Math.max(r.x1, r.y1)).toBeLessThanOrEqual(1);
          expect(r.x1).toBeGreaterThan(r.x0);
          expect(r.y1).toBeGreaterThan(r.y0);
        }
        expect((content.x1 - content.x0) * p.width).toBeCloseTo((visible.x1 - visible.x0) * at.width, 6);
        expect((content.y1 - content.y0) * p.height).toBeCloseTo((visible.y1 - visible.y0) * at.height, 6);
        if (p.resize === "stretch") expect({ visible, content }).toEqual({ visible: WHOLE, content: WHOLE });
        if (p.resize === "crop") expect(content).toEqual(WHOLE);
        if (p.resize === "letterbox") expect(visible).toEqual(WHOLE);
      }),
      { seed: 2 },
    );
  });

  it("letterbox and crop keep the aspect ratio to a pixel", () => {
    fc.assert(
      fc.property(anyPreprocessing, side, side, (p, w, h) => {
        fc.pre(p.resize !== "stretch");
        const at = placement(p, w, h);
        fc.pre(Math.min(at.width, at.height) > 1);
        // one side exact, the other within a pixel of what the ratio asks
        expect(Math.abs(at.width * h - at.height * w) / Math.max(w, h)).toBeLessThanOrEqual(1 + 1e-9);
      }),
      { seed: 3 },
    );
  });

  it("an exactly known case: 640 x 480 in a 640 x 640 letterbox, its centre and corner", () => {
    const g = geometry(preprocessing({ width: 640, height: 640, resize: "letterbox" }), 640, 480);
    expect(g).toEqual({ visible: WHOLE, content: { x0: 0, y0: 0.125, x1: 1, y1: 0.875 } });
    expect(imageToTensor(g, 0.5, 0.5)).toEqual([0.5, 0.5]);
    expect(imageToTensor(g, 0, 0)).toEqual([0, 0.125]);
    expect(tensorToImage(g, 1, 0.875)).toEqual([1, 1]);
  });

  it("the common frame is what every network sees", () => {
    const crop = geometry(preprocessing({ width: 224, height: 224, resize: "crop" }), 640, 320);
    const box = geometry(preprocessing({ width: 300, height: 300, resize: "letterbox" }), 640, 320);
    expect(commonFrame([crop, box])).toEqual(crop.visible);
    expect(commonFrame([box])).toEqual(WHOLE);
  });
});
