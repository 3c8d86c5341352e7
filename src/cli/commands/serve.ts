import { whole } from "../args.js";
import type { AddCommand } from "../context.js";
import { parseConfig } from "../explain.js";

const LOOK_MS = 200;

export const serve: AddCommand = (program, { io }) => {
  program
    .command("serve <dir>")
    .description("show the report of a finished run on 127.0.0.1, with whole photographs, and start studies from it")
    .option("--port <n>", "port (default: any that is free)")
    .option("--quiet", "do not print the address")
    .action(async (dir: string, flags: { port?: string; quiet?: boolean }) => {
      const { serve: start } = await import("../../node/serve/server.js");
      const served = await start(dir, {
        ...(flags.port === undefined ? {} : { port: whole(flags.port, "--port") }),
        parse: (input) => parseConfig(input, "the study"),
      });
      if (!flags.quiet) io.out(`${served.url}\nCtrl-C ends it.\n`);
      while (!io.stopped()) await new Promise((r) => setTimeout(r, LOOK_MS));
      await served.close();
    });
};
