import { expect, test } from "vitest";
import { memoryFigure } from "../../bench/memoryfigure.js";
import type { MemoryRow } from "../../bench/memorytable.js";
import { medianRow, memoryTable, STUDIES } from "../../bench/memorytable.js";

const row = (study: string, images: number, peakBytes: number, cpuSeconds: number): MemoryRow => {
  return {
    study,
    images,
    peakBytes,
    cpuSeconds,
    seconds: 1,
    storeBytes: 5e6,
    reportBytes: 1e6,
    stagesMs: {},
    load: 0.1,
  };
};

test("the table has what each photograph more costs, and holds the peak against its target", () => {
  const text = memoryTable([
    row("three", 200, 1e9, 20),
    row("three", 2000, 1.2e9, 200),
    row("one", 200, 5e8, 10),
    row("one", 2000, 5.5e8, 100),
  ]);
  expect(text).toContain("| 3 detectors, 3 taps each | 2,000 | 1,200 MB | 200.0 s | 100 ms |");
  expect(text).toContain(
    "3 detectors, 3 taps each: 2,000 photographs peak at 1.20 times what 200 do (target <= 1.15: **missed**).",
  );
  expect(text).toContain(
    "SSDLite alone, 2 taps: 2,000 photographs peak at 1.10 times what 200 do (target <= 1.15: reached).",
  );
});

test("of several runs the one with the median peak stands in the table, with the range of all", () => {
  const runs = [row("one", 200, 9e8, 12), row("one", 200, 1.1e9, 10), row("one", 200, 1e9, 11)];
  expect(medianRow(runs)).toEqual({ ...runs[2], peaksBytes: [9e8, 1e9, 1.1e9] });
  expect(medianRow([runs[0]!])).toEqual(runs[0]);
  expect(memoryTable([medianRow(runs)])).toContain("| 1,000 MB (3 runs: 900 MB to 1,100 MB) | 11.0 s |");
});

test("the figure puts each run at its place", () => {
  const svg = memoryFigure([row("one", 100, 1e9, 5), row("one", 200, 2e9, 10)], STUDIES);
  const dots = [...svg.matchAll(/<circle cx="([\d.]+)" cy="([\d.]+)"/g)].map((m) => [Number(m[1]), Number(m[2])]);
  expect(dots).toEqual([
    [215, 145],
    [360, 50],
    [595, 145],
    [740, 50],
  ]);
});
