import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import type { Machine } from "../../bench/machine.js";
import { measure, spread } from "../../bench/measure.js";
import { readNpy, writeNpy } from "../../bench/npy.js";
import { tables } from "../../bench/table.js";

const contender = (name: string, seconds: readonly number[], order: string[]) => {
  let at = 0;
  return { name, run: async () => ({ seconds: seconds[order.push(name) && at++ % seconds.length]! }) };
};

it("contenders run in turn, the order turning round; the ratio is of each round, against the fastest peer by median", async () => {
  const order: string[] = [];
  const row = await measure(
    "f",
    {
      id: "x",
      what: "x",
      cores: 1,
      ours: contender("ours", [1, 2, 3], order),
      peers: [contender("slow", [20, 20, 20], order), contender("fast", [10, 4, 10], order)],
      target: 0.2,
      warmup: false,
    },
    3,
  );
  expect(order.join(" ")).toBe("ours slow fast fast slow ours ours slow fast");
  expect(row.peer).toBe("fast");
  expect(row.ratio).toEqual({ median: 0.3, min: 0.1, max: 0.5 });
  const machine = { peers: { numpy: "1" }, load: 0 } as unknown as Machine;
  const text = tables([{ figure: "f", title: "t", machine, rows: [row] }]);
  expect(text).toContain("| x | 1 | 2.00 s | fast | 10.00 s | 0.30 (0.10..0.50) | <= 0.2 | **missed** |");
});

it("spread gives the middle, or the mean of the two in the middle", () => {
  expect(spread([3, 1, 2])).toEqual({ median: 2, min: 1, max: 3 });
  expect(spread([4, 1, 2, 3]).median).toBe(2.5);
});

it(".npy comes back as it was written", () => {
  const file = join(mkdtempSync(join(tmpdir(), "npy-")), "a.npy");
  writeNpy(file, Float32Array.of(1, 2, 3, 4, 5, 6), [2, 3]);
  expect(readNpy(file)).toEqual({ data: Float32Array.of(1, 2, 3, 4, 5, 6), shape: [2, 3] });
});
