import type { StudyConfig } from "../contract/config.js";
import { DEFAULTS } from "../contract/defaults.js";
import type { RunOptions } from "../node/run.js";
import { EXIT } from "./context.js";
import type { Common } from "./flags.js";
import { machineOptions } from "./flags.js";
import type { Io } from "./io.js";
import { progressTo } from "./io.js";

export const announce =
  (io: Io, flags: { readonly quiet?: boolean }) =>
  (source: { name: string; version: string; licence: string; megabytes: number }): void => {
    if (!flags.quiet)
      io.err(`fetching ${source.name}@${source.version} (${source.megabytes} MB, licence ${source.licence})\n`);
  };

/** Runs a study into its folder and tells the terminal; the exit code. */
export async function runStudyCommand(
  config: StudyConfig,
  flags: Common,
  io: Io,
  extra: Pick<RunOptions, "images"> = {},
): Promise<number> {
  if (flags.dryRun) {
    const { dryRun } = await import("./dryrun.js");
    return dryRun(config, flags, io, { ...extra, onFetch: announce(io, flags) });
  }
  const { runToFolder } = await import("../node/run.js");
  const progress = progressTo(io, flags.quiet ?? false);
  try {
    const outcome = await runToFolder(config, {
      out: flags.out ?? DEFAULTS.out,
      progress: progress.show,
      stopped: io.stopped,
      onFetch: announce(io, flags),
      ...machineOptions(flags),
      ...extra,
    });
    progress.end();
    if (flags.json) io.out(`${JSON.stringify(outcome.run)}\n`);
    else {
      for (const line of [
        ...outcome.run.warnings.map((w) => `note: ${w}`),
        ...outcome.run.findings.map((f) => f.sentence),
      ])
        io.out(`${line}\n`);
      io.out(`report: ${outcome.report}\n`);
    }
    for (const s of outcome.run.dataset.skipped) io.err(`skipped ${s.path}: ${s.reason}\n`);
    return outcome.skipped > 0 ? EXIT.partial : EXIT.done;
  } finally {
    progress.end();
  }
}
