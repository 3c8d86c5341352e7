import { join } from "node:path";
import type { Environment, Progress } from "../study.js";
import { createEngine } from "./engine.js";
import { decodePicture } from "./images.js";
import { openStore, sha256 } from "./store.js";
import { cacheDir } from "./zoo/fetch.js";

export interface EnvironmentOptions {
  readonly cacheDir?: string;
  readonly threads?: number;
  readonly progress?: (event: Progress) => void;
  readonly stopped?: () => boolean;
}

/** The outside world for `runStudy` on this machine. Call `dispose` at the end. */
export function createEnvironment(options: EnvironmentOptions = {}): Environment & { dispose(): Promise<void> } {
  const engine = createEngine({ threads: options.threads ?? 2 });
  return {
    engine,
    store: openStore(join(cacheDir(options.cacheDir), "store")),
    decode: decodePicture,
    hash: sha256,
    progress: options.progress ?? (() => undefined),
    stopped: options.stopped ?? (() => false),
    dispose: () => engine.dispose(),
  };
}
