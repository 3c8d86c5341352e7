import type { Command } from "commander";
import { METHODS } from "../contract/config.js";
import { DEFAULTS } from "../contract/defaults.js";
import { CONTROL_IDS } from "../contract/trust.js";
import { SamesightError } from "../errors.js";
import type { StudyFlags } from "./args.js";
import { LABEL_FLAGS } from "./labelflags.js";

/** Flags of every command that writes a run. */
export interface Common extends StudyFlags {
  readonly out?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly dryRun?: boolean;
  readonly workers?: string;
  readonly cache?: string;
  readonly cacheLimit?: string;
}

export const collect = (value: string, before: string[] = []) => [...before, value];

export function outputFlags(command: Command, out: string): Command {
  return command
    .option("--out <dir>", "folder of the results", out)
    .option("--json", "print run.json on stdout")
    .option("--quiet", "no progress");
}

/** Flags that say what is studied: of `compare` and `demo`, and over a study file of `run` and `check`. */
export function studyFlags(command: Command): Command {
  return machineFlags(command)
    .option("--dry-run", "say what would be computed and what it would cost in time, memory and disk")
    .option(
      "--layers <spec>",
      `which layers, as NETWORK=SPEC or SPEC for all: a name, a glob, op:Relu, stage:3, depth:0.2-0.8, auto:N; repeatable (default: ${DEFAULTS.layers})`,
      collect,
    )
    .option("--concepts <k>", `concepts a layer, or auto (default: ${DEFAULTS.k})`)
    .option("--method <name>", `${METHODS.join(", ")} (default: ${DEFAULTS.method})`)
    .option(
      "--preprocess <spec>",
      "NETWORK=FILE, JSON with width, height, resize, mean, std ..., or a preprocessor_config.json; repeatable",
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
      `other known measures beside ours: all, none, or a list of ${CONTROL_IDS.join(", ")} (default: ${DEFAULTS.controls.join(",")})`,
    )
    .option("--labels <path>", LABEL_FLAGS.labels, collect)
    .option("--concept <name>", LABEL_FLAGS.concept, collect)
    .option("--label-format <name>", LABEL_FLAGS.labelFormat)
    .option("--label-classes <file>", LABEL_FLAGS.labelClasses)
    .option("--locations", LABEL_FLAGS.locations)
    .option("--seed <n>", `seed of all chance (default: ${DEFAULTS.seed})`);
}

/** Flags that say how a run uses the machine; none of them changes a number. */
export function machineFlags(command: Command): Command {
  return command
    .option(
      "--workers <n>",
      `worker threads; 0 works in one thread (default: ${DEFAULTS.workers}, or what the machine has)`,
    )
    .option("--cache <dir>", "folder of what is kept between runs (default: $SAMESIGHT_CACHE or ~/.cache/samesight)")
    .option(
      "--cache-limit <size>",
      `how much finished work stays there, such as 5GB (default: ${DEFAULTS.cacheBytes / 1e9}GB)`,
    );
}

export function machineOptions(flags: Pick<Common, "workers" | "cache" | "cacheLimit">) {
  return {
    ...(flags.workers === undefined ? {} : { workers: wholeOf(flags.workers, "--workers", 64) }),
    ...(flags.cache === undefined ? {} : { cacheDir: flags.cache }),
    ...(flags.cacheLimit === undefined ? {} : { cacheBytes: bytesOf(flags.cacheLimit, "--cache-limit") }),
  };
}

function wholeOf(text: string, flag: string, most: number): number {
  const n = Number(text);
  if (/^\d+$/.test(text) && n <= most) return n;
  throw new SamesightError("invalid", `${flag} ${text}: expected a whole number from 0 to ${most}`, {
    hint: `Write ${flag} 2.`,
  });
}

const UNITS: Readonly<Record<string, number>> = { "": 1, KB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12 };

/** "5GB", "500 MB", "1000" (bytes). Throws SamesightError `invalid` naming the flag. */
export function bytesOf(text: string, flag: string): number {
  const [, number, unit] = /^\s*(\d+(?:\.\d+)?)\s*([KMGT]?B?)\s*$/i.exec(text) ?? [];
  const factor =
    UNITS[
      (unit ?? "")
        .toUpperCase()
        .replace(/^([KMGT])$/, "$1B")
        .replace(/^B$/, "")
    ];
  if (number === undefined || factor === undefined) {
    throw new SamesightError("invalid", `${flag} ${text}: expected a size`, { hint: `Write ${flag} 5GB.` });
  }
  return Number(number) * factor;
}

export function imageFlags(command: Command): Command {
  return command
    .option("--images <dir>", "photographs: split into some to fit and some to test, or all to fit with --test-images")
    .option("--test-images <dir>", "photographs to compare on");
}
