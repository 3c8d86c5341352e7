import { availableParallelism } from "node:os";
import { join } from "node:path";
import { DEFAULTS } from "../contract/defaults.js";
import type { Environment, Progress } from "../study.js";
import { collectGarbage } from "./cache.js";
import { createEngine } from "./engine.js";
import { decodePicture } from "./images.js";
import { openStore, sha256 } from "./store.js";
import { threadsExecutor } from "./threads.js";
import { cacheDir } from "./zoo/fetch.js";

/** Where artifacts are kept, how many workers run, and who is told. */
export interface EnvironmentOptions {
  readonly cacheDir?: string;
  /** Bytes of artifacts that stay in the cache; held while a run lasts too, but for what that run still needs. */
  readonly cacheBytes?: number;
  /** The cache is looked through no more often than this while a run lasts. Default: a minute. */
  readonly tidyEveryMs?: number;
  /** Most bytes of activations of the test images that a run keeps. */
  readonly activationBytes?: number;
  /** Worker threads; 0 does all work in this thread. Default: DEFAULTS.workers, and no more than the machine runs at a time. */
  readonly workers?: number;
  readonly progress?: (event: Progress) => void;
  readonly stopped?: () => boolean;
}

/** Folder of the artifacts below the cache's. */
export const storeDirOf = (cache?: string): string => join(cacheDir(cache), "store");

const A_MINUTE_MS = 60_000;

/** The outside world for `runStudy` on this machine. Call `dispose` at the end. */
export function createEnvironment(options: EnvironmentOptions = {}): Environment & { dispose(): Promise<void> } {
  const storeDir = storeDirOf(options.cacheDir);
  const stopped = options.stopped ?? (() => false);
  const workers = options.workers ?? Math.min(DEFAULTS.workers, availableParallelism());
  const budget = options.activationBytes === undefined ? {} : { activationBytes: options.activationBytes };
  // one thread an operator: workers are the parallelism, and bits do not depend on their number
  const engine = createEngine({ threads: 1 });
  const executor = workers > 0 ? threadsExecutor({ workers, storeDir, stopped, ...budget }) : undefined;
  const limit = options.cacheBytes ?? DEFAULTS.cacheBytes;
  let tidying: Promise<unknown> | undefined;
  let lastMs = Number.NEGATIVE_INFINITY;
  executor?.warm();
  return {
    engine,
    store: openStore(storeDir),
    decode: decodePicture,
    hash: sha256,
    ...budget,
    ...(executor ? { executor } : {}),
    progress: options.progress ?? (() => undefined),
    stopped,
    tidy(needed) {
      if (tidying || performance.now() - lastMs < (options.tidyEveryMs ?? A_MINUTE_MS)) return;
      tidying = collectGarbage(storeDir, limit, needed)
        .catch(() => undefined) // what cannot be removed now is met again at the end
        .finally(() => {
          tidying = undefined;
          lastMs = performance.now();
        });
    },
    async dispose() {
      await executor?.dispose();
      await engine.dispose();
      await tidying;
      await collectGarbage(storeDir, limit);
    },
  };
}
