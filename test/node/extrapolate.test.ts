import { expect, test } from "vitest";
import { extrapolate } from "../../src/node/extrapolate.js";

test("a fixed part and a part in proportion are told apart", () => {
  const cost = (size: number) => 3 + 0.25 * size;
  const run = (size: number) => ({ size, cost: cost(size) });
  expect(extrapolate(run(4), run(12), 4000)).toBeCloseTo(cost(4000), 9);
  expect(extrapolate(run(4), run(12), 12)).toBeCloseTo(cost(12), 9);
});

test("what does not grow, or where both runs are of one size, stays as it was found", () => {
  expect(extrapolate({ size: 4, cost: 2 }, { size: 12, cost: 2 }, 1000)).toBe(2);
  expect(extrapolate({ size: 4, cost: 2.1 }, { size: 12, cost: 2 }, 1000)).toBe(2);
  expect(extrapolate({ size: 4, cost: 1 }, { size: 4, cost: 2 }, 1000)).toBe(2);
});
