/**
 * npm run fuzz -- [cases] [reader ...]: so many broken inputs a reader (10,000 by default), each in a process of its own that is ended when a case takes
 * longer than 10 s. Inputs that fail are written to test/fixtures/fuzz/, which the default tests replay. Exit code 1 where one failed.
 */
import { fork } from "node:child_process";
import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { randomOf } from "./mutate.js";
import { readers, verdict } from "./readers.js";

const LONGEST = 10_000;
const MOST_FAILURES = 20;

interface Message {
  /** Case that begins, or that failed as `what` says. */
  readonly seed?: number;
  readonly what?: string;
  /** Peak memory in MB: the last case is done. */
  readonly done?: number;
}

interface Task {
  readonly reader: string;
  readonly from: number;
  readonly to: number;
}

if (!process.send) {
  const [first, ...names] = process.argv.slice(2);
  const cases = Number(first ?? 10_000);
  let failed = 0;
  for (const { name } of await readers()) {
    if (names.length > 0 && !names.includes(name)) continue;
    const start = performance.now();
    const { failures, megabytes } = await fuzz(name, cases);
    failed += failures;
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    console.log(
      `${name.padEnd(14)} ${cases} cases, ${failures} failed, ${seconds} s, peak memory of the process ${megabytes.toFixed(0)} MB`,
    );
  }
  process.exit(failed > 0 ? 1 : 0);
} else {
  const [name, from, to] = process.argv.slice(2);
  const reader = (await readers()).find((r) => r.name === name)!;
  const send = (message: Message) => process.send!(message);
  for (let seed = Number(from); seed < Number(to); seed++) {
    send({ seed });
    const what = await verdict(reader, reader.make(randomOf(reader.name, seed)));
    if (what) send({ seed, what });
  }
  send({ done: process.resourceUsage().maxRSS / 1024 });
}

/** Starts a process anew behind a case that hung or killed it. */
async function fuzz(reader: string, cases: number): Promise<{ failures: number; megabytes: number }> {
  let failures = 0;
  let from = 0;
  let megabytes = 0;
  const failure = async (seed: number, what: string) => {
    failures++;
    console.log(`  ${reader}, case ${seed}: ${what}`);
    const input = (await readers()).find((r) => r.name === reader)!.make(randomOf(reader, seed));
    const name = `${reader}-${createHash("sha256").update(input).digest("hex").slice(0, 12)}.bin`;
    writeFileSync(fileURLToPath(new URL(`../fixtures/fuzz/${name}`, import.meta.url)), input);
  };
  while (from < cases && failures < MOST_FAILURES) {
    const stopped = await part({ reader, from, to: cases }, failure);
    if (typeof stopped === "number") {
      megabytes = stopped;
      break;
    }
    await failure(stopped.seed, stopped.what);
    from = stopped.seed + 1;
  }
  return { failures, megabytes };
}

function part({ reader, from, to }: Task, failure: (seed: number, what: string) => Promise<void>) {
  return new Promise<{ seed: number; what: string } | number>((resolve) => {
    const child = fork(fileURLToPath(import.meta.url), [reader, `${from}`, `${to}`], { execArgv: process.execArgv });
    let seed = from;
    let since = performance.now() + 60_000; // the process starts
    let ended = false;
    const end = (result: { seed: number; what: string } | number) => {
      if (ended) return;
      ended = true;
      clearInterval(watch);
      child.kill("SIGKILL");
      resolve(result);
    };
    const watch = setInterval(() => {
      if (performance.now() - since > LONGEST) end({ seed, what: `hangs: over ${LONGEST / 1000} s` });
    }, 500);
    child.on("message", (m: Message) => {
      if (m.done !== undefined) end(m.done);
      else if (m.what) void failure(m.seed!, m.what);
      else {
        seed = m.seed!;
        since = performance.now();
      }
    });
    child.on("exit", (code, signal) => end({ seed, what: `the process ended with ${signal ?? code}` }));
  });
}
