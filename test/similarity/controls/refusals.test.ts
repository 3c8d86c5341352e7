import { afterAll, describe, expect, it } from "vitest";
import { createEngine } from "../../../src/node/engine.js";
import { seededRandom } from "../../../src/numerics/random.js";
import type { Matrix } from "../../../src/numerics/types.js";
import { CONTROLS } from "../../../src/similarity/controls/controls.js";
import type { Measure } from "../../../src/similarity/controls/measure.js";
import { measure } from "../../../src/similarity/controls/measure.js";
import { differences, rdx } from "../../../src/similarity/controls/rdx.js";
import { noiseCeiling, rsa } from "../../../src/similarity/controls/rsa.js";
import { randomMatrix } from "../../numerics/matrices.js";

const engine = createEngine();
const context = { engine, random: seededRandom("refusals") };
afterAll(() => engine.dispose());
const of = (rows: number, cols: number, seed = "m") => randomMatrix(rows, cols, seededRandom(seed, rows, cols));
const control = (id: string): Measure => CONTROLS.get(id)!;

describe.each([...CONTROLS.values()])("$id refuses with the reason, never NaN", (m) => {
  const refused = async (x: Matrix, y: Matrix) => {
    const score = await measure(m, x, y, context);
    expect(score.value).toBeNull();
    return score.refused!;
  };
  it("constant features", async () => {
    const flat = { data: new Float32Array(40 * 3).fill(2), rows: 40, cols: 3 };
    expect(await refused(flat, of(40, 3))).toBe("all 3 features are constant");
    expect(await refused(of(40, 3), flat)).toBe("all 3 features are constant");
  });
  it("a feature that is not a number, by its place", async () => {
    const bad = of(40, 3);
    bad.data[3 * 7 + 1] = Number.NaN;
    expect(await refused(bad, of(40, 3))).toBe("sample 7, feature 1 is not a finite number");
  });
  it("other samples on each side", async () => {
    expect(await refused(of(40, 3), of(41, 3))).toContain("40 samples on one side, 41 on the other");
  });
  it("one sample", async () => {
    expect(await refused(of(1, 3), of(1, 3))).toMatch(/1 samples|1 images/);
  });
  it("takes dead channels in its stride", async () => {
    const x = of(40, 6);
    for (let r = 0; r < 40; r++) x.data[r * 6 + 2] = 0;
    const { value } = await measure(m, x, of(40, 5), context);
    expect(Number.isFinite(value)).toBe(true);
  });
  it("takes a side that is a constant but for one sample", async () => {
    const x = { data: new Float32Array(40 * 2), rows: 40, cols: 2 };
    x.data[10] = 1;
    const score = await measure(m, x, of(40, 5), context);
    expect(score.value === null ? score.refused : score.value).not.toBeNaN();
  });
});

it.each([
  ["cka", 3, 2, "3 samples, at least 4 needed"],
  ["svcca", 20, 20, "20 samples for 20 features: CCA needs more samples than features"],
  ["pwcca", 20, 30, "20 samples for 30 features: CCA needs more samples than features"],
  ["mutual_knn", 11, 3, "11 samples, more than 11 needed for 10 neighbours"],
  ["lasso_regression", 9, 3, "9 images, at least 10 needed for 5 folds"],
])("%s of %i samples with %i features: %s", async (id, rows, cols, reason) => {
  expect((await measure(control(id), of(rows, cols), of(rows, cols, "y"), context)).refused).toBe(reason);
});

it("CCA says how many correlations its dimensions force to 1", async () => {
  const score = await measure(control("pwcca"), of(30, 20), of(30, 15, "y"), context);
  expect(score.note).toContain("6 of 15 correlations are 1");
});

it("RSA names a sample without variation; a ceiling needs two matrices; RDX groups need images", async () => {
  const x = of(12, 4);
  x.data.fill(3, 5 * 4, 6 * 4);
  expect((await measure(rsa, x, of(12, 4, "y"), context, { centre: false })).refused).toContain(
    "sample 5 has the same value",
  );
  const one = await rsa.prepare(of(12, 4), context);
  expect(noiseCeiling([one], context.random).refused).toBe("1 matrices, at least 2 needed");
  const few = await rdx.prepare(of(6, 4), context);
  expect(differences(few, few, context.random)).toEqual({ refused: "6 images, at least 12 needed for 5 groups" });
});
