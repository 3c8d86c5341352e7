import { expect, test } from "vitest";
import { parseConfig } from "../../src/cli/args.js";
import { probesSchema } from "../../src/contract/probes.js";
import type { LabelSet } from "../../src/dataset/labels/types.js";
import { rowsOf } from "../../src/study/supervised/held.js";

test("rows of a layer are what was asked for until they would take more than 512 MB", () => {
  const set = { concepts: new Array(10).fill({ name: "x" }) } as unknown as LabelSet;
  const probes = probesSchema.parse({});
  expect(rowsOf({ channels: 256 }, { set, probes })).toBe(probes.rows);
  const rows = rowsOf({ channels: 2048 }, { set, probes });
  expect(rows).toBeLessThan(probes.rows);
  expect(rows * 4 * (2048 + 10 + 2)).toBeLessThanOrEqual(512 * 2 ** 20);
  expect((rows + 1) * 4 * (2048 + 10 + 2)).toBeGreaterThan(512 * 2 ** 20);
});

test("net2vec has one vector on all photographs: no sample size", () => {
  const study = { networks: [{ source: "x" }], probes: { method: "net2vec", sampleSize: true } };
  expect(() => parseConfig(study)).toThrow("probes.sampleSize: net2vec learns one vector on all photographs");
});
