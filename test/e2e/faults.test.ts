/** What can go wrong from outside while a study runs: each ends in a clear state, and nothing done is lost. */
import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseConfig } from "../../src/cli/args.js";
import { pack } from "../../src/contract/packed.js";
import { splitImages } from "../../src/dataset/split.js";
import { createEngine } from "../../src/node/engine.js";
import { createEnvironment } from "../../src/node/environment.js";
import { fromPlainError, toPlainError } from "../../src/node/errors.js";
import { decodePicture, listImages } from "../../src/node/images.js";
import { prepareNetwork } from "../../src/node/network.js";
import { openStore, sha256 } from "../../src/node/store.js";
import { threadsExecutor, workerScript } from "../../src/node/threads.js";
import { seededRandom } from "../../src/numerics/random.js";
import { runStudy } from "../../src/pipeline.js";
import type { Job } from "../../src/study/steps.js";
import type { Study } from "../../src/study.js";
import { inProcess, smallStudy } from "./kill.js";
import { resultHashes } from "./results.js";
import { emptyFolder, networks, photographs, samesight } from "./support.js";

const base = emptyFolder("faults");
const place = (name: string) => join(base, name);

describe("photographs", () => {
  /** Runs with `happens` before the job of that number. */
  const disturbed = async (
    name: string,
    job: number,
    happens: (photo: string) => void,
    mend: (photo: string) => void,
  ) => {
    const study = await smallStudy(16);
    const reference = await samesight(
      study.args(place(`${name}-reference`), place(`${name}-reference-cache`), "--workers", "0"),
    );
    expect(reference.code, reference.err).toBe(0);
    const photo = join(study.images, readdirSync(study.images).sort()[5]!);
    let asked = 0;
    const args = study.args(place(name), place(`${name}-cache`), "--workers", "0");
    const stopped = () => {
      if (++asked === job) happens(photo);
      return false;
    };
    const first = await samesight(args, { stopped });
    mend(photo);
    const second = await samesight(args);
    expect(second.code, second.err).toBe(0);
    expect(resultHashes(place(name))).toEqual(resultHashes(place(`${name}-reference`)));
    return first;
  };

  test("one that vanishes: one line that names it, exit code 1; put back, the run goes on", async () => {
    const away = place("away.png");
    const first = await disturbed(
      "vanish",
      1,
      (photo) => renameSync(photo, away),
      (photo) => renameSync(away, photo),
    );
    expect(first.code).toBe(1);
    expect(first.err).toMatch(/image 'p005.png' vanished while the study ran\n {2}Put it back/);
  });

  test("one that changes: the same", async () => {
    const kept = place("kept.png");
    const first = await disturbed(
      "change",
      1,
      (photo) => {
        copyFileSync(photo, kept);
        copyFileSync(join(photo, "../p000.png"), photo);
      },
      (photo) => copyFileSync(kept, photo),
    );
    expect(first.code).toBe(1);
    expect(first.err).toMatch(/image 'p005.png' changed while the study ran/);
  });
});

