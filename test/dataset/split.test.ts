import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { geometry } from "../../src/dataset/geometry.js";
import { samplePositions } from "../../src/dataset/positions.js";
import { checked, splitImages, thin } from "../../src/dataset/split.js";
import { seededRandom } from "../../src/numerics/random.js";
import { imageRef, preprocessing } from "./support.js";

const many = (n: number, groupOf: (i: number) => string = (i) => `${i}`) =>
  Array.from({ length: n }, (_, i) => imageRef(`${i}.jpg`, groupOf(i)));

describe("splitImages", () => {
  it("no group on both sides, nothing lost, nothing twice, order kept", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 25 }), { minLength: 40, maxLength: 120 }),
        fc.double({ min: 0.2, max: 0.8, noNaN: true }),
        fc.integer(),
        (groups, fraction, seed) => {
          fc.pre(new Set(groups).size > 20);
          const images = many(groups.length, (i) => `g${groups[i]}`);
          const { fit, test } = splitImages(images, fraction, seededRandom(seed));
          const fitGroups = new Set(fit.map((i) => i.group));
          expect(test.some((i) => fitGroups.has(i.group))).toBe(false);
          expect([...fit, ...test].map((i) => i.id).sort()).toEqual(images.map((i) => i.id).sort());
          expect(images.filter((i) => fitGroups.has(i.group))).toEqual(fit);
          // overshoots by less than the largest group
          const largest = Math.max(...[...new Set(groups)].map((g) => groups.filter((x) => x === g).length));
          expect(fit.length).toBeLessThan(fraction * images.length + largest);
          expect(fit.length).toBeGreaterThanOrEqual(fraction * images.length);
        },
      ),
      { seed: 5, numRuns: 60 },
    );
  });
  it("the same seed gives the same sides, another seed others", () => {
    const split = (seed: number) => splitImages(many(60), 0.5, seededRandom(seed)).fit.map((i) => i.id);
    expect(split(1)).toEqual(split(1));
    expect(split(1)).not.toEqual(split(2));
    expect(split(1)).toHaveLength(30);
  });
  it("too few images: says how many there are and how many are needed", () => {
    expect(() => splitImages(many(6), 0.5, seededRandom(1))).toThrow(
      /too few images: 3 to fit and 3 to test, at least 4 and 4/,
    );
  });
  it("thirty crops of one photograph cannot be split", () => {
    expect(() =>
      splitImages(
        many(30, () => "one"),
        0.5,
        seededRandom(1),
      ),
    ).toThrow(/too few images/);
  });
});

describe("folders to fit and to test given apart", () => {
  it("a photograph in both is refused by its name", () => {
    const fit = many(8);
    const test = [...many(8).map((i) => ({ ...i, hash: `other ${i.hash}` })), { ...fit[3]!, id: "copy.jpg" }];
    expect(() => checked({ fit, test })).toThrow(/'copy.jpg' is both/);
    expect(checked({ fit, test: test.slice(0, 8) }).test).toHaveLength(8);
  });
  it("thin keeps order and count", () => {
    const few = thin(many(50), 7, seededRandom(1));
    expect(few).toHaveLength(7);
    expect(few.map((i) => Number.parseInt(i.id, 10))).toEqual(
      few.map((i) => Number.parseInt(i.id, 10)).sort((a, b) => a - b),
    );
    expect(thin(few, undefined, seededRandom(1))).toBe(few);
    expect(thin(few, 7, seededRandom(1))).toBe(few);
  });
});

describe("samplePositions", () => {
  const g = (w: number, h: number, resize: "letterbox" | "stretch" = "letterbox") =>
    geometry(preprocessing({ width: 320, height: 320, resize }), w, h);

  it("ascending, different, inside the photograph: padding is never sampled", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 16, max: 900 }),
        fc.integer({ min: 16, max: 900 }),
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 300 }),
        (w, h, gw, gh, m) => {
          const where = g(w, h);
          const found = samplePositions(gh, gw, m, where, seededRandom(w, h, m));
          const c = where.content;
          const inside = (i: number) => {
            const x = ((i % gw) + 0.5) / gw;
            const y = (Math.floor(i / gw) + 0.5) / gh;
            return x >= c.x0 && x < c.x1 && y >= c.y0 && y < c.y1;
          };
          const all = Array.from({ length: gw * gh }, (_, i) => i).filter(inside);
          expect(found).toHaveLength(Math.min(m, all.length));
          expect([...found].every(inside)).toBe(true);
          expect([...found]).toEqual([...new Set(found)].sort((a, b) => a - b));
        },
      ),
      { seed: 6 },
    );
  });
  it("the same seed, image and tap give the same cells; another image others", () => {
    const cells = (image: string) => [
      ...samplePositions(20, 20, 30, g(640, 480), seededRandom(1, "rows", image, "conv3")),
    ];
    expect(cells("a")).toEqual(cells("a"));
    expect(cells("a")).not.toEqual(cells("b"));
  });
  it("every cell is equally likely (chi squared over 4000 draws of 6 from 48, 47 degrees of freedom)", () => {
    const counts = new Float64Array(48);
    for (let seed = 0; seed < 4000; seed++)
      for (const i of samplePositions(6, 8, 6, g(10, 10, "stretch"), seededRandom(seed))) counts[i]!++;
    const chi = counts.reduce((s, n) => s + (n - 500) ** 2 / 500, 0);
    expect(chi).toBeLessThan(82.7); // the .999 quantile, scipy.stats.chi2.ppf(.999, 47)
    expect(chi).toBeGreaterThan(20);
  });
});
