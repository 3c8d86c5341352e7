import type { AddCommand } from "../context.js";

export const report: AddCommand = (program, { io }) => {
  program
    .command("report <dir>")
    .description("write the report of a finished run again")
    .option("--json", "print the path as JSON")
    .option("--quiet", "no output")
    .action(async (dir: string, flags: { json?: boolean; quiet?: boolean }) => {
      const { rewriteReport } = await import("../../node/report.js");
      const path = await rewriteReport(dir);
      if (flags.json) io.out(`${JSON.stringify({ report: path })}\n`);
      else if (!flags.quiet) io.out(`${path}\n`);
    });
};
