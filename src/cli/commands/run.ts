import { DEFAULTS } from "../../contract/defaults.js";
import type { AddCommand } from "../context.js";
import type { Common } from "../flags.js";
import { imageFlags, outputFlags, studyFlags } from "../flags.js";
import { runStudyCommand } from "../study.js";
import { readStudyFile } from "../studyfile.js";

export const runFile: AddCommand = (program, { io, exit }) => {
  const command = program
    .command("run <config>")
    .description("run a study written down as YAML or JSON; flags override it")
    .action(async (path: string, flags: Common) => {
      exit(await runStudyCommand(await readStudyFile(path, flags), flags, io));
    });
  imageFlags(studyFlags(outputFlags(command, DEFAULTS.out)));
};
