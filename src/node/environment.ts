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

export interface EnvironmentOptions {
  readonly cacheDir?: string;
  /** Bytes of artifacts that stay in the cache after a run. */
  readonly cacheBytes?: number;
  /** Most bytes of activations of the test images that a run keeps. */
  readonly activationBytes?: number;
  /** Worker threads; 0 does all work in this thread. Default: DEFAULTS.workers, and no more than the machine runs at a time. */
  readonly workers?: number;
  readonly progress?: (event: Progress) => void;
  readonly stopped?: () => boolean;
}

/** Folder of the artifacts below the cache's. */
export const storeDirOf = (cache?: string): string => join(cacheDir(cache), "store");

/** The outside world for `runStudy` on this machine. Call `dispose` at the end. */
export function createEnvironment(options: EnvironmentOptions = {}): Environment & { dispose(): Promise<void> } {
  const storeDir = storeDirOf(options.cacheDir);
  const stopped = options.stopped ?? (() => false);
  const workers = options.workers ?? Math.min(DEFAULTS.workers, availableParallelism());
  const budget = options.activationBytes === undefined ? {} : { activationBytes: options.activationBytes };
  // one thread an operator: workers are the parallelism, and bits do not depend on their number
  const engine = createEngine({ threads: 1 });
  const executor = workers > 0 ? threadsExecutor({ workers, storeDir, stopped, ...budget }) : undefined;
  return {
    engine,
    store: openStore(storeDir),
    decode: decodePicture,
    hash: sha256,
    ...budget,
    ...(executor ? { executor } : {}),
    progress: options.progress ?? (() => undefined),
    stopped,
    async dispose() {
      await executor?.dispose();
      await engine.dispose();
      await collectGarbage(storeDir, options.cacheBytes ?? DEFAULTS.cacheBytes);
    },
  };
}
