import { execFileSync } from "node:child_process";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";

const command = pathToFileURL(resolve(import.meta.dirname, "../../dist/cli/main.js")).href;

/** The command in a process of its own: what it asks of V8, which hears it or not, and full collections while 20 GB of feature maps then pass by. */
function heaps(heard: boolean): { asked: string[]; full: number } {
  const script = `
    import { syncBuiltinESMExports } from "node:module";
    import { constants, PerformanceObserver } from "node:perf_hooks";
    import v8 from "node:v8";
    const tell = v8.setFlagsFromString;
    const asked = [];
    v8.setFlagsFromString = (flag) => { asked.push(flag); if (${heard}) tell(flag); };
    syncBuiltinESMExports();
    process.argv.push("samesight", "--version");
    await import(${JSON.stringify(command)});
    let full = 0;
    new PerformanceObserver((list) => {
      for (const { detail } of list.getEntries()) if (detail.kind === constants.NODE_PERFORMANCE_GC_MAJOR) full++;
    }).observe({ entryTypes: ["gc"] });
    for (let i = 0; i < 20_000; i++) {
      new Float32Array(250_000);
      if (i % 50 === 0) await new Promise((done) => setImmediate(done));
    }
    await new Promise((done) => setTimeout(done, 50));
    console.log(JSON.stringify({ asked, full }));`;
  const out = execFileSync(process.execPath, ["--input-type=module", "-e", script], { encoding: "utf8" });
  return JSON.parse(out.trim().split("\n").at(-1)!);
}

test("the command lets heaps grow, and V8 then collects less often while feature maps pass by", () => {
  const [deaf, told] = [heaps(false), heaps(true)];
  expect(deaf.asked).toEqual(["--heap-growing-percent=400"]);
  expect(told.asked).toEqual(deaf.asked);
  expect(told.full).toBeLessThan(deaf.full);
}, 60_000);
