/** The process of one study that a page started: its study comes as a message, what happens goes back as messages. */
import type { StudyConfig } from "../../contract/config.js";
import { isSamesightError } from "../../errors.js";
import type { Progress } from "../../study.js";
import { runToFolder } from "../run.js";

export type Said =
  | { readonly kind: "progress"; readonly event: Progress }
  | { readonly kind: "done"; readonly message: string }
  | { readonly kind: "failed"; readonly message: string; readonly stopped: boolean };

let stopped = false;
process.on("SIGINT", () => {
  stopped = true;
});
// the server is gone: what is finished is kept
process.on("disconnect", () => process.exit(1));

const say = (said: Said) => process.send?.(said);

process.once("message", async ({ config, out }: { config: StudyConfig; out: string }) => {
  try {
    const { run } = await runToFolder(config, {
      out,
      stopped: () => stopped,
      progress: (event) => say({ kind: "progress", event }),
    });
    say({ kind: "done", message: run.findings.map((f) => f.sentence).join("\n") });
  } catch (error) {
    const known = isSamesightError(error);
    const message =
      error instanceof Error ? `${error.message}${known && error.hint ? ` ${error.hint}` : ""}` : String(error);
    say({ kind: "failed", message, stopped: known && error.code === "interrupted" });
  }
  process.disconnect?.();
});
