import { asides } from "./asides.js";
import { concepts } from "./concepts.js";
import type { Context } from "./context.js";
import { maps } from "./maps.js";
import { masks } from "./masks.js";
import { pairs } from "./pairs.js";
import { replacement } from "./replacement/replacement.js";
import { rows } from "./rows.js";

/**
 * Every kind of work that can be given to a worker. A step takes plain data, leaves its results in the store under the plan's keys (so doing it again is
 * free) and returns plain data or nothing. A new one is a file and a line here.
 */
export const steps = { rows, concepts, maps, masks, pairs, asides, replacement };

export type StepName = keyof typeof steps;
export type StepArgs<K extends StepName> = Parameters<(typeof steps)[K]>[1];
export type StepResult<K extends StepName> = Awaited<ReturnType<(typeof steps)[K]>>;

/** A piece of work as plain data. */
export interface Job {
  readonly step: StepName;
  readonly args: unknown;
}

export function runJob(context: Context, { step, args }: Job): Promise<unknown> {
  return (steps[step] as (context: Context, args: unknown) => Promise<unknown>)(context, args);
}
