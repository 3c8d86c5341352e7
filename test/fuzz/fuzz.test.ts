import fc from "fast-check";
import { expect, it } from "vitest";
import { randomOf } from "./mutate.js";
import { fixtures, readers, verdict } from "./readers.js";

/** Small here; `npm run fuzz` runs 10,000 cases a reader under a watchdog. */
const CASES = 150;

for (const reader of await readers()) {
  it(`${reader.name}: broken input gets a typed error or is read; no crash, no hang, no flood of memory`, async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), async (seed) => {
        expect(await verdict(reader, reader.make(randomOf(reader.name, seed)))).toBeUndefined();
      }),
      { seed: 1, numRuns: reader.name === "images" ? CASES / 5 : CASES },
    );
  });

  const kept = fixtures(reader.name);
  it.skipIf(kept.length === 0)(`${reader.name}: what broke it once no longer does`, async () => {
    for (const { name, bytes } of kept) expect(await verdict(reader, bytes), name).toBeUndefined();
  });
}
