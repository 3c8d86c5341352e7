import type { Progress } from "../study.js";

/** What a command may touch. */
export interface Io {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** Whether `err` is a terminal that can redraw a line. */
  readonly terminal: boolean;
  /** Characters a line of `out` holds; not cut where it is no terminal. */
  readonly columns?: number;
  readonly stopped: () => boolean;
}

/** A line that redraws itself on a terminal; elsewhere a plain line when a stage of a network is done. */
export function progressTo(io: Io, quiet: boolean): { show: (event: Progress) => void; end: () => void } {
  let width = 0;
  const clear = () => {
    if (width > 0) io.err(`\r${" ".repeat(width)}\r`);
    width = 0;
  };
  return {
    show(event) {
      if (quiet) return;
      const { stage, what, done, total } = event;
      if (!io.terminal) {
        if (done === total) io.err(`${stage}: ${what} (${total})\n`);
        return;
      }
      const share = total > 0 ? done / total : 1;
      const bar = "━".repeat(Math.round(share * 24)).padEnd(24, "─");
      const line = `${bar} ${stage.padEnd(11)} ${what} ${done}/${total}`;
      io.err(`\r${line.padEnd(width)}`);
      width = line.length;
      if (done === total) {
        io.err("\n");
        width = 0;
      }
    },
    end: clear,
  };
}
