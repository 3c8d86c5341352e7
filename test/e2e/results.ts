/** The files of a run that must not differ by a byte, however it came to be. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { filesBelow } from "./support.js";

/**
 * sha256 of every table and of the vectors; of run.json without what tells of this run alone (times, memory). The page holds run.json and is left out.
 */
export function resultHashes(dir: string, alsoIgnore: readonly string[] = []): Record<string, string> {
  const out: Record<string, string> = {};
  for (const file of filesBelow(dir)) {
    if (file.startsWith("report")) continue;
    const bytes = readFileSync(join(dir, file));
    out[file] = createHash("sha256")
      .update(file === "run.json" ? timeless(bytes.toString(), alsoIgnore) : bytes)
      .digest("hex");
  }
  return out;
}

function timeless(text: string, alsoIgnore: readonly string[]): string {
  const run = JSON.parse(text) as Record<string, unknown>;
  for (const name of ["created", "stagesMs", "peakMemoryBytes", ...alsoIgnore]) delete run[name];
  return JSON.stringify(run);
}
