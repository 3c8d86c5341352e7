import { configFromFlags } from "../args.js";
import type { AddCommand } from "../context.js";
import type { Common } from "../flags.js";
import { machineOptions, outputFlags, studyFlags } from "../flags.js";
import { announce, runStudyCommand } from "../study.js";

const DEMO_NETWORKS = ["zoo:ssdlite-mobilenetv2", "zoo:centernet-mobilenetv3", "zoo:nanodet"];

export const demo: AddCommand = (program, { io, exit }) => {
  const command = program
    .command("demo")
    .description("three real detectors compared on photographs from the npm registry")
    .option("--images <dir>", "your own photographs instead")
    .action(async (flags: Common) => {
      const config = configFromFlags(DEMO_NETWORKS, flags);
      const images = flags.images
        ? undefined
        : await (await import("../../node/zoo/photographs.js")).demoImages({
            onFetch: announce(io, flags),
            ...machineOptions(flags),
          });
      exit(await runStudyCommand(config, flags, io, images ? { images } : {}));
    });
  studyFlags(outputFlags(command, "samesight-demo"));
};
