/** Each control against its reference on fixed data; test/golden/make_controls.py holds the exact numpy, scipy and scikit-learn lines. */
import { readFileSync } from "node:fs";
import { afterAll, describe, expect, it } from "vitest";
import { createEngine } from "../../../src/node/engine.js";
import { ckaFromHsic, createCkaStream } from "../../../src/numerics/ckastream.js";
import { seededRandom } from "../../../src/numerics/random.js";
import type { Matrix } from "../../../src/numerics/types.js";
import { cka } from "../../../src/similarity/controls/cka.js";
import { mutualKnn } from "../../../src/similarity/controls/knn.js";
import { matching } from "../../../src/similarity/controls/matching.js";
import { measure } from "../../../src/similarity/controls/measure.js";
import { predictivity } from "../../../src/similarity/controls/predictivity.js";
import { procrustes } from "../../../src/similarity/controls/procrustes.js";
import { pwcca } from "../../../src/similarity/controls/pwcca.js";
import { conceptScores, regression } from "../../../src/similarity/controls/regression.js";
import { noiseCeiling, rsa } from "../../../src/similarity/controls/rsa.js";
import { svcca } from "../../../src/similarity/controls/svcca.js";

const golden = JSON.parse(readFileSync(new URL("../../golden/controls.json", import.meta.url), "utf8"));
const matrix = (rows: number[][]): Matrix => ({
  data: Float32Array.from(rows.flat()),
  rows: rows.length,
  cols: rows[0]!.length,
});
const x = matrix(golden.x);
const y = matrix(golden.y);
const w = matrix(golden.w);
const z = matrix(golden.z);
const concepts = matrix(golden.concepts);
const engine = createEngine();
const context = { engine, random: seededRandom("golden") };
afterAll(() => engine.dispose());

function near(actual: number | null | undefined, expected: number, within = 1e-6) {
  expect(actual).not.toBeNull();
  expect(Math.abs(actual! - expected)).toBeLessThan(within);
}
const firstRows = (m: Matrix, from: number, to: number): Matrix => ({
  data: m.data.slice(from * m.cols, to * m.cols),
  rows: to - from,
  cols: m.cols,
});

describe("controls equal their Python reference to 1e-6", () => {
  it("debiased linear CKA, also with more features than samples", async () => {
    near((await measure(cka, x, y, context)).value, golden.cka.xy);
    near((await measure(cka, x, w, context)).value, golden.cka.xw);
  });
  it("minibatch CKA in single precision, to 1e-5", async () => {
    const stream = createCkaStream(engine, 2);
    for (let at = 0; at < 56; at += 16) {
      const to = Math.min(56, at + 16);
      expect(await stream.add([firstRows(x, at, to), firstRows(y, at, to)])).toBe(true);
    }
    expect(stream.samples).toBe(56);
    near(ckaFromHsic(stream.hsic).data[1], golden.cka.minibatch16, 1e-5);
  });
  it("Procrustes", async () => {
    near((await measure(procrustes, x, y, context)).value, golden.procrustes.xy);
    near((await measure(procrustes, x, w, context)).value, golden.procrustes.xw);
  });
  it("SVCCA at 99 % and 90 % of the singular values' sum", async () => {
    near((await measure(svcca, x, y, context)).value, golden.svcca.xy);
    near((await measure(svcca, x, y, context, { share: 0.9 })).value, golden.svcca.xy90);
  });
  it("PWCCA, both directions", async () => {
    const score = await measure(pwcca, x, y, context);
    near(score.value, golden.pwcca.xy);
    near(score.reverse, golden.pwcca.yx);
  });
  it("RSA with and without centred features, and its noise ceiling", async () => {
    near((await measure(rsa, x, y, context)).value, golden.rsa.centred);
    near((await measure(rsa, x, y, context, { centre: false })).value, golden.rsa.raw);
    const group = await Promise.all([x, y, z].map((m) => rsa.prepare(m, context)));
    const ceiling = noiseCeiling(group, seededRandom("ceiling"), 100);
    near(ceiling.lower, golden.rsa.ceiling[0]);
    near(ceiling.upper, golden.rsa.ceiling[1]);
    for (const [value, [low, high]] of [
      [ceiling.lower!, ceiling.lowerInterval!],
      [ceiling.upper!, ceiling.upperInterval!],
    ] as const) {
      expect(low).toBeLessThan(value);
      expect(high).toBeGreaterThan(value);
      expect(high - low).toBeLessThan(0.3);
    }
  });
  it("mutual k-NN with and without centred features", async () => {
    const score = await measure(mutualKnn, x, y, context);
    near(score.value, golden.mutual_knn.centred);
    expect(score.chance).toBeCloseTo(10 / 59, 12);
    near((await measure(mutualKnn, x, y, context, { k: 5, centre: false })).value, golden.mutual_knn.raw5);
  });
  it("hard correlation match", async () => near((await measure(matching, x, y, context)).value, golden.matching.xy));
  it("lasso regression over 5 folds of images", async () => {
    const options = { groups: golden.groups };
    const a = await regression.prepare(x, context, { ...options, targets: concepts });
    const b = await regression.prepare(y, context, options);
    const each = await conceptScores(a, b, context);
    if (!("scores" in each)) throw new Error(each.refused);
    golden.lasso.concepts_from_y.forEach((v: number, i: number) => {
      near(each.scores[i], v);
    });
    const mean = (v: number[]) => v.reduce((s, u) => s + u, 0) / v.length;
    const score = await regression.compare(a, b, context);
    near(score.value, mean(golden.lasso.concepts_from_y));
    near(score.reverse, mean(golden.lasso.y_from_x));
  });
  it("linear predictivity by ridge over 5 folds of images, both directions", async () => {
    const score = await measure(predictivity, x, y, context, { groups: golden.groups });
    near(score.value, golden.predictivity.xy);
    near(score.reverse, golden.predictivity.yx);
  });
});
