import { expect, test } from "vitest";
import { CANDIDATES } from "../../src/concepts/mine.js";
import { runWarnings } from "../../src/node/warnings.js";
import type { StudyResult } from "../../src/study.js";

/** What the warnings read of a result: layers of `old`, of its shuffled twin and of `new`, with so many concepts each, mined with k = auto. */
function resultOf(counts: Readonly<Record<string, readonly number[]>>): StudyResult {
  const ids = Object.keys(counts);
  const image = (i: number) => ({ id: `p${i}.jpg`, group: `p${i}` });
  const result = {
    study: {
      config: { concepts: { k: "auto" } },
      networks: ids.map((id) => ({ id, ...(id.startsWith("twin") && { twin: { of: "old" } }) })),
      fit: [],
      test: Array.from({ length: 40 }, (_, i) => image(i)),
    },
    layers: ids.flatMap((id, network) =>
      counts[id]!.map((_, t) => ({ network, tap: { name: `layer${t}`, channels: 96 } })),
    ),
    mined: ids.flatMap((id) => counts[id]!.map((rows) => ({ fit: { vectors: { rows } } }))),
  };
  return result as unknown as StudyResult;
}

const most = CANDIDATES.at(-1)!;
const warningsOf = (counts: Parameters<typeof resultOf>[0]) => runWarnings(resultOf(counts), [], []);

test("layers where auto took the most concepts it tries are told of, a sentence a network, twins left out", () => {
  expect(warningsOf({ old: [4, most, 10, most, most], "twin of old": [most], new: [most] })).toEqual([
    `old: auto took ${most} concepts, the most it tries, in layer 'layer1' and 2 more: there may be more; --concepts N sets their number`,
    `new: auto took ${most} concepts, the most it tries, in layer 'layer0': there may be more; --concepts N sets their number`,
  ]);
});

test("nothing is said where auto stopped before", () => {
  expect(warningsOf({ old: [4, 20], new: [15] })).toEqual([]);
});
