/** The cache's limit holds while a run lasts: what the run still needs stays, however long ago it was used, and the rest goes. */
import { statSync, utimesSync } from "node:fs";
import { expect, test, vi } from "vitest";
import { parseConfig } from "../../src/cli/args.js";
import { splitImages } from "../../src/dataset/split.js";
import { collectGarbage, kindOf, listObjects } from "../../src/node/cache.js";
import { createEnvironment, storeDirOf } from "../../src/node/environment.js";
import { listImages } from "../../src/node/images.js";
import { prepareNetwork } from "../../src/node/network.js";
import { openStore, sha256 } from "../../src/node/store.js";
import { seededRandom } from "../../src/numerics/random.js";
import { runStudy } from "../../src/pipeline.js";
import { emptyFolder, networks, photographs } from "../e2e/support.js";

const junk = (size: number) => ({
  tensors: { a: { type: "float32" as const, dims: [size], data: new Float32Array(size) } },
  metadata: { kind: "junk" },
});

test("while a run lasts, others' newer artifacts go before old ones that the run needs", async () => {
  const cacheDir = emptyFolder("tidy");
  const dir = storeDirOf(cacheDir);
  const open = (cacheBytes: number) => createEnvironment({ cacheDir, cacheBytes, workers: 0, tidyEveryMs: 0 });
  const { images } = await listImages(await photographs(16));
  const config = parseConfig({
    networks: [{ source: networks().residual, layers: ["auto:2"] }],
    concepts: { k: 3 },
    similarity: { permutations: 20, bootstrap: 20 },
  });
  const first = open(1e9);
  const network = await prepareNetwork(config.networks[0]!, "a", first.engine);
  const study = { config, networks: [network], ...splitImages(images, 0.5, seededRandom(0)) };
  await runStudy(study, first);
  await first.dispose();

  const own = await listObjects(dir);
  const kinds = new Map(await Promise.all(own.map(async (o) => [o.key, await kindOf(o)] as const)));
  const ownBytes = own.reduce((sum, o) => sum + o.bytes, 0);
  const old = new Date(Date.now() - 86_400_000);
  for (const { path } of own) utimesSync(path, old, old);
  const store = openStore(dir);
  const others = Array.from({ length: 10 }, (_, i) => sha256(`junk ${i}`));
  for (const key of others) await store.put(key, junk(Math.ceil(ownBytes / 8)));

  const second = open(ownBytes * 1.2);
  try {
    await runStudy(study, second);
    await vi.waitFor(
      async () => expect((await listObjects(dir)).filter((o) => others.includes(o.key)).length).toBeLessThanOrEqual(1),
      { timeout: 10_000 },
    );
    for (const { key, path } of own)
      if (["concepts", "maps", "signals", "masks", "pairs"].includes(kinds.get(key)!))
        expect(Math.round(statSync(path).mtimeMs), kinds.get(key)!).toBe(old.getTime()); // still there, never written again
  } finally {
    await second.dispose();
  }
});

test("what is needed stays even above the limit", async () => {
  const dir = emptyFolder("store");
  const keys = ["a", "b", "c"].map((k) => sha256(k));
  for (const key of keys) await openStore(dir).put(key, junk(100));
  const { removed, kept } = await collectGarbage(dir, 1, () => new Set(keys.slice(0, 2)));
  expect(removed).toBe(1);
  expect((await listObjects(dir)).map((o) => o.key).sort()).toEqual(keys.slice(0, 2).sort());
  expect(kept).toBeGreaterThan(1);
});
