import { afterAll, describe, expect, it } from "vitest";
import { createEngine } from "../../../src/node/engine.js";
import { hsicItem, uProduct } from "../../../src/numerics/cka.js";
import { ckaFromHsic, createCkaStream } from "../../../src/numerics/ckastream.js";
import { seededRandom } from "../../../src/numerics/random.js";
import { cka } from "../../../src/similarity/controls/cka.js";
import { mutualKnn } from "../../../src/similarity/controls/knn.js";
import { matching } from "../../../src/similarity/controls/matching.js";
import { measure } from "../../../src/similarity/controls/measure.js";
import { rdx } from "../../../src/similarity/controls/rdx.js";
import { randomMatrix } from "../../numerics/matrices.js";
import {
  rowsOfMatrix,
  slowCka,
  slowHsic1,
  slowKnn,
  slowMatching,
  slowRankDifference,
  slowStream,
} from "../../slow/controls.js";

const engine = createEngine();
const context = { engine, random: seededRandom("twins") };
afterAll(() => engine.dispose());

describe.each([1, 2])("fast and slow, seed %i", (seed) => {
  const x = randomMatrix(23, 7, seededRandom("x", seed));
  const y = randomMatrix(23, 31, seededRandom("y", seed));
  const [xs, ys] = [rowsOfMatrix(x), rowsOfMatrix(y)];
  it("debiased CKA", async () => {
    expect((await measure(cka, x, y, context)).value).toBeCloseTo(slowCka(xs, ys), 10);
  });
  it("HSIC by samples and by features give one number", async () => {
    const [a, b] = [await hsicItem(engine, x), await hsicItem(engine, y)];
    const [p, q] = [await hsicItem(engine, x, 0), await hsicItem(engine, y, 0)];
    expect(p.upper).toBeUndefined();
    expect(await uProduct(engine, p, q)).toBeCloseTo(await uProduct(engine, a, b), 8);
    expect(p.energy).toBeCloseTo(a.energy, 8);
  });
  it("mutual k-NN", async () => {
    expect((await measure(mutualKnn, x, y, context, { k: 4 })).value).toBeCloseTo(slowKnn(xs, ys, 4), 12);
  });
  it("hard correlation match", async () => {
    expect((await measure(matching, x, y, context)).value).toBeCloseTo(slowMatching(xs, ys), 10);
  });
  it("RDX rank difference", async () => {
    expect((await measure(rdx, x, y, context)).value).toBeCloseTo(slowRankDifference(xs, ys, 0.05), 6);
  });
  it("minibatch CKA, last batch smaller, batches under 4 samples left out", async () => {
    const cuts = [0, 10, 20, 23];
    const stream = createCkaStream(engine, 2);
    const batches: [number[][], number[][]][] = [];
    for (let b = 0; b + 1 < cuts.length; b++) {
      const part = (m: typeof x) => ({
        data: m.data.slice(cuts[b]! * m.cols, cuts[b + 1]! * m.cols),
        rows: cuts[b + 1]! - cuts[b]!,
        cols: m.cols,
      });
      const counted = await stream.add([part(x), part(y)]);
      expect(counted).toBe(b < 2);
      if (counted) batches.push([xs.slice(cuts[b], cuts[b + 1]), ys.slice(cuts[b], cuts[b + 1])]);
    }
    expect(Math.abs(ckaFromHsic(stream.hsic).data[1]! - slowStream(batches))).toBeLessThan(1e-5);
  });
});

it("debiased HSIC of independent items is 0 on average, with far more features than samples (bias would give .9)", async () => {
  let sum = 0;
  for (let repeat = 0; repeat < 60; repeat++) {
    const x = randomMatrix(12, 100, seededRandom("null x", repeat));
    const y = randomMatrix(12, 100, seededRandom("null y", repeat));
    sum += (await measure(cka, x, y, context)).value! / 60;
  }
  expect(Math.abs(sum)).toBeLessThan(0.05);
  expect(slowHsic1([[0], [1], [2], [3]], [[0], [1], [2], [3]])).toBeGreaterThan(0);
});
