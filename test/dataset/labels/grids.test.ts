import { describe, expect, test } from "vitest";
import { commonFrame, geometry } from "../../../src/dataset/geometry.js";
import { maskSums, nearestOnFrame, onFrame, onTensor } from "../../../src/dataset/labels/grids.js";
import { toFrame } from "../../../src/maps/resample.js";
import { seededRandom } from "../../../src/numerics/random.js";
import { preprocessing } from "../support.js";

const WHOLE = { x0: 0, y0: 0, x1: 1, y1: 1 };
const random = seededRandom(1, "masks");
const noise = (n: number) => Uint8Array.from({ length: n }, () => (random() < 0.4 ? 1 : 0));

describe("masks on grids", () => {
  test("area means equal those of concept maps (toFrame), for a map that is the mask itself", () => {
    const [w, h] = [53, 37];
    const mask = noise(w * h);
    const sums = maskSums(mask, w, h);
    const maps = { data: Float32Array.from(mask), n: 1, c: 1, h, w };
    for (const [frame, grid] of [
      [WHOLE, { h: 7, w: 7 }],
      [WHOLE, { h: 37, w: 53 }],
      [
        { x0: 0.13, y0: 0.07, x1: 0.81, y1: 0.95 },
        { h: 5, w: 11 },
      ],
    ] as const) {
      const { share, weight } = onFrame(sums, frame, grid);
      const slow = toFrame(maps, [{ visible: WHOLE, content: WHOLE }], [frame], grid);
      share.forEach((v, i) => {
        expect(v).toBeCloseTo(slow.data[i]!, 6);
      });
      expect([...weight].every((v) => Math.abs(v - 1) < 1e-6)).toBe(true);
    }
  });

  test("padding never counts: on a letterboxed tensor, cells in it weigh 0 and a mask of ones is 1 wherever anything is known", () => {
    const p = preprocessing({ width: 64, height: 64, resize: "letterbox" });
    const g = geometry(p, 60, 30); // 64 x 32 pixels, 16 rows of padding above and below
    const { share, weight } = onTensor(maskSums(new Uint8Array(1800).fill(1), 60, 30), g, { h: 5, w: 4 });
    // rows of 12.8 pixels: 0..12.8 | 12.8..25.6 | 25.6..38.4 | ...; content 16..48
    const rows = [0, 9.6 / 12.8, 1, 9.6 / 12.8, 0];
    weight.forEach((v, i) => {
      expect(v).toBeCloseTo(rows[Math.floor(i / 4)]!, 6);
    });
    share.forEach((v, i) => {
      expect(v).toBeCloseTo(weight[i]! > 0 ? 1 : 0, 6);
    });
  });

  test("a centre crop sees only its part of the photograph", () => {
    const g = geometry(preprocessing({ width: 32, height: 32, resize: "crop" }), 64, 32);
    const mask = Uint8Array.from({ length: 64 * 32 }, (_, i) => (i % 64 < 32 ? 1 : 0));
    const { share, weight } = onTensor(maskSums(mask, 64, 32), g, { h: 1, w: 4 });
    expect([...share]).toEqual([1, 1, 0, 0]);
    expect([...weight]).toEqual([1, 1, 1, 1]);
  });

  test("tensor and frame agree where one network is the study", () => {
    const p = preprocessing({ width: 48, height: 48, resize: "letterbox" });
    const g = geometry(p, 40, 20);
    const mask = noise(800);
    const sums = maskSums(mask, 40, 20);
    const tensor = onTensor(sums, g, { h: 4, w: 2 }); // rows 1 and 2 are content
    const frame = onFrame(sums, commonFrame([g]), { h: 2, w: 2 });
    expect([...tensor.weight]).toEqual([0, 0, 1, 1, 1, 1, 0, 0]);
    frame.share.forEach((v, i) => {
      expect(v).toBeCloseTo(tensor.share[i + 2]!, 6);
    });
  });

  test("what is not known counts neither for nor against: shares over the known part, by a direct sum", () => {
    const [w, h] = [12, 9];
    const mask = noise(w * h);
    const valid = noise(w * h).map((v, i) => (i % w < 4 ? 0 : v));
    const { share, weight } = onFrame(maskSums(mask, w, h, valid), WHOLE, { h: 3, w: 3 });
    for (let cell = 0; cell < 9; cell++) {
      let known = 0;
      let inside = 0;
      for (let i = 0; i < w * h; i++) {
        if (Math.floor(Math.floor(i / w) / 3) * 3 + Math.floor((i % w) / 4) !== cell) continue;
        known += valid[i]!;
        inside += valid[i]! * mask[i]!;
      }
      expect(weight[cell]).toBeCloseTo(known / 12, 6);
      expect(share[cell]).toBeCloseTo(known > 0 ? inside / known : 0, 6);
    }
  });

  test("nearest at full resolution is the mask itself, in a frame its part", () => {
    const mask = noise(6 * 4);
    expect(nearestOnFrame(mask, 6, 4, WHOLE, { h: 4, w: 6 })).toEqual(mask);
    const right = nearestOnFrame(mask, 6, 4, { x0: 0.5, y0: 0, x1: 1, y1: 1 }, { h: 4, w: 3 });
    expect([...right]).toEqual([...mask].filter((_, i) => i % 6 >= 3));
  });

  test("a mask of another size is refused", () => {
    expect(() => maskSums(new Uint8Array(5), 2, 3)).toThrow(/mask of 5 pixels for an image of 2 x 3/);
  });
});
