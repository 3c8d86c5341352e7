import { spawnSync } from "node:child_process";
import { afterAll, describe, expect, test } from "vitest";
import { conceptMethods } from "../../src/concepts/methods.js";
import { preparePlanes } from "../../src/concepts/negative.js";
import { createEngine } from "../../src/node/engine.js";
import { gramOfRows } from "../../src/numerics/gram.js";
import { nmfInto } from "../../src/numerics/nmf.js";
import { nndsvda } from "../../src/numerics/nndsvd.js";
import { Nnls } from "../../src/numerics/nnls.js";
import { seededRandom } from "../../src/numerics/random.js";
import type { Matrix } from "../../src/numerics/types.js";

const engine = createEngine();
afterAll(() => engine.dispose());

const python = "/usr/bin/python3";
const hasSklearn = spawnSync(python, ["-c", "import sklearn, scipy"]).status === 0;

function planted(rows: number, cols: number, k: number, noise: number, seed: string): Matrix {
  const random = seededRandom(seed);
  const sparse = (n: number) => Float64Array.from({ length: n }, () => Math.max(0, random() - 0.5));
  const [s, p] = [sparse(rows * k), sparse(k * cols)];
  const data = Float32Array.from({ length: rows * cols }, (_, i) => {
    let sum = noise * random();
    for (let c = 0; c < k; c++) sum += s[Math.floor(i / cols) * k + c]! * p[c * cols + (i % cols)]!;
    return sum;
  });
  return { data, rows, cols };
}

const lists = (m: Matrix) =>
  Array.from({ length: m.rows }, (_, r) => Array.from(m.data.subarray(r * m.cols, (r + 1) * m.cols)));

describe.skipIf(!hasSklearn)("against scikit-learn and scipy (skipped where /usr/bin/python3 lacks them)", () => {
  test.each(["1", "2"])(
    "NNDSVDa starts where scikit-learn's does, NMF reaches its objective from there within 0.1 %, NNLS its scores to 1e-5, seed %s",
    async (seed) => {
      const v = planted(400, 40, 6, 0.3, seed);
      const start = await nndsvda(engine, v, 5, seededRandom(seed));
      const concepts = planted(5, 40, 5, 0.2, `concepts ${seed}`);
      const pixels = planted(60, 40, 6, 0.4, `pixels ${seed}`);
      const input = JSON.stringify({
        v: lists(v),
        s: lists(start.s),
        p: lists(start.p),
        concepts: lists(concepts),
        pixels: lists(pixels),
      });
      const script = new URL("../golden/make_nmf.py", import.meta.url).pathname;
      const reference = JSON.parse(spawnSync(python, [script], { input, encoding: "utf8" }).stdout) as {
        objective: number;
        scores: number[][];
        start: { s: number[][]; p: number[][] };
      };
      const apart = (a: Matrix, b: number[][]) => Math.max(...b.flat().map((x, i) => Math.abs(x - a.data[i]!)));
      // the eigenvectors of the start are rough on purpose; values go up to 1.4
      expect(apart(start.s, reference.start.s)).toBeLessThan(0.01);
      expect(apart(start.p, reference.start.p)).toBeLessThan(0.01);
      const ours = await nmfInto(engine, v, start, { tolerance: 1e-7, maxIterations: 2000 });
      expect(ours.objective).toBeLessThan(reference.objective * 1.001);

      const planes = new Float32Array(5 * 60);
      for (let c = 0; c < 5; c++)
        for (let x = 0; x < 60; x++)
          for (let j = 0; j < 40; j++) planes[c * 60 + x]! += concepts.data[c * 40 + j]! * pixels.data[x * 40 + j]!;
      new Nnls(gramOfRows(concepts)).solvePlanesInto(planes, 0, 60);
      const errors = reference.scores.flatMap((scores, x) =>
        scores.map((value, c) => Math.abs(planes[c * 60 + x]! - value) / Math.max(1, value)),
      );
      expect(Math.max(...errors)).toBeLessThan(1e-5);
    },
  );
});

describe.each(Object.values(conceptMethods))("contract of $name", (method) => {
  const v = planted(600, 24, 4, 0.05, "contract");
  const options = () => ({ k: 4, random: seededRandom("fit"), engine, tolerance: 1e-5, maxIterations: 500 });

  test("unit vectors, energies falling with sum 1, the same for the same seed", async () => {
    const fit = await method.fit(v, options());
    const again = await method.fit(v, options());
    expect(again.vectors.data).toEqual(fit.vectors.data);
    const gram = gramOfRows(fit.vectors);
    for (let c = 0; c < 4; c++) expect(gram.data[c * 5]).toBeCloseTo(1, 5);
    expect(fit.energy.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 9);
    expect([...fit.energy].sort((a, b) => b - a)).toEqual([...fit.energy]);
    if (!method.signed) expect(Math.min(...fit.vectors.data)).toBeGreaterThanOrEqual(0);
  });

  test("encoding does not depend on the batch", async () => {
    const { vectors } = await method.fit(v, options());
    const random = seededRandom("planes");
    const a = { data: Float32Array.from({ length: 3 * 24 * 20 }, random), n: 3, c: 24, h: 4, w: 5 };
    const together = await method.encode(a, vectors, engine);
    for (let i = 0; i < 3; i++) {
      const alone = await method.encode({ ...a, n: 1, data: a.data.slice(i * 480, (i + 1) * 480) }, vectors, engine);
      expect(alone.data).toEqual(together.data.slice(i * 80, (i + 1) * 80));
    }
  });

  test("clipping inside the product is clipping before it, bit by bit, one image or several", async () => {
    const sets = [(await method.fit(v, options())).vectors, (await method.fit(v, { ...options(), k: 3 })).vectors];
    const random = seededRandom("signed planes");
    for (const n of [1, 3]) {
      const a = { data: Float32Array.from({ length: n * 480 }, () => random() - 0.4), n, c: 24, h: 4, w: 5 };
      const fused = await method.encodeAll(a, sets, engine, { clip: true });
      const before = await method.encodeAll(preparePlanes(a, "clip"), sets, engine);
      expect(fused.map((s) => Array.from(s.data))).toEqual(before.map((s) => Array.from(s.data)));
    }
  });

  test("refuses more concepts than channels, dead layers and infinities", async () => {
    await expect(method.fit(v, { ...options(), k: 25 })).rejects.toMatchObject({
      code: "invalid",
      message: expect.stringContaining("25"),
    });
    await expect(method.fit({ ...v, data: new Float32Array(v.data.length) }, options())).rejects.toMatchObject({
      code: "invalid",
    });
    await expect(
      method.fit({ ...v, data: v.data.map((x, i) => (i === 7 ? Number.POSITIVE_INFINITY : x)) }, options()),
    ).rejects.toMatchObject({ code: "invalid" });
  });
});
