import { describe, expect, it } from "vitest";
import { preprocessingSchema } from "../../src/contract/preprocessing.js";
import { commonFrame, geometry, WHOLE } from "../../src/dataset/geometry.js";
import { frameWindow } from "../../src/maps/frame.js";
import { coarser, distinctGrids, gridName, gridOf, gridsNeeded } from "../../src/maps/grid.js";
import { toCoarser, toFrame } from "../../src/maps/resample.js";
import type { Tensor4 } from "../../src/numerics/types.js";

const whole = { visible: WHOLE, content: WHOLE };

function mapsOf(n: number, c: number, h: number, w: number, f: (x: number, y: number) => number): Tensor4 {
  const data = Float32Array.from({ length: n * c * h * w }, (_, i) =>
    f(((i % w) + 0.5) / w, ((Math.floor(i / w) % h) + 0.5) / h),
  );
  return { data, n, c, h, w };
}

describe("frameWindow", () => {
  const letterbox = preprocessingSchema.parse({ width: 320, height: 320, resize: "letterbox" });
  const crop = preprocessingSchema.parse({ width: 224, height: 224, resize: "crop" });
  const stretch = preprocessingSchema.parse({ width: 300, height: 300, resize: "stretch" });

  it("the whole frame is the content, bit by bit", () => {
    const g = geometry(letterbox, 640, 480);
    expect(frameWindow(g, g.visible)).toEqual(g.content);
    expect(frameWindow(geometry(stretch, 640, 480), WHOLE)).toEqual(WHOLE);
  });

  it("a point of the photograph lies at the same place of the common frame in every network", () => {
    const geometries = [letterbox, crop, stretch].map((p) => geometry(p, 640, 480));
    const frame = commonFrame(geometries);
    for (const g of geometries) {
      const window = frameWindow(g, frame);
      // the frame's middle, through the window and back through the network's own geometry
      const tensorX = (window.x0 + window.x1) / 2;
      const imageX =
        g.visible.x0 + ((tensorX - g.content.x0) / (g.content.x1 - g.content.x0)) * (g.visible.x1 - g.visible.x0);
      expect(imageX).toBeCloseTo((frame.x0 + frame.x1) / 2, 12);
      expect(window.x0).toBeGreaterThanOrEqual(g.content.x0);
      expect(window.y1).toBeLessThanOrEqual(g.content.y1);
    }
  });

  it("an empty frame and one outside what the network sees are refused", () => {
    expect(() => frameWindow(whole, { x0: 0.6, y0: 0, x1: 0.4, y1: 1 })).toThrow(/no common part/);
    expect(() => frameWindow({ visible: { ...WHOLE, x1: 0.5 }, content: WHOLE }, WHOLE)).toThrow(/not inside/);
  });
});

describe("toFrame", () => {
  it("gives unchanged maps back bit by bit", () => {
    const maps = mapsOf(2, 3, 9, 7, (x, y) => Math.sin(40 * x) + y);
    expect(toFrame(maps, [whole, whole], [WHOLE, WHOLE], { h: 9, w: 7 })).toEqual(maps);
  });

  it.each([
    [4, 1e-5],
    [13, 0.01], // cells are constant inside, so a ramp is off by less than half a cell where borders do not meet
    [40, 1e-5],
  ])("networks with different preprocessing see the same ramp on a grid of %i, to %f", (size, tolerance) => {
    // s = x of the photograph, as each network would see it through its own geometry
    const frame = { x0: 0.25, y0: 0, x1: 0.75, y1: 1 };
    const cropped = { visible: frame, content: WHOLE };
    const boxed = { visible: WHOLE, content: { x0: 0, y0: 0.125, x1: 1, y1: 0.875 } };
    const a = toFrame(
      mapsOf(1, 1, 20, 20, (x) => 0.25 + 0.5 * x),
      [cropped],
      [frame],
      { h: size, w: size },
    );
    const padding = (y: number) => y < 0.125 || y > 0.875;
    const b = toFrame(
      mapsOf(1, 1, 32, 32, (x, y) => (padding(y) ? 1e6 : x)),
      [boxed],
      [frame],
      { h: size, w: size },
    );
    for (let i = 0; i < a.data.length; i++) {
      const edge = i % size < size / 16 || i % size >= size - size / 16;
      expect(Math.abs(a.data[i]! - b.data[i]!)).toBeLessThan(edge ? 0.02 : tolerance);
    }
  });

  it("padding never counts, at any grid", () => {
    const content = { x0: 0, y0: 0.25, x1: 1, y1: 0.75 };
    const maps = mapsOf(1, 1, 16, 16, (_, y) => (y > 0.25 && y < 0.75 ? 1 : 1000));
    for (const size of [3, 8, 16, 31])
      expect(Math.max(...toFrame(maps, [{ visible: WHOLE, content }], [WHOLE], { h: size, w: size }).data)).toBe(1);
  });

  it("refuses another number of geometries", () => {
    expect(() =>
      toFrame(
        mapsOf(2, 1, 4, 4, () => 0),
        [whole],
        [WHOLE],
        { h: 4, w: 4 },
      ),
    ).toThrow(/2 images, 1 geometries/);
  });
});

describe("toCoarser", () => {
  it("keeps the mean of every map", () => {
    const maps = mapsOf(2, 2, 12, 10, (x, y) => x * x + Math.cos(9 * y));
    const small = toCoarser(maps, { h: 5, w: 3 });
    const mean = (d: Float32Array) => d.reduce((s, v) => s + v, 0) / d.length;
    expect(mean(small.data)).toBeCloseTo(mean(maps.data), 6);
  });
  it("refuses a finer grid", () => {
    expect(() =>
      toCoarser(
        mapsOf(1, 1, 4, 4, () => 0),
        { h: 4, w: 5 },
      ),
    ).toThrow(/finer/);
  });
});

describe("grids", () => {
  it("no axis is finer than the study's grid, pairs meet at the coarser one axis by axis", () => {
    expect(gridOf({ height: 80, width: 40 }, 56)).toEqual({ h: 56, w: 40 });
    expect(coarser({ h: 20, w: 10 }, { h: 14, w: 14 })).toEqual({ h: 14, w: 10 });
    const all = [
      { h: 20, w: 20 },
      { h: 10, w: 10 },
      { h: 40, w: 40 },
    ];
    expect(gridsNeeded(all[0]!, all).map(gridName)).toEqual(["20x20", "10x10"]);
    expect(distinctGrids([...all, ...all]).map(gridName)).toEqual(["40x40", "20x20", "10x10"]);
  });
});
