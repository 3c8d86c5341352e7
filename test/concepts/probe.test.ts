import { readFileSync } from "node:fs";
import { afterAll, describe, expect, it } from "vitest";
import { fitProbes, problemsOf, standardised } from "../../src/concepts/probe.js";
import type { ProbeShard } from "../../src/concepts/proberows.js";
import { prepareRows } from "../../src/concepts/proberows.js";
import { createEngine } from "../../src/node/engine.js";
import { logisticPass } from "../../src/numerics/logistic.js";
import { normal, seededRandom } from "../../src/numerics/random.js";

/** Made by make_probe.py, which holds the reference calls. */
const golden = JSON.parse(readFileSync(new URL("../golden/probe.json", import.meta.url), "utf8")) as {
  rows: number;
  channels: number;
  concepts: number;
  lambda: number;
  x: number[];
  targets: number[];
  weights: number[];
  images: number[];
  fits: { alpha: number; loss: number; vector: number[]; bias: number }[];
  dice: { concept: number; point: number[]; bce: number; value: number; gradient: number[] };
};
const { rows: r, channels: c, concepts: k } = golden;
const whole: ProbeShard = {
  rows: { data: Float32Array.from(golden.x), rows: r, cols: c },
  targets: Float32Array.from(golden.targets),
  weights: Float32Array.from(golden.weights),
  images: Int32Array.from(golden.images),
};

/** The same rows, cut. */
function cut(shard: ProbeShard, at: readonly number[]): ProbeShard[] {
  return [0, ...at].map((from, i) => {
    const to = at[i] ?? shard.rows.rows;
    return {
      rows: { data: shard.rows.data.subarray(from * c, to * c), rows: to - from, cols: c },
      targets: shard.targets.subarray(from * k, to * k),
      images: shard.images.subarray(from, to),
      ...(shard.weights ? { weights: shard.weights.subarray(from, to) } : {}),
    };
  });
}

const engine = createEngine();
afterAll(() => engine.dispose());

describe("fitProbes", () => {
  it("reaches scikit-learn's optimum: loss to 1e-6, vectors and biases on raw activations to 1e-2 of their size", async () => {
    const fit = await fitProbes([whole], { tolerance: 1e-9 }, engine);
    golden.fits.forEach((want, j) => {
      expect(fit.converged[j]).toBe(true);
      expect(fit.alpha[j]).toBeCloseTo(want.alpha, 6);
      expect(Math.abs(fit.loss[j]! - want.loss)).toBeLessThan(1e-6 * want.loss);
      const got = fit.vectors.data.subarray(j * c, (j + 1) * c);
      want.vector.forEach((v, i) => {
        expect(Math.abs(got[i]! - v)).toBeLessThan(
          1e-2 * Math.abs(v) + 1e-3 * Math.hypot(...want.vector) * 1e-3 + 1e-6,
        );
      });
      expect(Math.abs(fit.bias[j]! - want.bias)).toBeLessThan(1e-2 * Math.abs(want.bias));
    });
  });

  it("gives the dead channel no weight", async () => {
    const fit = await fitProbes([whole], {}, engine);
    for (let j = 0; j < k; j++) expect(fit.vectors.data[j * c + 7]).toBe(0);
  });

  it("finds the same with rows cut into shards, read again at every pass", async () => {
    const held = await fitProbes([whole], { tolerance: 1e-9 }, engine);
    let reads = 0;
    const stream = {
      async *[Symbol.asyncIterator]() {
        reads++;
        yield* cut(whole, [20, 40, 300]);
      },
    };
    const streamed = await fitProbes(stream, { tolerance: 1e-9, holdBytes: 1000 }, engine);
    expect(reads).toBeGreaterThan(5);
    for (let j = 0; j < k; j++) expect(Math.abs(streamed.loss[j]! - held.loss[j]!)).toBeLessThan(1e-7);
  });

  it("gives the same bits twice", async () => {
    expect(await fitProbes([whole], {}, engine)).toEqual(await fitProbes([whole], {}, engine));
  });

  it("does not depend on units: channels times a factor divide the vector and keep loss and bias", async () => {
    const factors = Float32Array.from({ length: c }, (_, i) => 4 ** (i - 4));
    const scaled = { ...whole, rows: { ...whole.rows, data: whole.rows.data.map((v, i) => v * factors[i % c]!) } };
    const a = await fitProbes([whole], {}, engine);
    const b = await fitProbes([scaled], {}, engine);
    for (let j = 0; j < k; j++) {
      expect(b.loss[j]).toBeCloseTo(a.loss[j]!, 6);
      expect(b.bias[j]).toBeCloseTo(a.bias[j]!, 3);
      for (let i = 0; i < c; i++)
        expect(b.vectors.data[j * c + i]! * factors[i]!).toBeCloseTo(a.vectors.data[j * c + i]!, 3);
    }
  });

  it("a start from the full fit changes the steps, not the optimum", async () => {
    const fit = await fitProbes([whole], {}, engine);
    const again = await fitProbes([whole], { start: fit }, engine);
    for (let j = 0; j < k; j++) {
      expect(again.iterations[j]).toBeLessThanOrEqual(1);
      expect(again.loss[j]).toBeCloseTo(fit.loss[j]!, 6);
    }
  });

  it("plain L-BFGS of a wide layer reaches the preconditioned optimum", async () => {
    const random = seededRandom("wide");
    const wide = 400;
    const shard = planted(random, 600, wide, 3);
    const fit = await fitProbes([shard], { whiten: false }, engine);
    expect(fit.converged).toEqual([true]);
    const narrow = await fitProbes([shard], { tolerance: 1e-10 }, engine);
    expect(fit.loss[0]! / narrow.loss[0]! - 1).toBeLessThan(1e-4);
  });

  it("recovers a planted channel: vector along it, cosine over .95", async () => {
    const fit = await fitProbes([planted(seededRandom("planted"), 4000, 24, 5)], {}, engine);
    const v = fit.vectors.data;
    expect(v[5]! / Math.hypot(...v)).toBeGreaterThan(0.95);
  });

  it("refuses with the count and the need", async () => {
    const none = { ...whole, targets: whole.targets.map((m, i) => (i % k === 1 ? 0 : m)) };
    await expect(fitProbes([none], { names: ["sky", "wheel", "eye"] }, engine)).rejects.toMatchObject({
      code: "exhausted",
      message: "concept 'wheel': in 0 images to learn from, at least 1 are needed",
    });
    await expect(fitProbes([whole], { fewestImages: 99 }, engine)).rejects.toThrow(/at least 99 are needed/);
    const all = { ...whole, targets: new Float32Array(r * k).fill(1) };
    await expect(fitProbes([all], {}, engine)).rejects.toThrow(/covers every cell/);
    await expect(fitProbes([], {}, engine)).rejects.toMatchObject({ code: "exhausted" });
    const broken = {
      ...whole,
      rows: { ...whole.rows, data: whole.rows.data.map((v, i) => (i === 70 ? Number.NaN : v)) },
    };
    await expect(fitProbes([broken], {}, engine)).rejects.toThrow(/not finite/);
    await expect(fitProbes([{ ...whole, targets: whole.targets.map((m) => 2 * m) }], {}, engine)).rejects.toThrow(
      /not in \[0, 1\]/,
    );
  });
});

