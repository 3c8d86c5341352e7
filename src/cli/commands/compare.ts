import { DEFAULTS } from "../../contract/defaults.js";
import { configFromFlags } from "../args.js";
import type { AddCommand } from "../context.js";
import type { Common } from "../flags.js";
import { imageFlags, outputFlags, studyFlags } from "../flags.js";
import { runStudyCommand } from "../study.js";

export const compare: AddCommand = (program, { io, exit }) => {
  const command = program
    .command("compare <networks...>")
    .description("compare networks by the concepts mined in them")
    .action(async (networks: string[], flags: Common) => {
      exit(await runStudyCommand(configFromFlags(networks, flags), flags, io));
    });
  imageFlags(studyFlags(outputFlags(command, DEFAULTS.out)));
};
