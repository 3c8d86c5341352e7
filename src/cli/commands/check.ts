import { writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { DEFAULTS } from "../../contract/defaults.js";
import { SamesightError } from "../../errors.js";
import { makeFolder } from "../../node/write.js";
import type { AddCommand } from "../context.js";
import { EXIT } from "../context.js";
import type { Common } from "../flags.js";
import { collect, imageFlags, machineOptions, outputFlags, studyFlags } from "../flags.js";
import { progressTo } from "../io.js";
import { announce } from "../study.js";
import { readStudyFile } from "../studyfile.js";

interface CheckFlags extends Common {
  readonly against: string;
  readonly minSimilarity: string;
  readonly minConcept?: string;
  readonly lenient?: boolean;
  readonly baseline?: readonly string[];
  readonly junit?: string;
  readonly summary?: string;
}

export const check: AddCommand = (program, { io, exit }) => {
  const command = program
    .command("check <config>")
    .description("fail (exit code 3) when a network of a study no longer sees what a finished run's saw")
    .requiredOption("--against <dir>", "the finished run that holds what must be kept")
    .option(
      "--min-similarity <x>",
      "least similarity of each layer with its counterpart",
      String(DEFAULTS.minSimilarity),
    )
    .option("--min-concept <x>", "fail too when a concept's best partner is below this")
    .option("--lenient", "let an interval pass that holds the limit; default: it must lie above")
    .option("--baseline <spec>", "ID=FILE, where a baseline network lies now; repeatable", collect)
    .option("--junit <file>", "JUnit XML (default: check.xml in --out)")
    .option("--summary <file>", "Markdown (default: check.md in --out)")
    .action(async (path: string, flags: CheckFlags) => {
      const { checkStudy } = await import("../../node/check.js");
      const { checkJunit, checkMarkdown } = await import("../../report/render/check.js");
      const out = flags.out ?? DEFAULTS.checkOut;
      const progress = progressTo(io, flags.quiet ?? false);
      const request = {
        against: flags.against,
        minSimilarity: share(flags.minSimilarity, "--min-similarity"),
        ...(flags.minConcept === undefined ? {} : { minConcept: share(flags.minConcept, "--min-concept") }),
        lenient: flags.lenient ?? false,
        baselines: Object.fromEntries((flags.baseline ?? []).map(baselineOf)),
      };
      const result = await checkStudy(await readStudyFile(path, flags), request, {
        out,
        progress: progress.show,
        stopped: io.stopped,
        onFetch: announce(io, flags),
        ...machineOptions(flags),
      }).finally(progress.end);
      await write(flags.junit ?? join(out, "check.xml"), checkJunit(result));
      await write(flags.summary ?? join(out, "check.md"), checkMarkdown(result));
      io.out(flags.json ? `${JSON.stringify(result)}\n` : `${checkMarkdown(result)}report: ${result.report}\n`);
      exit(result.ok ? EXIT.done : EXIT.checkFailed);
    });
  imageFlags(studyFlags(outputFlags(command, DEFAULTS.checkOut)));
};

async function write(path: string, text: string): Promise<void> {
  await makeFolder(dirname(path));
  await writeFile(path, text);
}

function share(text: string, flag: string): number {
  const x = Number(text);
  if (text.trim() !== "" && x > 0 && x <= 1) return x;
  throw new SamesightError("invalid", `${flag} ${text}: expected a number above 0, at most 1`, {
    hint: `Write ${flag} 0.8.`,
  });
}

function baselineOf(spec: string): [string, string] {
  const cut = spec.indexOf("=");
  if (cut > 0) return [spec.slice(0, cut), spec.slice(cut + 1)];
  throw new SamesightError("invalid", `--baseline ${spec}: expected ID=FILE`, {
    hint: "Write --baseline old=nets/old.onnx.",
  });
}
