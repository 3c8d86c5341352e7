/** `samesight demo` as the README has it, with an empty store: three detectors, the registry's photographs, one page; then once more from the store. */
import { mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { cacheDir } from "../../src/node/zoo/fetch.js";
import { demoImages } from "../../src/node/zoo/photographs.js";
import { emptyFolder, filesBelow, samesight } from "../e2e/support.js";

test("the demo", async () => {
  await demoImages();
  const packages = join(cacheDir(), "packages");
  const cache = emptyFolder("cache");
  mkdirSync(packages, { recursive: true });
  symlinkSync(packages, join(cache, "packages"));
  process.env.SAMESIGHT_CACHE = cache;
  const demo = async (name: string) => {
    const out = join(emptyFolder(), name);
    const start = performance.now();
    const outcome = await samesight(["demo", "--out", out]);
    return { out, outcome, seconds: (performance.now() - start) / 1000 };
  };
  const first = await demo("first");
  expect(first.outcome.code, first.outcome.err).toBe(0);
  const run = JSON.parse(readFileSync(join(first.out, "run.json"), "utf8"));
  expect(run.models.map((m: { id: string }) => m.id)).toEqual([
    "ssdlite-mobilenetv2",
    "centernet-mobilenetv3",
    "nanodet",
  ]);
  for (const model of run.models) {
    expect(model.taps).toHaveLength(6);
    expect(model.licence).toMatch(/Apache|MIT/);
  }
  expect(run.dataset.fit + run.dataset.test).toBeGreaterThanOrEqual(64);
  expect(run.findings.length).toBeGreaterThan(0);
  const page = readFileSync(join(first.out, "report/index.html"), "utf8");
  expect(page.match(/<(script|link|img|iframe)[^>]*(src|href)="https?:/g)).toBeNull();

  const again = await demo("again");
  expect(again.outcome.code, again.outcome.err).toBe(0);
  for (const file of filesBelow(first.out).filter((f) => /\.(csv|parquet|safetensors)$/.test(f)))
    expect(readFileSync(join(again.out, file)).equals(readFileSync(join(first.out, file))), file).toBe(true);
  expect(again.seconds).toBeLessThan(first.seconds / 2);
  process.stdout.write(
    `demo ${first.seconds.toFixed(0)} s, again ${again.seconds.toFixed(0)} s; stages ${JSON.stringify(run.stagesMs)}, peak ${(run.peakMemoryBytes / 1e6).toFixed(0)} MB\n`,
  );
});
