import { fork } from "node:child_process";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import type { StudyConfig } from "../../contract/config.js";
import { SamesightError } from "../../errors.js";
import type { Progress } from "../../study.js";
import type { Said } from "./child.js";

export interface StartedStudy {
  readonly id: string;
  readonly dir: string;
  readonly state: "running" | "done" | "failed" | "stopped";
  readonly last: Progress | undefined;
  readonly message: string;
}

/** The studies that a page has started, one at a time, each in a process of its own and a folder of its own below DIR/studies. */
export class Studies {
  private readonly all = new Map<
    string,
    { now: StartedStudy; stop: () => void; listeners: Set<(s: StartedStudy) => void> }
  >();

  constructor(private readonly root: string) {}

  list(): StartedStudy[] {
    return [...this.all.values()].map((s) => s.now);
  }

  /** Throws SamesightError `invalid` while another one runs. */
  start(config: StudyConfig): StartedStudy {
    const running = this.list().find((s) => s.state === "running");
    if (running)
      throw new SamesightError("invalid", `study ${running.id} is running`, { hint: "Wait for it, or stop it." });
    let number = 1;
    while (this.all.has(String(number)) || existsSync(join(this.root, "studies", String(number)))) number++;
    const id = String(number);
    const dir = join(this.root, "studies", id);
    const child = fork(program(), [], { stdio: ["ignore", "ignore", "ignore", "ipc"] });
    const kept = {
      now: { id, dir, state: "running", last: undefined, message: "" } as StartedStudy,
      stop: () => void child.kill("SIGINT"),
      listeners: new Set<(s: StartedStudy) => void>(),
    };
    this.all.set(id, kept);
    const change = (part: Partial<StartedStudy>) => {
      kept.now = { ...kept.now, ...part };
      for (const tell of kept.listeners) tell(kept.now);
    };
    child.on("message", (said: Said) => {
      if (said.kind === "progress") change({ last: said.event });
      else if (said.kind === "done") change({ state: "done", message: said.message });
      else change({ state: said.stopped ? "stopped" : "failed", message: said.message });
    });
    child.on("exit", () => {
      if (kept.now.state === "running") change({ state: "failed", message: "the study ended without a word" });
    });
    child.send({ config, out: dir });
    return kept.now;
  }

  get(id: string): StartedStudy | undefined {
    return this.all.get(id)?.now;
  }

  stop(id: string): boolean {
    this.all.get(id)?.stop();
    return this.all.has(id);
  }

  /** Tells of every change from now on; the answer ends it. */
  watch(id: string, tell: (s: StartedStudy) => void): () => void {
    this.all.get(id)?.listeners.add(tell);
    return () => void this.all.get(id)?.listeners.delete(tell);
  }

  close(): void {
    for (const s of this.all.values()) if (s.now.state === "running") s.stop();
  }
}

function program(): string {
  const places = ["child.js", "../../../dist/node/serve/child.js"].map((p) => resolve(import.meta.dirname, p));
  const found = places.find((p) => existsSync(p));
  if (!found) throw new SamesightError("missing", "samesight is not built", { hint: "Run npm run build." });
  return found;
}