describe("workers", () => {
  let study: Study;
  const jobs: Job[] = [0, 1].map((shard) => ({ step: "rows", args: { networks: [0], shard } }));
  beforeAll(async () => {
    const { images } = await listImages(await photographs(24));
    const config = parseConfig({ networks: [{ source: networks().residual, layers: ["auto:2"] }] });
    const engine = createEngine();
    const network = await prepareNetwork(config.networks[0]!, "a", engine);
    await engine.dispose();
    study = { config, networks: [network], ...splitImages(images, 0.6, seededRandom(0)) };
  });

  /** A worker that does `what` at its job number `at`; with `once`, only the first worker of all. */
  const faulty = (name: string, what: string, once: boolean, at = 1, jobTimeoutMs?: number) => {
    const script = place(`${name}.mjs`);
    writeFileSync(
      script,
      `import { parentPort } from "node:worker_threads";
import { existsSync, writeFileSync } from "node:fs";
const marker = ${JSON.stringify(place(`${name}.marker`))};
await import(${JSON.stringify(`file://${workerScript()}`)});
let jobs = 0;
parentPort.on("message", (m) => {
  if (m.type !== "job" || (${once} && existsSync(marker)) || ++jobs < ${at}) return;
  writeFileSync(marker, "");
  ${what}
});
`,
    );
    return threadsExecutor({
      workers: 1,
      storeDir: place(`${name}-store`),
      stopped: () => false,
      // only one that always hangs need not be waited for: the others must start in time on a busy machine too
      jobTimeoutMs: jobTimeoutMs ?? (what === HANGS && !once ? 1500 : 10_000),
      heapMb: 64,
      script,
    });
  };
  const DIES = "process.exit(7);";
  const HANGS = "for (;;);";
  const EATS = "const all = []; for (;;) all.push(new Array(1e5).fill(Math.random()));";

  test.each([
    ["dies", DIES],
    ["hangs", HANGS],
    ["runs out of memory", EATS],
  ])("one that %s is replaced, and its job done by the next", async (name, what) => {
    const executor = faulty(`once ${name}`, what, true);
    let done = 0;
    await executor.run(study, jobs, (n) => {
      done = n;
    });
    await executor.dispose();
    expect(done).toBe(2);
    expect(existsSync(place(`once ${name}.marker`))).toBe(true);
  });

  test.each([
    ["dies", DIES, /a worker ended with code 7 at step 'rows', and so did the one after it/],
    ["hangs", HANGS, /a worker hangs at step 'rows'/],
    ["runs out of memory", EATS, /memory ran out: a worker at step 'rows'/],
  ])("one that %s again and again ends the run with a reason", async (name, what, reason) => {
    const executor = faulty(`always ${name}`, what, false);
    const error = await executor
      .run(study, jobs, () => undefined)
      .then(
        () => undefined,
        (e: unknown) => e,
      );
    await executor.dispose();
    expect(error).toMatchObject({
      code: "exhausted",
      message: expect.stringMatching(reason),
      hint: expect.stringMatching(/--workers 1/),
    });
  });

  describe("a whole study comes out the same to the last bit", () => {
    const numbers = async (name: string, what: string, once: boolean, at: number) => {
      const small = { ...study, config: { ...study.config, similarity: { permutations: 20, bootstrap: 20 } } };
      const executor = faulty(name, what, once, at, 5000);
      const { engine, dispose } = createEnvironment({ workers: 0, cacheDir: place(`${name}-cache`) });
      const env = { engine, store: openStore(place(`${name}-store`)), decode: decodePicture, hash: sha256, executor };
      try {
        const { comparison, trust } = await runStudy(small, {
          ...env,
          progress: () => undefined,
          stopped: () => false,
        });
        return pack({ cells: comparison.cells, self: comparison.self, cellTrust: trust.cells }, "result").tensors;
      } finally {
        await executor.dispose();
        await dispose();
      }
    };
    let undisturbed: Awaited<ReturnType<typeof numbers>>;
    beforeAll(async () => {
      undisturbed = await numbers("whole undisturbed", DIES, true, Number.POSITIVE_INFINITY);
      expect(existsSync(place("whole undisturbed.marker"))).toBe(false);
    });

    test.each([
      ["dies at job 2", DIES, true, 2],
      ["dies at job 6", DIES, true, 6],
      ["hangs at job 6", HANGS, true, 6],
      ["reaches its memory limit at job 4", EATS, true, 4],
      ["reaches its memory limit at every third job", EATS, false, 3],
    ])("when a worker %s", async (name, what, once, at) => {
      expect(await numbers(`whole ${name}`, what, once, at)).toEqual(undisturbed);
      expect(existsSync(place(`whole ${name}.marker`))).toBe(true);
    });

    test("when memory ran out for every worker and the study is run again", async () => {
      const name = "whole again";
      await numbers(name, EATS, false, 1).then(
        () => expect.unreachable("a study without a worker that lives"),
        (e: unknown) =>
          expect(e).toMatchObject({ code: "exhausted", message: expect.stringMatching(/memory ran out/) }),
      );
      expect(await numbers(name, EATS, true, 1)).toEqual(undisturbed); // the marker lies there: nobody eats any more
    });
  });

  /** An executor whose workers do nothing of the study: a job's shard says what becomes of it. */
  const played = (name: string, workers: number, stopped: () => boolean = () => false) => {
    const script = place(`${name}.mjs`);
    writeFileSync(
      script,
      `import { parentPort } from "node:worker_threads";
parentPort.on("message", ({ type, id, job }) => {
  if (type !== "job") return parentPort.postMessage({ id });
  const { shard } = job.args;
  if (shard === "ends idle") setTimeout(() => process.exit(3), 50);
  if (typeof shard === "number")
    return setTimeout(() => parentPort.postMessage({ id, error: { name: "Error", message: String(shard) } }), shard);
  parentPort.postMessage({ id, result: shard });
});
`,
    );
    return threadsExecutor({ workers, storeDir: place("played-store"), stopped, jobTimeoutMs: 600_000, script });
  };
  const play = (...shards: unknown[]) => shards.map((shard): Job => ({ step: "rows", args: { shard } }));

  test("of several failures the first job's is told, whichever came first; results come in the order of the jobs", async () => {
    const executor = played("failures", 2);
    await expect(executor.run(study, play(400, 20), () => undefined)).rejects.toMatchObject({ message: "400" });
    expect(await executor.run(study, play("a", "b", "c"), () => undefined)).toEqual(["a", "b", "c"]);
    await executor.dispose();
  });

  test("one that ends while it has nothing to do is replaced when it is asked again", async () => {
    const executor = played("idle", 1);
    await executor.run(study, play("ends idle"), () => undefined);
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(await executor.run(study, play("next"), () => undefined)).toEqual(["next"]);
    await executor.dispose();
  });

  test("stopped between two jobs: what is done counts, and the run says that it was stopped", async () => {
    const finished: number[] = [];
    const executor = played("stopped", 1, () => finished.length > 0);
    await expect(executor.run(study, play("a", "b"), (n) => finished.push(n))).rejects.toMatchObject({
      code: "interrupted",
    });
    expect(finished).toEqual([1]);
    await executor.dispose();
  });

  test("a failed allocation in a worker comes home as what it is", () => {
    const error = fromPlainError(toPlainError(new RangeError("Array buffer allocation failed")));
    expect(error).toMatchObject({ code: "exhausted", hint: expect.stringMatching(/finished work is kept/) });
  });

  test("a bad job's own error comes home with code and hint, and the worker lives on", async () => {
    const executor = threadsExecutor({ workers: 1, storeDir: place("bad-store"), stopped: () => false });
    const gone: Study = { ...study, fit: study.fit.map((i) => ({ ...i, path: `${i.path}.gone` })) };
    await expect(executor.run(gone, jobs, () => undefined)).rejects.toMatchObject({
      code: "missing",
      hint: expect.stringMatching(/Put it back/),
    });
    await executor.run(study, jobs, () => undefined);
    await executor.dispose();
  });
});

/** A file system of its own with little room; undefined where mounting is not allowed. */
function smallDisk(name: string, size: string): string | undefined {
  const dir = place(name);
  mkdirSync(dir);
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${size}`, "tmpfs", dir], { stdio: "ignore" });
    return dir;
  } catch {
    return undefined;
  }
}

describe("disk", () => {
  const disk = smallDisk("disk", "300k");
  afterAll(() => {
    if (disk) execFileSync("umount", [disk]);
  });

  test.skipIf(!disk)(
    "full (skipped where no file system may be mounted): one line, exit code 1; with room, the run goes on",
    async () => {
      const study = await smallStudy();
      const full = await inProcess(study.args(place("full"), disk!));
      expect(full.code).toBe(1);
      expect(full.err).toMatch(/disk full while writing .*\n {2}Free some space/);
      execFileSync("mount", ["-o", "remount,size=64m", disk!]);
      const run = await inProcess(study.args(place("full"), disk!));
      expect(run.code, run.err).toBe(0);
      const other = await inProcess(study.args(place("roomy"), place("roomy-cache")));
      expect(other.code).toBe(0);
      expect(resultHashes(place("full"))).toEqual(resultHashes(place("roomy")));
    },
  );
});
