import type { StudyConfig } from "../contract/config.js";
import { shownNames } from "../contract/names.js";
import type { Estimate } from "../node/estimate.js";
import type { RunOptions } from "../node/run.js";
import { EXIT } from "./context.js";
import type { Common } from "./flags.js";
import { machineOptions } from "./flags.js";
import type { Io } from "./io.js";

/** What the study would compute and cost; nothing is kept. */
export async function dryRun(
  config: StudyConfig,
  flags: Common,
  io: Io,
  extra: Pick<RunOptions, "images" | "onFetch"> = {},
): Promise<number> {
  const { estimateRun } = await import("../node/estimate.js");
  const estimate = await estimateRun(config, { ...machineOptions(flags), ...extra, stopped: io.stopped });
  io.out(flags.json ? `${JSON.stringify(estimate, null, 2)}\n` : text(estimate, config));
  return EXIT.done;
}

function text(e: Estimate, config: StudyConfig): string {
  const lines = [
    `would mine concepts on ${e.fit} photographs and compare on ${e.test}${e.skipped > 0 ? ` (${e.skipped} cannot be used)` : ""}`,
  ];
  for (const n of e.networks) {
    const short = shownNames(n.taps.map((t) => t.name));
    lines.push(`${n.id} (${n.source}): ${n.preprocessing}`);
    for (const [i, t] of n.taps.entries()) lines.push(`  ${t.depth.toFixed(2)}  ${t.shape.padEnd(16)} ${short[i]}`);
  }
  const { k, method } = config.concepts;
  lines.push(
    `${e.layers} layers, ${k === "auto" ? "k chosen" : k} concepts each by ${method}, ${e.pairs} pairs of layers`,
  );
  const stages = Object.entries(e.seconds).filter(([s]) => s !== "total");
  lines.push(
    `time   about ${duration(e.seconds.total!)} (${stages.map(([s, v]) => `${s} ${duration(v)}`).join(", ")}), less what the cache already holds`,
    `memory about ${bytes(e.memoryBytes)}`,
    `disk   about ${bytes(e.diskBytes)} in the cache`,
    `scaled up from ${e.measuredSeconds.toFixed(1)} s of the same study on a few photographs`,
  );
  return `${lines.join("\n")}\n`;
}

export function duration(seconds: number): string {
  if (seconds < 90) return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;
  return seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}

export function bytes(n: number): string {
  return n < 1e9 ? `${Math.max(1, Math.round(n / 1e6))} MB` : `${(n / 1e9).toFixed(1)} GB`;
}
