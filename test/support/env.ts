import { createHash } from "node:crypto";
import type { TensorFile } from "../../src/contract/safetensors.js";
import { filled } from "../../src/contract/store.js";
import type { ImageRef, Picture } from "../../src/dataset/types.js";
import { createEngine } from "../../src/node/engine.js";
import type { Environment } from "../../src/study.js";

/** The real engine, a store in memory, pictures from a function. */
export function memoryEnvironment(decode: (image: ImageRef) => Picture): Environment & { dispose(): Promise<void> } {
  const engine = createEngine();
  const kept = new Map<string, TensorFile>();
  return {
    engine,
    store: {
      get: async (key) => kept.get(key),
      has: async (key) => kept.has(key),
      put: async (key, file) => void kept.set(key, file),
      putPieces: async (key, shapes, metadata, fill) => void kept.set(key, await filled(shapes, metadata, fill)),
    },
    decode: async (image) => decode(image),
    hash: (text) => createHash("sha256").update(text).digest("hex"),
    progress: () => undefined,
    stopped: () => false,
    dispose: () => engine.dispose(),
  };
}
