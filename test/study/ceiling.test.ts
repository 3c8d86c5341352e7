import { afterAll, expect, test } from "vitest";
import { createEngine } from "../../src/node/engine.js";
import { normal, seededRandom } from "../../src/numerics/random.js";
import type { Matrix } from "../../src/numerics/types.js";
import { meanNoiseCeiling, rsa } from "../../src/similarity/controls/rsa.js";
import { ceilingSummaries, rsaCeilingOf, sameDepth } from "../../src/study/ceiling.js";
import type { Context } from "../../src/study/context.js";

const engine = createEngine();
afterAll(() => engine.dispose());
const layer = (network: number, depth: number) => ({ network, tap: { depth } });
const layers = [layer(0, 0.2), layer(0, 0.6), layer(0, 1), layer(1, 0.3), layer(1, 0.9), layer(2, 0.3), layer(2, 1)];

test("layers of the smallest network are grouped with the nearest in depth of the others; twins stay out", () => {
  expect(sameDepth(layers, (n) => n !== 2)).toEqual([
    [3, 0],
    [4, 2],
  ]);
  expect(sameDepth(layers, () => true)).toEqual([
    [3, 5, 0],
    [4, 6, 2],
  ]);
});

test("rows of the ceiling: with two networks the lower bound is the mean of their RSA", async () => {
  const noise = (seed: string): Matrix => {
    const random = seededRandom(seed);
    return { data: Float32Array.from({ length: 40 * 9 }, () => normal(random)), rows: 40, cols: 9 };
  };
  const by = { engine, random: seededRandom("by") };
  const near = noise("a");
  const other = noise("b");
  const mixed = { ...near, data: near.data.map((v, i) => v + other.data[i]!) };
  const context = (twins: readonly number[]) =>
    ({
      study: {
        test: Array.from({ length: 40 }, (_, i) => ({ group: `${i}` })),
        networks: [0, 1, 2].map((n) => (twins.includes(n) ? { twin: {} } : {})),
        config: { seed: 1 },
      },
      plan: { layers },
    }) as unknown as Context;
  const prepared = await Promise.all([near, other, other, mixed, other, near, other].map((x) => rsa.prepare(x, by)));
  const [lower, upper] = ceilingSummaries(rsaCeilingOf(context([2]), prepared));
  const score = (await rsa.compare(prepared[3]!, prepared[0]!, by)).value!;
  expect(score).toBeLessThan(0.9);
  expect(lower!.estimate.value).toBeCloseTo((score + 1) / 2, 12); // the second group is twice the same layer
  expect(upper!.estimate.value).toBeGreaterThan(lower!.estimate.value);
  for (const { estimate, n, quantity } of [lower!, upper!]) {
    expect(quantity).toMatch(/^rsa_ceiling_/);
    expect(n).toBe(2);
    expect(estimate.low).toBeLessThan(estimate.high);
    expect(estimate.high).toBeLessThanOrEqual(1 + 1e-12);
  }
  expect(ceilingSummaries(rsaCeilingOf(context([1, 2]), prepared))).toEqual([]);
});

test("intervals from fewer images than there are, scaled, are as wide as those from all; crops of a photograph are drawn together", async () => {
  const n = 64;
  const random = seededRandom("many");
  const signal = Float32Array.from({ length: n * 6 }, () => normal(random));
  const by = { engine, random: seededRandom("by") };
  const group = await Promise.all(
    [0, 1, 2].map(() => rsa.prepare({ data: signal.map((v) => v + 0.8 * normal(random)), rows: n, cols: 6 }, by)),
  );
  const width = (limits: Parameters<typeof meanNoiseCeiling>[3]) => {
    const { lower, lowerInterval, upperInterval } = meanNoiseCeiling([group], seededRandom("draws"), 60, limits);
    expect(lowerInterval![0]).toBeLessThan(lower!);
    expect(lowerInterval![1]).toBeGreaterThan(lower!);
    expect(upperInterval![0]).toBeLessThan(upperInterval![1]);
    return lowerInterval![1] - lowerInterval![0];
  };
  const whole = width({});
  const some = width({ mostImages: 28 });
  expect(some / whole).toBeGreaterThan(0.65);
  expect(some / whole).toBeLessThan(1.5);
  // the same image in twos: half as many units, so wider
  const twice = await Promise.all(
    [0, 1, 2].map((g) => {
      const noise = seededRandom("pairs", g);
      const half = signal.slice(0, (n / 2) * 6).map((v) => v + 0.8 * normal(noise));
      const data = new Float32Array(n * 6);
      for (let i = 0; i < n; i++) data.set(half.subarray((i >> 1) * 6, (i >> 1) * 6 + 6), i * 6);
      return rsa.prepare({ data: data.map((v, at) => v + 1e-3 * (at % 7)), rows: n, cols: 6 }, by);
    }),
  );
  const apart = meanNoiseCeiling([twice], seededRandom("draws"), 60);
  const together = meanNoiseCeiling([twice], seededRandom("draws"), 60, {
    groupOf: Int32Array.from({ length: n }, (_, i) => i >> 1),
  });
  const span = ([low, high]: readonly [number, number]) => high - low;
  expect(span(together.lowerInterval!)).toBeGreaterThan(1.2 * span(apart.lowerInterval!));
});
