import type { AddCommand } from "../context.js";
import { collect } from "../flags.js";
import type { LabelsCommandFlags } from "../labels.js";
import { LABEL_FLAGS, labelsCommand } from "../labels.js";

export const labels: AddCommand = (program, { io }) => {
  program
    .command("labels <paths...>")
    .description("how well labels cover named concepts on photographs: images, areas, what is too small or broken")
    .option("--images <dir>", "the photographs that were labelled")
    .option("--concept <name>", LABEL_FLAGS.concept, collect)
    .option("--label-format <name>", LABEL_FLAGS.labelFormat)
    .option("--label-classes <file>", LABEL_FLAGS.labelClasses)
    .option("--grid <hxw>", "grid of a layer, to count masks below one cell; repeatable", collect)
    .option("--json", "as JSON")
    .option("--quiet", "no progress")
    .action(async (paths: string[], flags: LabelsCommandFlags) => {
      io.out(await labelsCommand(paths, flags, io));
    });
};
