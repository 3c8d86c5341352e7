import { execFileSync } from "node:child_process";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";

const command = pathToFileURL(resolve(import.meta.dirname, "../../dist/cli/main.js")).href;

/** Full collections while 20 GB of feature maps pass by a heap of small objects, in a process of its own; 97 against 1 on a quiet machine, 175 against 96 on a crowded one. */
function collections(setUp: string): number {
  const script = `
    import { constants, PerformanceObserver } from "node:perf_hooks";
    ${setUp}
    let full = 0;
    new PerformanceObserver((list) => {
      for (const { detail } of list.getEntries()) if (detail.kind === constants.NODE_PERFORMANCE_GC_MAJOR) full++;
    }).observe({ entryTypes: ["gc"] });
    const live = Array.from({ length: 200_000 }, (_, i) => ({ i }));
    for (let i = 0; i < 20_000; i++) {
      new Float32Array(250_000);
      if (i % 50 === 0) await new Promise((done) => setImmediate(done));
    }
    await new Promise((done) => setTimeout(done, 50));
    console.log(live.length && full);`;
  const out = execFileSync(process.execPath, ["--input-type=module", "-e", script], { encoding: "utf8" });
  return Number(out.trim().split("\n").at(-1));
}

test("in the process of the command heaps are collected less often while feature maps pass by", () => {
  const before = collections("");
  const after = collections(`process.argv.push("samesight", "--version"); await import(${JSON.stringify(command)});`);
  expect(before).toBeGreaterThan(10);
  expect(after).toBeLessThan(0.8 * before);
}, 60_000);
