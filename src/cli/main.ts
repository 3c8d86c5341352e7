#!/usr/bin/env node
import { createRequire } from "node:module";
import { letHeapsGrow } from "./heap.js";
import { run } from "./run.js";

const { version } = createRequire(import.meta.url)("../../package.json") as { version: string };
letHeapsGrow();
let interrupts = 0;
process.on("SIGINT", () => {
  // the first asks to stop between two pieces of work, the second does not wait
  if (++interrupts > 1) process.exit(130);
  process.stderr.write("\nstopping after the piece of work at hand (Ctrl-C again to stop now)\n");
});
process.exitCode = await run(
  process.argv.slice(2),
  {
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
    terminal: process.stderr.isTTY === true && !process.env.CI,
    ...(process.stdout.columns ? { columns: process.stdout.columns } : {}),
    stopped: () => interrupts > 0,
  },
  version,
);
