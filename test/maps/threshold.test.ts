import { describe, expect, it } from "vitest";
import { thresholdPasses, thresholds } from "../../src/maps/threshold.js";
import { packAbove, unpack } from "../../src/numerics/bits.js";
import { normal, seededRandom } from "../../src/numerics/random.js";
import type { Tensor4 } from "../../src/numerics/types.js";

function randomMaps(seed: number, n: number, c: number, zeros: number): Tensor4 {
  const random = seededRandom("threshold", seed);
  const data = Float32Array.from({ length: n * c * 36 }, () => (random() < zeros ? 0 : Math.abs(normal(random))));
  return { data, n, c, h: 6, w: 6 };
}

describe("thresholds at density p", () => {
  it.each([0.02, 0.1, 0.2])("p = %f: masks cover floor(p N) cells of each concept where scores differ", (p) => {
    const maps = randomMaps(1, 20, 4, 0);
    const { values, density } = thresholds(maps, p);
    const masks = packAbove(maps.data, 20, 4, values);
    for (let c = 0; c < 4; c++) {
      let set = 0;
      for (let x = 0; x < 20; x++) set += unpack(masks, x, c).reduce((s, v) => s + v, 0);
      expect(set).toBe(Math.floor(p * 720));
      expect(density[c]).toBe(set / 720);
    }
  });

  it("a concept that is 0 on more than 1 - p of the cells has t = 0 and its realised density", () => {
    const maps = randomMaps(2, 20, 3, 0.95);
    const { values, density } = thresholds(maps, 0.1);
    expect([...values]).toEqual([0, 0, 0]);
    for (let c = 0; c < 3; c++) {
      const positive = maps.data.filter((v, i) => Math.floor(i / 36) % 3 === c && v > 0).length;
      expect(density[c]).toBe(positive / 720);
    }
  });

  it("a concept at its ceiling on more than p of the cells keeps a mask: the ceiling", () => {
    const random = seededRandom("ceiling");
    const share = (top: number) => Float32Array.from({ length: 7200 }, (_, i) => (i < top ? 6 : random()));
    for (const top of [800, 1500, 7199]) {
      const { values, density, tied } = thresholds({ data: share(top), n: 200, c: 1, h: 6, w: 6 }, 0.1);
      expect(packAbove(share(top), 200, 1, values).data.some((b) => b !== 0)).toBe(true);
      expect(density[0]).toBe(top / 7200);
      expect(tied[0]).toBe(1);
    }
    // a few cells above a plateau: 0.5 % above, 30 % with the plateau, which is nearer to 10 %
    const plateau = Float32Array.from({ length: 7200 }, (_, i) => (i < 36 ? 7 : i < 2160 ? 6 : random()));
    expect(thresholds({ data: plateau, n: 200, c: 1, h: 6, w: 6 }, 0.1).density[0]).toBe(0.3);
    // background is never a mask: constant maps stay empty
    expect(thresholds({ data: new Float32Array(7200), n: 200, c: 1, h: 6, w: 6 }, 0.1).density[0]).toBe(0);
  });

  it("does not depend on the order or the cut of the images", () => {
    const maps = randomMaps(3, 12, 2, 0.3);
    const image = (x: number): Tensor4 => ({ ...maps, n: 1, data: maps.data.subarray(x * 72, (x + 1) * 72) });
    const search = thresholdPasses(2, 0.1);
    let passes = 0;
    do {
      for (let x = 11; x >= 0; x--) search.add(image(x));
      passes++;
    } while (search.next());
    expect(passes).toBe(3);
    expect(search.result()).toEqual(thresholds(maps, 0.1));
  });

  it("is scale-free: a positive factor moves t and no mask", () => {
    const maps = randomMaps(4, 8, 2, 0.5);
    const scaled = { ...maps, data: maps.data.map((v) => v * 4) };
    const a = thresholds(maps, 0.1);
    const b = thresholds(scaled, 0.1);
    expect(packAbove(scaled.data, 8, 2, b.values)).toEqual(packAbove(maps.data, 8, 2, a.values));
  });

  it("refuses another number of concepts, NaN, and a result before the end", () => {
    const search = thresholdPasses(3, 0.1);
    expect(() => search.add(randomMaps(1, 1, 2, 0))).toThrow(/maps of 2 concepts, 3 expected/);
    expect(() => search.result()).toThrow(/before the last pass/);
    expect(() => thresholds({ data: Float32Array.of(Number.NaN, 1), n: 1, c: 1, h: 1, w: 2 }, 0.1)).toThrow(/NaN/);
  });
});
