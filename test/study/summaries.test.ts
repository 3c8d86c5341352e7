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

describe("refits in the share of concepts with a partner", () => {
  /** Two layers a network, four concepts each; what their best partners are on halves of the images, with the concepts and with those mined again. */
  const halves = (refit: number) => {
    const best = (found: number) => {
      const values = Float64Array.from({ length: 4 }, (_, i) => (i < found ? 0.9 : 0.1));
      return { a: values, b: values };
    };
    return { ownBest: [best(3), best(3)] as const, refitBest: [best(refit), best(refit)] as const };
  };
  const study = (refit: number | undefined): SummaryInput => {
    const layers = [0, 0, 1, 1].map((network, i) => ({ network, depth: i % 2, headDepth: i % 2, cells: 64 }));
    const random = seededRandom("shares");
    const nulls = new Float64Array(20 * 4).map(() => 0.3 * random());
    const list = Float64Array.of(0.9, 0.9, 0.9, 0.1);
    // concepts 2 and 3 are above chance in 2 and in 1 of 3 resamples, and .9 and .1 on average, as they are
    const lists = [
      [0.9, 0.9, 0.25, -0.05],
      [0.9, 0.9, 1.25, -0.05],
      [0.9, 0.9, 1.25, 0.41],
    ];
    const resampled = Float32Array.from(Array.from({ length: 40 }, (_, r) => lists[r % 3]!).flat());
    const best = [];
    const cells = [];
    for (let a = 0; a < 4; a++)
      for (let b = a; b < 4; b++) {
        cells.push({ a, b, similarity: 0.5, halves: undefined, resampled: undefined });
        const known = refit === undefined ? undefined : halves(refit);
        best.push({
          a,
          b,
          bestA: list,
          bestB: list,
          nullA: nulls,
          nullB: nulls,
          resampledA: resampled,
          resampledB: resampled,
          halves: known,
        });
      }
    return { layers, cells, best, twinOf: [-1, -1], seed: 0 };
  };
  const width = (refit: number | undefined) => {
    const { value: share, low } = value(study(refit), "share_with_partner");
    expect(share).toBe(0.75);
    return share - low;
  };
  test("none, or none that change it, leave the interval to the test images", () => {
    // shares of 2, 3 and 4 of 4 in turn: sd of 14 x 0.5, 13 x 0.75, 13 x 1
    const values = Array.from({ length: 40 }, (_, r) => (2 + (r % 3)) / 4);
    const mean = values.reduce((s, v) => s + v, 0) / 40;
    const sd = Math.sqrt(values.reduce((s, v) => s + (v - mean) ** 2, 0) / 39);
    expect(width(undefined)).toBeCloseTo(1.959964 * sd, 5);
    expect(width(3)).toBeCloseTo(width(undefined), 12);
  });
  test("one that changes it by a quarter on both halves widens it: variance + (1/4)^2, few degrees of freedom", () => {
    expect(width(2)).toBeGreaterThan(1.96 * Math.sqrt((width(undefined) / 1.96) ** 2 + 0.25 ** 2));
    expect(width(4)).toBe(width(2));
  });
});
