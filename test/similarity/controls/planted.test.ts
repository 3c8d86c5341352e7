/** Answers known before the measure is asked. */
import { afterAll, describe, expect, it } from "vitest";
import { createEngine } from "../../../src/node/engine.js";
import { normal, seededRandom } from "../../../src/numerics/random.js";
import type { Matrix } from "../../../src/numerics/types.js";
import { mutualKnn } from "../../../src/similarity/controls/knn.js";
import { matching } from "../../../src/similarity/controls/matching.js";
import { measure } from "../../../src/similarity/controls/measure.js";
import { differences, rdx } from "../../../src/similarity/controls/rdx.js";
import { conceptScores, regression } from "../../../src/similarity/controls/regression.js";
import { randomMatrix } from "../../numerics/matrices.js";

const engine = createEngine();
const context = { engine, random: seededRandom("planted") };
afterAll(() => engine.dispose());

/** 60 images in 6 classes of ten; `scattered` of them have no common place on this side. */
function classes(scattered: readonly number[], seed: string): Matrix {
  const random = seededRandom(seed);
  const d = 20;
  const data = new Float32Array(60 * d);
  for (let c = 0; c < 6; c++) {
    const centre = Float32Array.from({ length: d }, () => 3 * normal(random));
    for (let i = 0; i < 10; i++)
      for (let f = 0; f < d; f++)
        data[(c * 10 + i) * d + f] = scattered.includes(c) ? 3 * normal(random) : centre[f]! + 0.5 * normal(random);
  }
  return { data, rows: 60, cols: d };
}

describe("RDX", () => {
  it("shows the class that one side holds together and the other does not, and only in that direction", async () => {
    const a = await rdx.prepare(classes([], "a"), context);
    const b = await rdx.prepare(classes([2], "b"), context);
    const one = differences(a, b, seededRandom("clusters"), { clusters: 1 });
    if ("refused" in one) throw new Error(one.refused);
    const first = one.groups[0]!;
    expect([...first.images].sort((p, q) => p - q)).toEqual(Array.from({ length: 10 }, (_, i) => 20 + i));
    expect(first.rankHere).toBeCloseTo(5, 12);
    expect(first.rankThere).toBeGreaterThan(20);
    const back = differences(b, a, seededRandom("clusters"), { clusters: 1 });
    if ("refused" in back) throw new Error(back.refused);
    for (const group of back.groups) expect(group.images.filter((i) => i >= 20 && i < 30).length).toBeLessThan(5);
  });
  it("asked for more groups than there are differences, splits the true one and puts its parts first", async () => {
    const a = await rdx.prepare(classes([], "a"), context);
    const b = await rdx.prepare(classes([2], "b"), context);
    const found = differences(a, b, seededRandom("clusters"));
    if ("refused" in found) throw new Error(found.refused);
    const parts = found.groups.slice(0, 4);
    for (const part of parts) for (const i of part.images) expect(Math.floor(i / 10)).toBe(2);
    expect(parts.flatMap((part) => part.images).length).toBe(10);
    const strength = found.groups.map((group) => group.difference);
    expect(strength).toEqual([...strength].sort((p, q) => p - q));
  });
  it("the same seed gives the same groups", async () => {
    const a = await rdx.prepare(classes([1], "a"), context);
    const b = await rdx.prepare(classes([4], "b"), context);
    expect(differences(a, b, seededRandom(3))).toEqual(differences(a, b, seededRandom(3)));
  });
});

it("mutual k-NN of independent items is k / (n - 1) on average", async () => {
  let sum = 0;
  for (let r = 0; r < 30; r++) {
    const x = randomMatrix(80, 6, seededRandom("x", r));
    sum += (await measure(mutualKnn, x, randomMatrix(80, 6, seededRandom("y", r)), context)).value! / 30;
  }
  expect(Math.abs(sum - 10 / 79)).toBeLessThan(0.01);
});

it("lasso regression finds the concepts that are there and not those that are not, on held-out images", async () => {
  const y = randomMatrix(200, 12, seededRandom("features"));
  const random = seededRandom("targets");
  const data = new Float32Array(200 * 2);
  for (let r = 0; r < 200; r++) {
    data[2 * r] = 2 * y.data[r * 12 + 3]! - y.data[r * 12 + 7]!;
    data[2 * r + 1] = normal(random);
  }
  const groups = Int32Array.from({ length: 200 }, (_, r) => Math.floor(r / 4));
  const a = await regression.prepare(y, context, { groups, targets: { data, rows: 200, cols: 2 } });
  const b = await regression.prepare(y, context, { groups });
  const each = await conceptScores(a, b, context);
  if (!("scores" in each)) throw new Error(each.refused);
  expect(each.scores[0]).toBeGreaterThan(0.98);
  expect(Math.abs(each.scores[1]!)).toBeLessThan(0.2);
});

it("hard matching finds partners through a permutation and noise, over as many features as the smaller side has", async () => {
  const x = randomMatrix(100, 8, seededRandom("match"));
  const y = randomMatrix(100, 15, seededRandom("other"));
  for (let r = 0; r < 100; r++)
    for (let c = 0; c < 8; c++) y.data[r * 15 + ((c * 7 + 3) % 15)] = -2 + 5 * x.data[r * 8 + c]!;
  expect((await measure(matching, x, y, context)).value).toBeCloseTo(1, 6);
});
