import { SamesightError } from "../errors.js";
import type { Environment, Study } from "../study.js";
import type { Context } from "./context.js";
import { openContext } from "./context.js";
import { neededFrom } from "./needed.js";
import type { Job, StepArgs, StepName, StepResult } from "./steps.js";
import { runJob } from "./steps.js";

/** Who does the jobs of a study. Jobs of one call do not depend on each other, and their results do not depend on who does them, or on how many. */
export interface Executor {
  readonly workers: number;
  /** Results in the order of the jobs; `done` is told of each as it ends. Throws what a job throws, and `interrupted` when the user stopped. */
  run(study: Study, jobs: readonly Job[], done: (count: number) => void): Promise<unknown[]>;
  /** Lets go of what the next jobs do not need: sessions of networks. */
  rest(): Promise<void>;
}

/** All jobs in this thread, one after the other. */
export function inlineExecutor(env: Environment): Executor {
  let open: Context | undefined;
  return {
    workers: 1,
    async run(study, jobs, done) {
      if (open?.study !== study) {
        await open?.rest();
        open = openContext(study, env);
      }
      const results: unknown[] = [];
      for (const job of jobs) {
        if (env.stopped()) throw interrupted();
        results.push(await runJob(open, job));
        done(results.length);
      }
      return results;
    },
    rest: async () => open?.rest(),
  };
}

export function interrupted(): SamesightError {
  return new SamesightError("interrupted", "stopped; what is finished is kept", {
    hint: "Run the same command again to go on.",
  });
}

/** What a composed step works with: the study, who does the jobs, and a context to read results with. */
export interface Run {
  readonly study: Study;
  readonly env: Environment;
  readonly executor: Executor;
  readonly context: Context;
}

export function openRun(study: Study, env: Environment): Run {
  return { study, env, executor: env.executor ?? inlineExecutor(env), context: openContext(study, env) };
}

interface Said {
  readonly stage: string;
  readonly what: string;
}

/** Runs one step on many arguments, and tells of progress. */
export async function runAll<K extends StepName>(
  run: Run,
  step: K,
  args: readonly StepArgs<K>[],
  say: Said,
): Promise<StepResult<K>[]> {
  return (await runJobs(run, jobsOf(step, args), say)) as StepResult<K>[];
}

/** The same for jobs of several steps that do not wait for each other; the last job's step says what is still needed. */
export async function runJobs(
  { study, env, executor, context }: Run,
  jobs: readonly Job[],
  say: Said,
): Promise<unknown[]> {
  const total = jobs.length;
  env.progress({ ...say, done: 0, total });
  return executor.run(study, jobs, (count) => {
    env.progress({ ...say, done: count, total });
    env.tidy?.(() => neededFrom(jobs.at(-1)!.step, context));
  });
}

export function jobsOf<K extends StepName>(step: K, args: readonly StepArgs<K>[]): Job[] {
  return args.map((a): Job => ({ step, args: a }));
}
