import type { ChildProcessWithoutNullStreams } from "node:child_process";
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Contender, Run } from "./figure.js";

export const PYTHON = process.env.SAMESIGHT_PYTHON ?? "/usr/bin/python3";

/** A Python process that holds a peer's arrays: one JSON line asks, one answers (bench/peers/serve.py). */
export class Peer {
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #answers: AsyncIterableIterator<string>;
  #errors = "";

  constructor(script: string, threads: number) {
    // full speed for BLAS: nothing that pins an older kernel
    const { OPENBLAS_CORETYPE: _core, OPENBLAS_L2_SIZE: _cache, ...env } = process.env;
    const count = String(threads);
    this.#process = spawn(PYTHON, [fileURLToPath(new URL("peers/serve.py", import.meta.url)), script], {
      env: {
        ...env,
        OPENBLAS_NUM_THREADS: count,
        OMP_NUM_THREADS: count,
        MKL_NUM_THREADS: count,
        TORCH_THREADS: count,
      },
    });
    this.#process.stderr.on("data", (text) => {
      this.#errors = (this.#errors + text).slice(-4000);
    });
    this.#answers = createInterface({ input: this.#process.stdout })[Symbol.asyncIterator]();
  }

  /** Calls function `name` of the script with keyword arguments. */
  async call<T>(name: string, args: Record<string, unknown> = {}): Promise<T> {
    this.#process.stdin.write(`${JSON.stringify([name, args])}\n`);
    const { value, done } = await this.#answers.next();
    if (done) throw new Error(`the peer died in ${name}:\n${this.#errors}`);
    return JSON.parse(value) as T;
  }

  /** A function of the script that times itself: returns {"seconds": ..., "notes": {...}}. */
  contender(name: string, call: string, args: Record<string, unknown> = {}): Contender {
    return { name, run: () => this.call<Run>(call, args) };
  }

  end(): void {
    this.#process.stdin.end();
    this.#process.kill();
  }
}
