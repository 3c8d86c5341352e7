import { expect, test } from "vitest";
import { beyondChance } from "../../src/study/supervised/bridge.js";

test("independent masks have nothing beyond chance, equal ones all of it", () => {
  // a tenth and a seventh of 7000 cells, independent: 100 in both, 1600 in either
  const { chance, corrected } = beyondChance(100, 700, 1000, 7000);
  expect(chance).toBeCloseTo(100 / 1600, 12);
  expect(corrected).toBeCloseTo(0, 12);
  expect(beyondChance(700, 700, 700, 7000).corrected).toBeCloseTo(1, 12);
  expect(beyondChance(0, 700, 1000, 7000).corrected).toBeLessThan(0);
  expect(beyondChance(0, 0, 1000, 7000).corrected).toBeCloseTo(0, 12);
});
