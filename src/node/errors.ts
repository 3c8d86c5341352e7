import type { ErrorCode } from "../errors.js";
import { isSamesightError, SamesightError } from "../errors.js";

/** An error as plain data, for the way from a worker to the main thread. */
export interface PlainError {
  readonly code: ErrorCode | undefined;
  readonly message: string;
  readonly hint: string;
  readonly details: Readonly<Record<string, unknown>>;
  readonly stack: string;
}

export function toPlainError(error: unknown): PlainError {
  if (isSamesightError(error)) {
    const { code, message, hint, details, stack = "" } = error;
    return { code, message, hint, details: JSON.parse(JSON.stringify(details)) as Record<string, unknown>, stack };
  }
  const { message, stack = "" } = error instanceof Error ? error : new Error(String(error));
  return { code: undefined, message, hint: "", details: {}, stack };
}

export function fromPlainError({ code, message, hint, details, stack }: PlainError): Error {
  if (!code && isMemory(message)) return outOfMemory(message);
  const error = code ? new SamesightError(code, message, { hint, details }) : new Error(message);
  error.stack = stack;
  return error;
}

export function outOfMemory(message: string): SamesightError {
  return new SamesightError("exhausted", `memory ran out: ${message}`, {
    hint: "Run again with --workers 1: finished work is kept and used.",
  });
}

/** Failed allocations, as V8 and onnxruntime word them. */
function isMemory(message: string): boolean {
  return /allocation failed|out of memory|bad_alloc|heap limit|cannot allocate/i.test(message);
}
