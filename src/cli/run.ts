import { Command, CommanderError } from "commander";
import { isSamesightError } from "../errors.js";
import { cache } from "./commands/cache.js";
import { check } from "./commands/check.js";
import { compare } from "./commands/compare.js";
import { demo } from "./commands/demo.js";
import { initStudy } from "./commands/init.js";
import { inspectNetwork } from "./commands/inspect.js";
import { labels } from "./commands/labels.js";
import { report } from "./commands/report.js";
import { runFile } from "./commands/run.js";
import { serve } from "./commands/serve.js";
import type { AddCommand, Context } from "./context.js";
import { EXIT } from "./context.js";
import type { Io } from "./io.js";

export { EXIT } from "./context.js";

/** In the order in which help lists them. */
const COMMANDS: readonly AddCommand[] = [
  inspectNetwork,
  initStudy,
  labels,
  compare,
  runFile,
  check,
  demo,
  report,
  serve,
  cache,
];

/** What a complaint about a command's arguments shows below it. */
const EXAMPLES: Readonly<Record<string, string>> = {
  inspect: "samesight inspect network.onnx",
  labels: "samesight labels annotations.json --images photographs",
  compare: "samesight compare old.onnx new.onnx --images photographs",
  run: "samesight run study.yaml",
  check: "samesight check study.yaml --against finished-run",
  report: "samesight report finished-run",
  serve: "samesight serve finished-run",
};

/** The whole command line as a function: arguments in, exit code out. Never throws, never ends the process. */
export async function run(argv: readonly string[], io: Io, version: string): Promise<number> {
  let code: number = EXIT.done;
  const program = commands({
    io,
    version,
    exit: (c) => {
      code = c;
    },
  });
  try {
    await program.parseAsync([...argv], { from: "user" });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.badInput;
    return complain(error, io);
  }
}

/** One line of what and where, one of what to do. A defect of ours says so and shows its stack. */
function complain(error: unknown, io: Io): number {
  if (isSamesightError(error) && error.code !== "defect") {
    io.err(
      `${error.code === "interrupted" ? "" : "error: "}${error.message}\n${error.hint ? `  ${error.hint}\n` : ""}`,
    );
    return error.code === "interrupted" ? EXIT.interrupted : EXIT.badInput;
  }
  io.err(
    `samesight: a defect of ours, please report it\n${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
  return EXIT.defect;
}

function commands(context: Context): Command {
  const { io, version } = context;
  const program = new Command("samesight")
    .description("Do two neural networks see the same things? Compares trained CNNs by the concepts inside them.")
    .version(version)
    .exitOverride()
    .configureOutput({ writeOut: io.out, writeErr: io.err })
    .showSuggestionAfterError()
    .addHelpText(
      "after",
      "\nNETWORK is an .onnx file, a TensorFlow.js model.json, or zoo:ssdlite-mobilenetv2, zoo:centernet-mobilenetv3, zoo:nanodet.\nExit codes: 0 done, 1 bad input, 2 done in part (what was left out is listed), 3 a check failed, 70 a defect of ours, 130 stopped (run again to go on).",
    );
  for (const add of COMMANDS) add(program, context);
  for (const command of program.commands) {
    const example = EXAMPLES[command.name()];
    if (example)
      command.showHelpAfterError(`  Like this: ${example} (all options: samesight ${command.name()} --help)`);
  }
  return program;
}
