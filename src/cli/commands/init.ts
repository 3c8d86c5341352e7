import type { AddCommand } from "../context.js";

export const initStudy: AddCommand = (program, { io }) => {
  program
    .command("init [dir]")
    .description("write a study file with comments from the networks, photographs and labels in a folder")
    .option("--force", "write over an existing study.yaml")
    .option("--json", "print the path as JSON")
    .option("--quiet", "no output")
    .action(async (dir: string | undefined, flags: { force?: boolean; json?: boolean; quiet?: boolean }) => {
      const { init } = await import("../init.js");
      const { path } = await init(dir ?? ".", flags.force ?? false);
      if (flags.json) io.out(`${JSON.stringify({ study: path })}\n`);
      else if (!flags.quiet) io.out(`${path}\nlook through it, then: samesight run ${path}\n`);
    });
};