describe("Dice", () => {
  const draws = { data: new Float32Array(24).fill(1), rows: 24, cols: 1 };

  it("value and gradient are PyTorch's", async () => {
    const prepared = await prepareRows([whole], 1e9);
    const { concept, point, bce, value, gradient } = golden.dice;
    const at = [Float64Array.from(point)];
    const problem = [problemsOf(prepared, draws)[concept]!];
    const settings = { lambda: golden.lambda, dice: false, draws };
    const [plain] = await logisticPass(engine, prepared.blocks, problem, at, settings);
    expect(Math.abs(plain!.value - bce)).toBeLessThan(1e-6 * bce);
    const [both] = await logisticPass(engine, prepared.blocks, problem, at, { ...settings, dice: true });
    expect(Math.abs(both!.value - value)).toBeLessThan(1e-6 * value);
    gradient.forEach((g, i) => {
      expect(Math.abs(both!.gradient[i]! - g)).toBeLessThan(1e-6 + 1e-4 * Math.abs(g));
    });
  });

  it("ends no higher than the optimum of bce alone", async () => {
    const dice = await fitProbes([whole], { loss: "dice" }, engine);
    const bce = await fitProbes([whole], {}, engine);
    const prepared = await prepareRows([whole], 1e9);
    const points = Array.from({ length: k }, (_, j) => standardised(bce, j, prepared.mean, prepared.scale));
    const problems = problemsOf(prepared, draws);
    const before = await logisticPass(engine, prepared.blocks, problems, points, { lambda: 1e-3, dice: true, draws });
    for (let j = 0; j < k; j++) expect(dice.loss[j]).toBeLessThan(before[j]!.value);
  });
});

/** Channel `which` carries the concept, the others are noise of their own scale. */
function planted(random: () => number, rows: number, channels: number, which: number): ProbeShard {
  const data = new Float32Array(rows * channels);
  const targets = new Float32Array(rows);
  for (let i = 0; i < rows; i++) {
    targets[i] = random() < 0.15 ? 1 : 0;
    for (let j = 0; j < channels; j++) data[i * channels + j] = Math.max(0, normal(random));
    data[i * channels + which] = targets[i]! * 3 + 0.3 * Math.abs(normal(random));
  }
  return {
    rows: { data, rows, cols: channels },
    targets,
    images: Int32Array.from({ length: rows }, (_, i) => Math.floor((i * 20) / rows)),
  };
}
