/** Kills runs at random moments and lets them go on: shared by the tests (a few moments) and `npm run check:kill` (thirty). */
import { spawn } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { seededRandom } from "../../src/numerics/random.js";
import { resultHashes } from "./results.js";
import { emptyFolder, networks, photographs, SMALL } from "./support.js";

export const MAIN = resolve(import.meta.dirname, "../../dist/cli/main.js");

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly ms: number;
  readonly err: string;
}

/** The built command line in a process of its own; `during` gets it while it runs. */
export function inProcess(
  argv: readonly string[],
  during?: (kill: (signal: NodeJS.Signals) => void, err: () => string) => void,
): Promise<Ended> {
  const start = performance.now();
  const child = spawn(process.execPath, [MAIN, ...argv], { stdio: ["ignore", "ignore", "pipe"] });
  let err = "";
  child.stderr.on("data", (text: Buffer) => {
    err += text.toString();
  });
  during?.(
    (signal) => child.kill(signal),
    () => err,
  );
  return new Promise((done) => {
    child.on("close", (code, signal) => done({ code, signal, ms: performance.now() - start, err }));
  });
}

/** A study of which runs are killed. */
export interface KilledStudy {
  /** Arguments of a run of it. */
  readonly args: (out: string, cache: string, ...more: string[]) => string[];
}

const data = join(process.env.SAMESIGHT_TEST_DATA ?? resolve("../shared/data"), "coco128");

/** All that a run can do, so that a kill falls into each step: named concepts with where they are found, a twin, every control. Needs the photographs of COCO. */
export function fullStudy(): KilledStudy {
  if (!existsSync(data)) throw new Error(`no photographs at ${data}: set SAMESIGHT_TEST_DATA`);
  const { residual, inverted } = networks();
  const root = emptyFolder("coco");
  const some = (split: string, count: number) => {
    mkdirSync(join(root, split));
    const labelled = readdirSync(join(data, "semantic", split)).filter((f) => f.endsWith(".png"));
    for (const name of labelled.slice(0, count).map((f) => f.replace(/\.png$/, ".jpg")))
      cpSync(join(data, "images", split, name), join(root, split, name));
    return join(root, split);
  };
  const images = ["--images", some("train2017", 44), "--test-images", some("val2017", 24)];
  const concepts = ["person", "sky=sky-other-merged", "tree=tree-merged"].flatMap((name) => ["--concept", name]);
  const labels = ["--labels", join(data, "semantic"), ...concepts, "--locations"];
  const checks = ["--twins", "1", "--controls", "all"];
  return {
    args: (out, cache, ...more) => [
      "compare",
      residual,
      inverted,
      ...images,
      ...labels,
      ...SMALL,
      ...checks,
      "--out",
      out,
      "--cache",
      cache,
      ...more,
    ],
  };
}

/** A small study of two networks. */
export async function smallStudy(images = 24): Promise<KilledStudy & { readonly images: string }> {
  const { residual, inverted } = networks();
  const folder = await photographs(images);
  return {
    images: folder,
    args: (out: string, cache: string, ...more: string[]) => [
      "compare",
      residual,
      inverted,
      "--images",
      folder,
      ...SMALL,
      "--out",
      out,
      "--cache",
      cache,
      ...more,
    ],
  };
}

/** Runs once undisturbed; then, for each moment, kills a run there (SIGKILL), runs again and compares every byte. Tells what happened, moment by moment. */
export async function killTest(
  moments: number,
  seed: string,
  tell: (line: string) => void,
  study?: KilledStudy,
): Promise<{ killed: number; equal: number }> {
  const { args } = study ?? (await smallStudy());
  const base = emptyFolder("kill");
  const reference = await inProcess(args(join(base, "reference"), join(base, "cache-reference")));
  if (reference.code !== 0) throw new Error(`the undisturbed run ended with ${reference.code}: ${reference.err}`);
  const expected = JSON.stringify(resultHashes(join(base, "reference")));
  tell(`undisturbed: ${Math.round(reference.ms)} ms`);
  const random = seededRandom("kill", seed);
  let [killed, equal] = [0, 0];
  for (let i = 0; i < moments; i++) {
    const [out, cache] = [join(base, `out-${i}`), join(base, `cache-${i}`)];
    const at = random() * reference.ms;
    const first = await inProcess(args(out, cache), (kill) => setTimeout(() => kill("SIGKILL"), at));
    const died = first.signal === "SIGKILL";
    const second = await inProcess(args(out, cache));
    const same = second.code === 0 && JSON.stringify(resultHashes(out)) === expected;
    killed += died ? 1 : 0;
    equal += same ? 1 : 0;
    tell(
      `moment ${i + 1}: ${died ? "killed" : "was done"} at ${Math.round(at)} ms; went on for ${Math.round(second.ms)} ms, ${same ? "same bytes" : `DIFFERS (exit ${second.code}) ${second.err}`}`,
    );
    for (const dir of [out, cache]) rmSync(dir, { recursive: true, force: true });
  }
  return { killed, equal };
}
