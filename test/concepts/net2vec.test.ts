import { readFileSync } from "node:fs";
import { afterAll, describe, expect, it } from "vitest";
import type { Net2vecImages } from "../../src/concepts/net2vec.js";
import { NET2VEC, net2vecStart, net2vecStepInto, trainNet2vec } from "../../src/concepts/net2vec.js";
import { createEngine } from "../../src/node/engine.js";
import { seededRandom } from "../../src/numerics/random.js";

/** Made by make_net2vec.py, which holds the reference calls. */
const golden = JSON.parse(readFileSync(new URL("../golden/net2vec.json", import.meta.url), "utf8")) as Record<
  "n" | "c" | "h" | "w" | "size" | "alpha",
  number
> & { a: number[]; m: number[]; start: number[]; steps: { rate: number; losses: number[]; weights: number[][] }[] };
const engine = createEngine();
afterAll(() => engine.dispose());

const images: Net2vecImages = {
  ...golden,
  load(i, x, mask, known) {
    x.set(golden.a.slice(i * x.length, (i + 1) * x.length));
    mask.set(golden.m.slice(i * mask.length, (i + 1) * mask.length));
    known.fill(1);
  },
};

describe("Net2Vec", () => {
  for (const { rate, losses, weights } of golden.steps) {
    it(`follows PyTorch's SGD step by step to 1e-4 at a rate of ${rate}`, async () => {
      const state = { weights: Float32Array.from(golden.start), velocity: new Float32Array(golden.c) };
      let step = 0;
      for (let epoch = 0; epoch < 4; epoch++) {
        for (let from = 0; from < golden.n; from += NET2VEC.batch, step++) {
          const chosen = Array.from({ length: Math.min(NET2VEC.batch, golden.n - from) }, (_, i) => from + i);
          const loss = await net2vecStepInto(state, images, chosen, engine, { rate, momentum: NET2VEC.momentum });
          expect(Math.abs(loss / losses[step]! - 1)).toBeLessThan(1e-4);
          state.weights.forEach((v, i) => {
            expect(Math.abs(v - weights[step]![i]!)).toBeLessThan(1e-4);
          });
        }
      }
      expect(step).toBe(losses.length);
    });
  }

  it("starts within 1 / sqrt c, from the seed", () => {
    const { weights } = net2vecStart(400, seededRandom("start"));
    expect(Math.max(...weights.map(Math.abs))).toBeLessThanOrEqual(1 / 20);
    expect(Math.max(...weights.map(Math.abs))).toBeGreaterThan(0.9 / 20);
    expect(net2vecStart(400, seededRandom("start")).weights).toEqual(weights);
  });

  it("runs its epochs to the same bits twice, and lowers the loss", async () => {
    const once = await trainNet2vec(images, seededRandom("train"), engine);
    expect(await trainNet2vec(images, seededRandom("train"), engine)).toEqual(once);
    expect(once.loss).toBeLessThan(golden.steps[0]!.losses[0]!);
  });
});
