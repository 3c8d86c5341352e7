/**
 * Peak memory and time of a whole study from an empty store over the number of images:
 *
 *     npm run bench:memory -- [study ...] [--images 200,2000] [--rounds 1] [--keep DIR]
 *
 * Each run is the command in a process of its own. COCO photographs are repeated; each copy is a file with bytes of its own (a JPEG comment), so every one
 * is decoded and goes through the networks. Results are added to bench/results/memory.json; docs/performance.md and docs/images/memory.svg are made from it.
 */
import { execFileSync } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { cacheDir } from "../src/node/zoo/fetch.js";
import type { MemoryRow, MemoryStudy } from "./memorytable.js";
import { keepRows, medianRow, STUDIES } from "./memorytable.js";

const data = process.env.SAMESIGHT_TEST_DATA ?? resolve(import.meta.dirname, "../../shared/data");
const cli = resolve(import.meta.dirname, "../dist/cli/main.js");

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { images: { type: "string" }, rounds: { type: "string", default: "1" }, dry: { type: "boolean" } },
});
const unknown = positionals.filter((p) => !STUDIES.some((s) => s.id === p));
if (unknown.length > 0)
  throw new Error(`unknown study: ${unknown.join(", ")}; there are ${STUDIES.map((s) => s.id).join(", ")}`);

for (const study of STUDIES.filter((s) => positionals.length === 0 || positionals.includes(s.id)))
  for (const images of values.images?.split(",").map(Number) ?? study.images) {
    const runs: MemoryRow[] = [];
    for (let round = 0; round < Number(values.rounds); round++) {
      const row = measureStudy(study, images);
      console.log(
        `${study.id}, ${images} images: peak ${(row.peakBytes / 1e6).toFixed(0)} MB, cpu ${row.cpuSeconds.toFixed(1)} s, wall ${row.seconds.toFixed(1)} s, store ${(row.storeBytes / 1e6).toFixed(0)} MB`,
      );
      runs.push(row);
    }
    if (!values.dry) keepRows([medianRow(runs)]);
  }

function measureStudy(study: MemoryStudy, images: number): MemoryRow {
  const scratch = mkdtempSync(join(tmpdir(), "samesight-memory-"));
  try {
    const [folder, cache, usage] = [join(scratch, "images"), join(scratch, "cache"), join(scratch, "usage.json")];
    copies(folder, images);
    mkdirSync(cache);
    symlinkSync(join(cacheDir(), "packages"), join(cache, "packages"));
    const load = loadavg()[0]!;
    const networks = study.networks.map((n) => `zoo:${n}`);
    const flags = ["--images", folder, "--layers", study.layers, "--cache", cache, "--out", join(scratch, "out")];
    execFileSync(
      process.execPath,
      [
        "--import",
        `file://${resolve(import.meta.dirname, "usage.mjs")}`,
        cli,
        "compare",
        ...networks,
        ...flags,
        "--quiet",
      ],
      { stdio: ["ignore", "ignore", "inherit"], env: { ...process.env, SAMESIGHT_USAGE: usage } },
    );
    const took = JSON.parse(readFileSync(usage, "utf8")) as Pick<MemoryRow, "peakBytes" | "cpuSeconds" | "seconds">;
    const stagesMs = (
      JSON.parse(readFileSync(join(scratch, "out/run.json"), "utf8")) as { stagesMs: MemoryRow["stagesMs"] }
    ).stagesMs;
    const storeBytes = bytesBelow(join(cache, "store"));
    return {
      study: study.id,
      images,
      ...took,
      storeBytes,
      reportBytes: bytesBelow(join(scratch, "out")),
      stagesMs,
      load,
    };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** `count` different files: photographs in turn, each with a comment of its own behind the start of the JPEG. */
function copies(folder: string, count: number): void {
  const from = join(data, "coco128/images/train2017");
  const names = readdirSync(from)
    .filter((f) => f.endsWith(".jpg"))
    .sort();
  mkdirSync(folder);
  for (let i = 0; i < count; i++) {
    const jpeg = readFileSync(join(from, names[i % names.length]!));
    const comment = Buffer.from(`copy ${i}`);
    const segment = Buffer.from([0xff, 0xfe, 0, comment.length + 2]);
    writeFileSync(
      join(folder, `${String(i).padStart(6, "0")}.jpg`),
      Buffer.concat([jpeg.subarray(0, 2), segment, comment, jpeg.subarray(2)]),
    );
  }
}

function bytesBelow(dir: string): number {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((f) => f.isFile())
    .reduce((sum, f) => sum + statSync(join(f.parentPath, f.name)).size, 0);
}
