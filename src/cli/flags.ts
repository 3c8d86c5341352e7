import type { Command } from "commander";
import { METHODS } from "../contract/config.js";
import { DEFAULTS } from "../contract/defaults.js";
import { CONTROL_IDS } from "../contract/trust.js";
import type { StudyFlags } from "./args.js";

/** Flags of every command that writes a run. */
export interface Common extends StudyFlags {
  readonly out?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly dryRun?: boolean;
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
  return command
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
      `other known measures beside ours: all, none, or a list of ${CONTROL_IDS.join(", ")} (default: ${DEFAULTS.controls})`,
    )
    .option("--seed <n>", `seed of all chance (default: ${DEFAULTS.seed})`);
}

export function imageFlags(command: Command): Command {
  return command
    .option("--images <dir>", "photographs: split into some to fit and some to test, or all to fit with --test-images")
    .option("--test-images <dir>", "photographs to compare on");
}
