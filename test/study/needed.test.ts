/** What a run still reads, and whether activations are kept, by counting on a study of known size. */
import { expect, test } from "vitest";
import { keepsActivations } from "../../src/study/budget.js";
import type { Context } from "../../src/study/context.js";
import { neededFrom } from "../../src/study/needed.js";
import type { StepName } from "../../src/study/steps.js";
import { steps } from "../../src/study/steps.js";

const tap = (channels: number, height: number, width: number) => ({ channels, height, width });
const study = {
  networks: [{ taps: [tap(8, 5, 7), tap(16, 3, 4)] }, { taps: [tap(32, 2, 2)] }],
  test: ["x", "y", "z"],
} as unknown as Context["study"];
const keys = Object.fromEntries(
  ["rows", "concepts", "activations", "signals", "maps", "masks", "pairs"].map((kind) => [
    kind,
    (...at: unknown[]) => `${kind} ${at.join(" ")}`,
  ]),
);
const plan = {
  keys,
  fitShards: [[], []],
  testShards: [[], [], []],
  layers: [{}, {}, {}],
} as unknown as Context["plan"];

const kinds = (step: StepName) => {
  const counts: Record<string, number> = {};
  for (const key of neededFrom(step, { plan, study })) {
    const kind = key.split(" ")[0]!;
    counts[kind] = (counts[kind] ?? 0) + 1;
  }
  return counts;
};

test("rows are spent with the concepts, activations with the maps; the rest is read to the end", () => {
  const end = { concepts: 3, maps: 6, signals: 6, masks: 3, pairs: 3 };
  const all: Record<StepName, Record<string, number>> = {
    rows: { ...end, activations: 6, rows: 4 },
    concepts: { ...end, activations: 6, rows: 4 },
    maps: { ...end, activations: 6 },
    replacement: end,
    masks: end,
    asides: end,
    pairs: end,
  };
  for (const step of Object.keys(steps) as StepName[]) expect(kinds(step), step).toEqual(all[step]);
});

test("activations are kept where all of them fit, to the byte", () => {
  const bytes = 3 * 4 * (8 * 5 * 7 + 16 * 3 * 4 + 32 * 2 * 2);
  expect(keepsActivations({ study, activationBytes: bytes })).toBe(true);
  expect(keepsActivations({ study, activationBytes: bytes - 1 })).toBe(false);
});
