import type { MinedLayer } from "./concepts/mine.js";
import type { StudyConfig } from "./contract/config.js";
import type { Preprocessing } from "./contract/preprocessing.js";
import type { TensorFile } from "./contract/safetensors.js";
import type { Store } from "./contract/store.js";
import type { ImageRef, Picture } from "./dataset/types.js";
import { SamesightError } from "./errors.js";
import type { MapLayer } from "./maps/masks.js";
import type { TwinHealth } from "./model/recalibrate.js";
import type { Tap } from "./model/types.js";
import type { Engine } from "./numerics/engine.js";
import type { StudyComparison } from "./similarity/study.js";

/** Test images an artifact of maps. */
export const SHARD = 8;
/** Part of every key: raised when the code computes something else under the same parameters. */
export const CODE_VERSION = 1;

/** A network ready for a study: taps chosen, heads pruned. */
export interface StudyNetwork {
  readonly id: string;
  readonly source: string;
  readonly title: string;
  readonly family: string | null;
  readonly licence: string | null;
  readonly sha256: string;
  readonly parameterBytes: number;
  readonly preprocessing: Preprocessing;
  readonly inputName: string;
  readonly batchFree: boolean;
  readonly taps: readonly Tap[];
  /** Of a shuffled twin: what it was made from, and how healthy it is. */
  readonly twin?: { readonly of: string; readonly seed: number; readonly health: TwinHealth };
  /** ONNX bytes whose outputs are the taps. */
  readonly tapped: Uint8Array;
}

export interface Study {
  readonly config: StudyConfig;
  readonly networks: readonly StudyNetwork[];
  readonly fit: readonly ImageRef[];
  readonly test: readonly ImageRef[];
}

/** What the pipeline tells while it works. */
export interface Progress {
  readonly stage: string;
  readonly what: string;
  readonly done: number;
  readonly total: number;
}

/** The outside world, as the pure stages see it. */
export interface Environment {
  readonly engine: Engine;
  readonly store: Store;
  readonly decode: (image: ImageRef) => Promise<Picture>;
  /** sha256, hex. */
  readonly hash: (text: string) => string;
  readonly progress: (event: Progress) => void;
  /** Whether the user asked to stop. */
  readonly stopped: () => boolean;
}

export type StudyLayer = MapLayer;

export interface StudyResult {
  readonly study: Study;
  readonly layers: readonly MapLayer[];
  readonly mined: readonly MinedLayer[];
  readonly comparison: StudyComparison;
}

/** A key from everything that determines a result. */
export function keyOf(env: Pick<Environment, "hash">, ...parts: readonly unknown[]): string {
  return env.hash(JSON.stringify([CODE_VERSION, ...parts]));
}

/** A finished result from the store, or made and kept. Throws SamesightError `interrupted` between two pieces of work when the user stopped. */
export async function artifact(env: Environment, key: string, make: () => Promise<TensorFile>): Promise<TensorFile> {
  const known = await env.store.get(key);
  if (known) return known;
  if (env.stopped()) {
    throw new SamesightError("interrupted", "stopped; what is finished is kept", {
      hint: "Run the same command again to go on.",
    });
  }
  const file = await make();
  await env.store.put(key, file);
  return file;
}
