/** The numbers of the replacement test, against a slow twin (test/slow/replacement.ts) and their formulas. */
import { describe, expect, test } from "vitest";
import { normal, seededRandom } from "../../src/numerics/random.js";
import { divergence, FoldSums, isDistribution, keptShare, predicted } from "../../src/similarity/replacement.js";
import { slowRegression } from "../slow/replacement.js";

const CELLS = 9;
const random = seededRandom("replacement");
/** y: a mix of x and noise; some cells count for nothing. */
const images = Array.from({ length: 8 }, (_, at) => {
  const x = Array.from({ length: 3 }, () => Array.from({ length: CELLS }, () => Math.max(0, normal(random))));
  const y = [0, 1].map((j) => x[0]!.map((_, p) => Math.max(0, 2 * x[j]![p]! + x[2]![p]! - 1 + 0.3 * normal(random))));
  return { x, y, fold: at % 4 };
});
const planes = (m: readonly (readonly number[])[]) => Float32Array.from(m.flat());

describe("predictors", () => {
  const sums = new FoldSums(4, 3, 2);
  const inside = new Uint8Array(CELLS).fill(1);
  inside[4] = 0;
  for (const { x, y, fold } of images) sums.add(fold, planes(x), planes(y), inside);
  const kept = images.map((i) => ({
    ...i,
    x: i.x.map((r) => r.filter((_, p) => inside[p])),
    y: i.y.map((r) => r.filter((_, p) => inside[p])),
  }));

  test.each([0, 1, 2, 3])("of fold %i equal ridge regression on the cells of all other folds", (fold) => {
    const { regression } = sums.predictors(fold);
    const slow = slowRegression(kept, fold);
    for (const at of [fold, fold + 4]) {
      const found = predicted(regression, planes(images[at]!.x), CELLS, false);
      for (let p = 0; p < CELLS; p++) {
        const expected = slow.predict(images[at]!.x.map((r) => Math.fround(r[p]!)));
        expected.forEach((v, j) => {
          expect(found[j * CELLS + p]).toBeCloseTo(v, 5);
        });
      }
    }
  });

  test("of the matched kind use one score a coefficient, the one it correlates with, and no score twice", () => {
    const { matched } = sums.predictors(0);
    const used = [0, 1].map((j) => [0, 1, 2].filter((i) => matched.w.data[i * 2 + j] !== 0));
    expect(used).toEqual([[0], [1]]);
  });

  test("of scores that never vary predict the mean", () => {
    const flat = new FoldSums(2, 1, 1);
    for (const fold of [0, 1])
      flat.add(fold, new Float32Array(2).fill(3), Float32Array.of(1, 2), new Uint8Array(2).fill(1));
    expect(predicted(flat.predictors(0).regression, Float32Array.of(7, 8), 2, false)).toEqual(
      Float32Array.of(1.5, 1.5),
    );
  });
});

describe("kept share: 1 - distances with the replacement / distances with the mean, mean over outputs", () => {
  const table = (rows: number[][]) => ({
    data: Float64Array.from(rows.flat()),
    rows: rows.length,
    cols: rows[0]!.length,
  });
  const byMean = table([[4, 1], [6, 3]]); // biome-ignore format: two images, two outputs
  test("by hand", () => {
    expect(keptShare(table([[1, 4], [4, 0]]), byMean)).toBeCloseTo((1 - 5 / 10 + (1 - 4 / 4)) / 2, 12); // biome-ignore format: as above
    expect(keptShare(table([[0, 0], [0, 0]]), byMean)).toBe(1); // biome-ignore format: as above
    expect(keptShare(byMean, byMean)).toBe(0);
  });
  test("weights count an image as often as they say; an output that the mean does not move is left out", () => {
    expect(keptShare(table([[1, 1], [6, 3]]), byMean, [2, 0])).toBeCloseTo((1 - 1 / 4 + 0) / 2, 12); // biome-ignore format: as above
    expect(keptShare(table([[1, 9]]), table([[4, 0]]))).toBeCloseTo(0.75, 12);
    expect(keptShare(table([[1]]), table([[0]]))).toBeNaN();
  });
});

describe("divergence", () => {
  test("of distributions is sum p ln(p / q), by hand", () => {
    expect(divergence([0.5, 0.5], [0.25, 0.75], false)).toBeCloseTo(0.5 * Math.log(2) + 0.5 * Math.log(2 / 3), 12);
    expect(divergence([1, 0], [1, 0], false)).toBe(0);
    expect(divergence([1, 0], [0, 1], false)).toBeCloseTo(Math.log(1e12), 6); // finite: q is at least 1e-12
  });
  test("of logits is that of their softmax, whatever constant is added", () => {
    const p = [Math.log(0.5), Math.log(0.5)];
    const q = [Math.log(0.25) + 7, Math.log(0.75) + 7];
    expect(divergence(p, q, true)).toBeCloseTo(divergence([0.5, 0.5], [0.25, 0.75], false), 12);
  });
  test("a distribution is told from logits", () => {
    expect([isDistribution([0.2, 0.8]), isDistribution([0.2, 0.9]), isDistribution([1.2, -0.2])]).toEqual([
      true,
      false,
      false,
    ]);
  });
});
