/**
 * What went wrong, in few words that do not change: callers may branch on it.
 * - `invalid`: a value or file is there but not usable; `unknown`: a name that nothing has; `missing`: something needed is absent
 * - `duplicate`, `ambiguous`: a name means more than one thing
 * - `unsupported`: well formed, but outside what samesight does
 * - `exhausted`: disk, memory or images ran out; `interrupted`: the user stopped the run
 * - `defect`: a fault of samesight itself
 */
export type ErrorCode =
  | "invalid"
  | "unknown"
  | "missing"
  | "duplicate"
  | "ambiguous"
  | "unsupported"
  | "exhausted"
  | "interrupted"
  | "defect";

export interface ErrorOptions {
  /** What the reader can do about it, one sentence. */
  readonly hint?: string;
  /** Data of the failure, JSON-able. */
  readonly details?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

/** The only error thrown on purpose. `message` says what and where in one line, `hint` what to do. */
export class SamesightError extends Error {
  readonly code: ErrorCode;
  readonly hint: string;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, message: string, options: ErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "SamesightError";
    this.code = code;
    this.hint = options.hint ?? "";
    this.details = options.details ?? {};
  }
}

/** Whether an error was thrown on purpose: its message says what and where, its hint what to do. Holds across copies of the package. */
export function isSamesightError(value: unknown): value is SamesightError {
  return value instanceof Error && value.name === "SamesightError" && "code" in value;
}

/** The same failure with the place where it happened in front; whatever else was thrown passes as it is. */
export function placed(error: unknown, where: string): unknown {
  if (!isSamesightError(error)) return error;
  const { code, hint, details, message } = error;
  return new SamesightError(code, `${where}: ${message}`, { hint, details, cause: error });
}
