import type { Command } from "commander";
import type { Io } from "./io.js";

/** What a command is given: the terminal, and a way to say its exit code. */
export interface Context {
  readonly io: Io;
  readonly version: string;
  readonly exit: (code: number) => void;
}

/** A command of the program, one a file in commands/. */
export type AddCommand = (program: Command, context: Context) => void;

/** 3: a check was made and failed. */
export const EXIT = { done: 0, badInput: 1, partial: 2, checkFailed: 3, defect: 70, interrupted: 130 } as const;
