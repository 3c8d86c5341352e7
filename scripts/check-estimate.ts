/**
 * Is what `--dry-run` foretells what the run then takes? `npm run check:estimate -- IMAGES_DIR [network ...]`: estimates, runs from an empty store, prints
 * both; exit code 1 where time, memory or disk is off by more than a factor of 2.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Estimate } from "../src/node/estimate.js";
import { cacheDir } from "../src/node/zoo/fetch.js";

const [images, ...given] = process.argv.slice(2);
if (!images) throw new Error("which photographs? npm run check:estimate -- IMAGES_DIR [network ...]");
const networks = given.length > 0 ? given : ["zoo:ssdlite-mobilenetv2", "zoo:centernet-mobilenetv3", "zoo:nanodet"];
const dir = mkdtempSync(join(tmpdir(), "samesight-check-estimate-"));
const cli = resolve(import.meta.dirname, "../dist/cli/main.js");
const samesight = (...flags: string[]) =>
  execFileSync(process.execPath, [cli, "compare", ...networks, "--images", images, ...flags], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
    maxBuffer: 1e9,
  });
try {
  const cache = join(dir, "cache");
  mkdirSync(cache);
  symlinkSync(join(cacheDir(), "packages"), join(cache, "packages"));
  const foretold = JSON.parse(samesight("--dry-run", "--json")) as Estimate;
  const start = performance.now();
  samesight("--cache", cache, "--out", join(dir, "out"), "--quiet");
  const seconds = (performance.now() - start) / 1000;
  const run = JSON.parse(readFileSync(join(dir, "out/run.json"), "utf8")) as {
    peakMemoryBytes: number;
    stagesMs: Record<string, number>;
  };
  const disk = readdirSync(join(cache, "store"), { recursive: true, withFileTypes: true })
    .filter((f) => f.isFile())
    .reduce((sum, f) => sum + statSync(join(f.parentPath, f.name)).size, 0);
  for (const [stage, s] of Object.entries(foretold.seconds))
    if (stage !== "total")
      console.log(
        `  ${stage.padEnd(12)} ${s.toFixed(1)} s foretold, ${((run.stagesMs[stage] ?? 0) / 1000).toFixed(1)} s taken`,
      );
  const rows: [string, number, number][] = [
    ["time, s", foretold.seconds.total!, seconds],
    ["memory, MB", foretold.memoryBytes / 1e6, run.peakMemoryBytes / 1e6],
    ["disk, MB", foretold.diskBytes / 1e6, disk / 1e6],
  ];
  for (const [what, was, is] of rows)
    console.log(`${what.padEnd(12)} ${was.toFixed(1)} foretold, ${is.toFixed(1)} taken: ${(was / is).toFixed(2)}`);
  process.exitCode = rows.every(([, was, is]) => was / is < 2 && is / was < 2) ? 0 : 1;
} finally {
  rmSync(dir, { recursive: true, force: true });
}
