import { describe, expect, test } from "vitest";
import { normal, seededRandom } from "../../src/numerics/random.js";
import type { SummaryInput } from "../../src/study/summaries.js";
import { summariesOf } from "../../src/study/summaries.js";
import { pairingOf } from "../../src/study/trust.js";

const LAYERS = 5;
const resamples = 40;

/** Two networks of five layers; layer i of one is alike to layer i of the other and to no other. Depths agree to the end of the network, not to its heads. */
function planted(spread: number): SummaryInput {
  const random = seededRandom("summaries");
  const layers = [0, 1].flatMap((network) =>
    Array.from({ length: LAYERS }, (_, i) => ({
      network,
      depth: i / (LAYERS - 1),
      headDepth: network === 0 ? i / (LAYERS - 1) : 1 - i / (LAYERS - 1),
      cells: 64,
    })),
  );
  const cells = [];
  const best = [];
  for (let a = 0; a < layers.length; a++)
    for (let b = a; b < layers.length; b++) {
      const similarity = a % LAYERS === b % LAYERS ? 0.9 : 0.1 - Math.abs((a % LAYERS) - (b % LAYERS)) / 50;
      const resampled = Float64Array.from({ length: resamples }, () => similarity + spread * normal(random));
      cells.push({ a, b, similarity, halves: undefined, resampled });
      const alone = Float64Array.of(similarity, similarity);
      const nulls = new Float64Array(20 * 2).map(() => 0.3 * random());
      best.push({
        a,
        b,
        bestA: alone,
        bestB: alone,
        nullA: nulls,
        nullB: nulls,
        resampledA: undefined,
        resampledB: undefined,
      });
    }
  return { layers, cells, best, twinOf: [-1, -1], seed: 0 };
}

const value = (input: SummaryInput, quantity: string) =>
  summariesOf(input).find((s) => s.quantity === quantity && s.networks !== null)!.estimate;

describe("summaries of planted networks", () => {
  const input = planted(0.01);

  test("depth to the end and depth to the nearest head are told apart", () => {
    expect(value(input, "mean_distance").value).toBe(0);
    expect(value(input, "spearman").value).toBeCloseTo(1, 12);
    // |i - (4 - i)| / 4 of five layers: mean 0.6
    expect(value(input, "mean_distance_to_head").value).toBeCloseTo(0.6, 12);
    expect(value(input, "spearman_to_head").value).toBeCloseTo(-1, 12);
  });

  test("intervals end where the quantity does", () => {
    for (const { quantity, estimate } of summariesOf(planted(1))) {
      const { low, high } = estimate;
      if (Number.isNaN(low)) continue;
      expect(high, quantity).toBeLessThanOrEqual(1);
      expect(low, quantity).toBeGreaterThanOrEqual(
        quantity === "mean_similarity" ? Number.NEGATIVE_INFINITY : /share|distance/.test(quantity) ? 0 : -1,
      );
    }
    // and are not cut where they need not be
    const { low, high } = value(input, "mean_similarity");
    expect(high - low).toBeLessThan(0.05);
    expect(high - low).toBeGreaterThan(0);
  });
});

test("pairs of trained and shuffled networks are named by how many are shuffled", () => {
  const [trained, shuffled] = [{}, { twin: { of: 0, seed: 1, health: {} } }] as unknown as Parameters<typeof pairingOf>;
  expect(pairingOf(trained, trained)).toBe("TT");
  expect([pairingOf(trained, shuffled), pairingOf(shuffled, trained)]).toEqual(["TR", "TR"]);
  expect(pairingOf(shuffled, shuffled)).toBe("RR");
});
