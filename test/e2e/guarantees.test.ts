/** What a run promises: the same bytes for any number of workers, batch size and interruption; nothing done is lost. */
import { readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { inProcess, killTest, smallStudy } from "./kill.js";
import { resultHashes } from "./results.js";
import { emptyFolder, filesBelow } from "./support.js";

let study: Awaited<ReturnType<typeof smallStudy>>;
let expected: Record<string, string>;
const base = emptyFolder("guarantees");
const place = (name: string) => join(base, name);

beforeAll(async () => {
  study = await smallStudy();
  const run = await inProcess(study.args(place("reference"), place("cache"), "--workers", "2"));
  expect(run.code, run.err).toBe(0);
  expected = resultHashes(place("reference"));
});

describe("the same bytes", () => {
  test.each(["0", "1"])("with --workers %s as with 2", async (workers) => {
    const run = await inProcess(study.args(place(`w${workers}`), place(`cache-w${workers}`), "--workers", workers));
    expect(run.code, run.err).toBe(0);
    expect(resultHashes(place(`w${workers}`))).toEqual(expected);
    expect(Object.keys(expected)).toContain("layers.parquet");
  });

  test("with batch size 1 and 8", async () => {
    const args = (size: number) => {
      const [out, cache] = [place(`b${size}`), place(`cache-b${size}`)];
      const [, a, b] = study.args(out, cache) as [string, string, string];
      const file = place(`study-${size}.json`);
      const config = {
        networks: [a, b].map((source) => ({ source, layers: ["auto:3"] })),
        images: study.images,
        batchSize: size,
        concepts: { k: 3 },
        similarity: { permutations: 20, bootstrap: 20 },
      };
      writeFileSync(file, JSON.stringify(config));
      return ["run", file, "--out", out, "--cache", cache];
    };
    for (const size of [1, 8]) expect((await inProcess(args(size))).code).toBe(0);
    expect(resultHashes(place("b1"), ["config"])).toEqual(resultHashes(place("b8"), ["config"]));
  });

  test("after SIGKILL at random moments (thirty: npm run check:kill)", async () => {
    const lines: string[] = [];
    const { equal } = await killTest(3, "tests", (line) => lines.push(line));
    expect(equal, lines.join("\n")).toBe(3);
  }, 240_000);

  test("after Ctrl-C, which ends with exit code 130 and says how to go on", async () => {
    const [out, cache] = [place("interrupted"), place("cache-interrupted")];
    const first = await inProcess(study.args(out, cache), (kill, err) => {
      const timer = setInterval(() => {
        if (!/activations/.test(err())) return;
        clearInterval(timer);
        kill("SIGINT");
      }, 5);
    });
    expect(first.code, first.err).toBe(130);
    expect(first.err).toMatch(/Run the same command again/);
    expect(filesBelow(out)).toEqual([]);
    expect((await inProcess(study.args(out, cache))).code).toBe(0);
    expect(resultHashes(out)).toEqual(expected);
  });

  test("from two processes that share a cache at the same time", async () => {
    const cache = place("cache-shared");
    const runs = await Promise.all(["one", "two"].map((name) => inProcess(study.args(place(name), cache))));
    for (const run of runs) expect(run.code, run.err).toBe(0);
    for (const name of ["one", "two"]) expect(resultHashes(place(name))).toEqual(expected);
  });

  test("when artifacts were torn, altered or removed: found by their checksum and made again", async () => {
    const objects = join(place("cache"), "store", "objects");
    const files = readdirSync(objects).flatMap((d) => readdirSync(join(objects, d)).map((f) => join(objects, d, f)));
    expect(files.length).toBeGreaterThan(20);
    files.sort().forEach((file, i) => {
      const bytes = readFileSync(file);
      if (i % 4 === 0) truncateSync(file, Math.floor(bytes.length / 2));
      if (i % 4 === 1) {
        bytes[bytes.length - 3]! ^= 1;
        writeFileSync(file, bytes);
      }
      if (i % 4 === 2) rmSync(file);
    });
    const run = await inProcess(study.args(place("mended"), place("cache")));
    expect(run.code, run.err).toBe(0);
    expect(resultHashes(place("mended"))).toEqual(expected);
    const { code } = await inProcess(["cache", "verify", "--cache", place("cache")]);
    // those that were not needed again may still lie there damaged: verify finds them
    expect([0, 3]).toContain(code);
    expect((await inProcess(["cache", "verify", "--cache", place("cache")])).code).toBe(0);
  });
});
