import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { Worker } from "node:worker_threads";
import { SamesightError } from "../errors.js";
import type { Executor } from "../study/executor.js";
import { interrupted } from "../study/executor.js";
import type { Job } from "../study/steps.js";
import type { Study } from "../study.js";
import type { PlainError } from "./errors.js";
import { fromPlainError, outOfMemory } from "./errors.js";

export interface WorkerSettings {
  readonly storeDir: string;
  readonly activationBytes?: number;
}

export type ToWorker =
  | { readonly type: "study"; readonly id: number; readonly study: Study }
  | { readonly type: "job"; readonly id: number; readonly job: Job }
  | { readonly type: "rest"; readonly id: number };

export interface FromWorker {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: PlainError;
}

export interface ThreadOptions extends WorkerSettings {
  readonly workers: number;
  readonly stopped: () => boolean;
  /** A job that takes longer counts as hung: its worker is ended and the job done again, once. Default half an hour. */
  readonly jobTimeoutMs?: number;
  /** Bound of a worker's heap of objects, in megabytes; arrays of numbers lie outside it. Default 2048. */
  readonly heapMb?: number;
  /** The worker's script; for tests. */
  readonly script?: string;
}

const HEAP_MB = 2048;
const HALF_AN_HOUR_MS = 1_800_000;
/** A job whose worker died is given to a fresh one so many times. */
const RETRIES = 1;

/** The worker's compiled script, also when this file runs from source (tests). Throws SamesightError `missing` where nothing was built. */
export function workerScript(): string {
  const found = ["worker.js", "../../dist/node/worker.js"].map((p) => resolve(import.meta.dirname, p)).find(existsSync);
  if (!found) throw new SamesightError("missing", "the worker's script is not built", { hint: "Run npm run build." });
  return found;
}

export interface ThreadsExecutor extends Executor {
  /** Starts the workers, which load their code while the caller prepares the study; else they start when the first job comes. */
  warm(): void;
  dispose(): Promise<void>;
}

/** Jobs on worker threads, each with its own sessions. Call `dispose` at the end. */
export function threadsExecutor(options: ThreadOptions): ThreadsExecutor {
  const seats = Array.from({ length: options.workers }, () => new Seat(options));
  return {
    workers: options.workers,
    async run(study, jobs, done) {
      const results = new Array<unknown>(jobs.length);
      const failures: { index: number; error: unknown }[] = [];
      let [next, finished] = [0, 0];
      const serve = async (seat: Seat) => {
        while (next < jobs.length && failures.length === 0 && !options.stopped()) {
          const index = next++;
          try {
            results[index] = await seat.doJob(study, jobs[index]!);
            done(++finished);
          } catch (error) {
            failures.push({ index, error });
          }
        }
      };
      await Promise.all(seats.slice(0, jobs.length).map(serve));
      failures.sort((a, b) => a.index - b.index);
      if (failures[0]) throw failures[0].error;
      if (finished < jobs.length) throw interrupted();
      return results;
    },
    async rest() {
      await Promise.all(seats.map((seat) => seat.rest()));
    },
    warm() {
      for (const seat of seats) seat.start();
    },
    async dispose() {
      await Promise.all(seats.map((seat) => seat.end()));
    },
  };
}

/** A place for one worker: a dead one is replaced. */
class Seat {
  #worker: Worker | undefined;
  #study: Study | undefined;
  #id = 0;

  constructor(private readonly options: ThreadOptions) {}

  async doJob(study: Study, job: Job): Promise<unknown> {
    for (let attempt = 0; ; attempt++) {
      try {
        if (!this.#worker || this.#study !== study) await this.#ask({ type: "study", id: ++this.#id, study });
        this.#study = study;
        return await this.#ask({ type: "job", id: ++this.#id, job });
      } catch (error) {
        if (!(error instanceof WorkerLost)) throw error;
        await this.end();
        if (attempt >= RETRIES) throw error.reason(job.step);
      }
    }
  }

  async rest(): Promise<void> {
    if (this.#worker && this.#study) await this.#ask({ type: "rest", id: ++this.#id }).catch(() => this.end());
  }

  async end(): Promise<void> {
    const worker = this.#worker;
    this.#worker = undefined;
    this.#study = undefined;
    await worker?.terminate();
  }

  start(): Worker {
    if (this.#worker) return this.#worker;
    const { script, storeDir, activationBytes, heapMb = HEAP_MB } = this.options;
    const workerData: WorkerSettings = { storeDir, ...(activationBytes === undefined ? {} : { activationBytes }) };
    const worker = new Worker(script ?? workerScript(), {
      workerData,
      resourceLimits: { maxOldGenerationSizeMb: heapMb },
    });
    // one that dies while nobody asks it anything is replaced when it is asked
    const gone = () => {
      if (this.#worker === worker) [this.#worker, this.#study] = [undefined, undefined];
    };
    worker.on("error", gone).on("exit", gone);
    this.#worker = worker;
    return worker;
  }

  #ask(message: ToWorker): Promise<unknown> {
    const { jobTimeoutMs = HALF_AN_HOUR_MS } = this.options;
    const worker = this.start();
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => settle(() => reject(new WorkerLost("hangs"))), jobTimeoutMs);
      const settle = (end: () => void) => {
        clearTimeout(timer);
        worker.off("message", onMessage).off("error", onError).off("exit", onExit);
        end();
      };
      const onMessage = ({ id, result, error }: FromWorker) => {
        if (id === message.id) settle(() => (error ? reject(fromPlainError(error)) : resolve(result)));
      };
      const onError = (error: NodeJS.ErrnoException) =>
        settle(() => reject(new WorkerLost(error.code ?? error.message)));
      const onExit = (code: number) => settle(() => reject(new WorkerLost(`ended with code ${code}`)));
      worker.on("message", onMessage).on("error", onError).on("exit", onExit);
      worker.postMessage(message);
    });
  }
}

class WorkerLost extends Error {
  /** What the user is told once trying again has not helped. */
  reason(step: string): SamesightError {
    if (this.message === "ERR_WORKER_OUT_OF_MEMORY") return outOfMemory(`a worker at step '${step}'`);
    return new SamesightError("exhausted", `a worker ${this.message} at step '${step}', and so did the one after it`, {
      hint: "Run again with --workers 1: finished work is kept and used.",
    });
  }
}
