/** k: auto on rows whose number of parts is planted. METHOD.md 1.1.3: the smallest k whose successor explains less than 1 % more; then as few as come back in a refit. */
import { afterAll, describe, expect, test } from "vitest";
import type { ConceptMethod } from "../../src/concepts/method.js";
import { mine } from "../../src/concepts/mine.js";
import { nmf } from "../../src/concepts/nmf.js";
import { createEngine } from "../../src/node/engine.js";
import { normal, seededRandom } from "../../src/numerics/random.js";

const engine = createEngine();
afterAll(() => engine.dispose());
const CHANNELS = 40;
const IMAGES = 40;
const ROWS = 30;

/** Every row is made of a few of `parts` patterns of channels, none of which another can stand for, and noise of relative size `noise`. */
function sample(parts: number, noise: number) {
  const random = seededRandom("auto", parts, noise);
  const patterns = Array.from({ length: parts }, (_, k) =>
    Float64Array.from({ length: CHANNELS }, (__, c) => (c % parts === k ? 1 + random() : 0)),
  );
  const data = new Float32Array(IMAGES * ROWS * CHANNELS);
  for (let r = 0; r < IMAGES * ROWS; r++) {
    const weights = patterns.map(() => (random() < 3 / parts ? 0.5 + random() : 0));
    for (let c = 0; c < CHANNELS; c++)
      data[r * CHANNELS + c] = Math.max(
        0,
        patterns.reduce((s, p, k) => s + weights[k]! * p[c]!, 0) + noise * normal(random),
      );
  }
  return {
    rows: { data, rows: IMAGES * ROWS, cols: CHANNELS },
    perImage: new Int32Array(IMAGES).fill(ROWS),
  };
}

const OPTIONS = {
  method: nmf,
  k: "auto" as const,
  negative: "clip" as const,
  tolerance: 1e-5,
  maxIterations: 400,
  refits: 2,
  seed: "auto",
};

const chosen = async (parts: number, noise: number) => {
  const { fit, stability } = await mine(sample(parts, noise), OPTIONS, engine);
  return { k: fit.vectors.rows, explained: fit.explainedVariance, stability };
};

describe("k: auto", () => {
  test.each([6, 8, 10])("finds %i planted parts, stable ones", async (parts) => {
    const { k, explained, stability } = await chosen(parts, 0.02);
    expect(k).toBe(parts);
    expect(explained).toBeGreaterThan(0.98);
    expect(Math.min(...stability)).toBeGreaterThan(0.9);
  });
  test("takes the next candidate above a number that is none", async () => {
    expect((await chosen(7, 0.02)).k).toBe(8);
  });
});

/** A method that explains what a table says, with vectors that come back up to `stable` concepts and are drawn anew beyond. */
function scripted(explained: (k: number) => number, stable: number): ConceptMethod {
  return {
    ...nmf,
    async fit(_rows, { k, random }) {
      const data = new Float32Array(k * CHANNELS);
      for (let r = 0; r < k; r++) {
        if (k <= stable) data[r * CHANNELS + r] = 1;
        else {
          const row = Float64Array.from({ length: CHANNELS }, () => normal(random));
          const length = Math.hypot(...row);
          data.set(
            row.map((v) => v / length),
            r * CHANNELS,
          );
        }
      }
      const vectors = { data, rows: k, cols: CHANNELS };
      return {
        vectors,
        energy: new Float64Array(k).fill(1 / k),
        explainedVariance: explained(k),
        objective: 0,
        iterations: 1,
        converged: true,
      };
    },
  };
}

describe("the rule by itself", () => {
  const k = async (explained: (k: number) => number, stable: number) => {
    const options = { ...OPTIONS, method: scripted(explained, stable) };
    return (await mine(sample(4, 0.02), options, engine)).fit.vectors.rows;
  };
  const rising = (k: number) => 0.02 * k;
  test("explained variance stops rising by 1 %: the last k that did", async () => {
    expect(await k((k) => (k <= 15 ? 0.02 * k : 0.3 + 0.001 * (k - 15)), 99)).toBe(15);
    expect(await k(() => 0.5, 99)).toBe(4);
    expect(await k(rising, 99)).toBe(25);
  });
  test("concepts that do not come back: down to the largest k whose do, and to the smallest where none do", async () => {
    expect(await k(rising, 10)).toBe(10);
    expect(await k(rising, 7)).toBe(6);
    expect(await k(rising, 0)).toBe(4);
  });
});
