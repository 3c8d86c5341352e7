import type { AddCommand } from "../context.js";
import type { InspectFlags } from "../inspect.js";
import { inspect } from "../inspect.js";

export const inspectNetwork: AddCommand = (program, { io }) => {
  program
    .command("inspect <network>")
    .description("list the layers worth tapping")
    .option("--preprocess <file>", "preprocessing of a network of your own, JSON")
    .option("--preview <file>", "write a PNG of what the network sees of a photograph (or of a test card)")
    .option("--images <dir>", "photographs for the preview")
    .option("--html <file>", "draw the network over relative depth, as a page")
    .option("--all", "every tensor, not only those that end blocks")
    .option("--json", "as JSON")
    .option("--quiet", "no progress")
    .action(async (network: string, flags: InspectFlags) => {
      io.out(await inspect(network, flags, io));
    });
};
