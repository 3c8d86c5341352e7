import type { MinedLayer } from "./concepts/mine.js";
import type { StudyConfig } from "./contract/config.js";
import type { Preprocessing } from "./contract/preprocessing.js";
import type { Store } from "./contract/store.js";
import type { ImageRef, Picture } from "./dataset/types.js";
import type { Grid } from "./maps/grid.js";
import type { Thresholds } from "./maps/threshold.js";
import type { TwinHealth } from "./model/recalibrate.js";
import type { Tap } from "./model/types.js";
import type { BitMasks } from "./numerics/bits.js";
import type { Engine } from "./numerics/engine.js";
import type { Tensor4 } from "./numerics/types.js";
import type { PairResult } from "./similarity/compare.js";
import type { Executor } from "./study/executor.js";
import type { TrustResult } from "./study/trust.js";

/** A network ready for a study: taps chosen, heads pruned. Plain data, as everything in a study: it is sent to workers as it is. */
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
  /** ONNX bytes of the whole network, heads and all; only where the study replaces concepts and goes on (control `replacement`). */
  readonly whole?: Uint8Array;
}

/** What `runStudy` needs, apart from the outside world: networks ready to run, images to mine concepts from, other images to compare on. */
export interface Study {
  readonly config: StudyConfig;
  readonly networks: readonly StudyNetwork[];
  readonly fit: readonly ImageRef[];
  readonly test: readonly ImageRef[];
  /** Layers that were asked for and hold nothing on these images. */
  readonly leftOut?: readonly { readonly network: string; readonly layer: string }[];
}

/** A tap of a network as a layer of the study. */
export interface StudyLayer {
  /** 0-based, in the order of the study. */
  readonly network: number;
  readonly tap: Tap;
  /** 0-based place among the network's taps. */
  readonly index: number;
  /** Grid of its maps: its own, but no axis finer than the study's. */
  readonly grid: Grid;
}

/** What the pipeline tells while it works. */
export interface Progress {
  readonly stage: string;
  readonly what: string;
  readonly done: number;
  readonly total: number;
}

/** What a job may touch of the outside world; a worker has the same. */
export interface Outside {
  readonly engine: Engine;
  readonly store: Store;
  readonly decode: (image: ImageRef) => Promise<Picture>;
  /** sha256, hex. */
  readonly hash: (text: string) => string;
  /** Most bytes of activations of the test images that a study keeps, so that other concepts need no inference; 0 keeps none. Default in DEFAULTS. */
  readonly activationBytes?: number;
}

/** The outside world, as the pure stages see it. */
export interface Environment extends Outside {
  readonly progress: (event: Progress) => void;
  /** Whether the user asked to stop. */
  readonly stopped: () => boolean;
  /** Told after every job: may keep the store within its limit meanwhile, but what `needed` names must stay. */
  readonly tidy?: (needed: () => ReadonlySet<string>) => void;
  /** Who does the jobs; default: this thread. */
  readonly executor?: Executor;
}

/** One cell of the study: layers by their place in the study's list, a <= b. */
export interface PairCell {
  readonly a: number;
  readonly b: number;
  /** The coarser grid of the two layers, on which they are compared. */
  readonly grid: Grid;
  readonly result: PairResult;
  /** Mean best set IoU on the study's grid, uncorrected. */
  readonly raw: number;
  /** S' on the study's coarsest grid. */
  readonly coarsest: number;
}

export interface StudyComparison {
  readonly cells: readonly PairCell[];
  /** S' of each layer with its own refit. */
  readonly self: readonly number[];
  /** The same in each resample of the test images; undefined without resampling. */
  readonly selfSamples: readonly (Float64Array | undefined)[];
  /** Thresholds of each layer on its own grid. */
  readonly thresholds: readonly Thresholds[];
}

/** What `runStudy` gives. Layers are counted through all networks, in the order of `layers`. */
export interface StudyResult {
  readonly study: Study;
  readonly layers: readonly StudyLayer[];
  readonly mined: readonly MinedLayer[];
  readonly comparison: StudyComparison;
  /** What the numbers can be trusted with. */
  readonly trust: TrustResult;
  /**
   * Masks of some test images (their places in `study.test`) on the layer's own grid, or on another on which it meets a layer of the study, from
   * the store.
   */
  readonly masks: (layer: number, images: readonly number[], grid?: Grid) => Promise<BitMasks>;
  /** Concept maps of some test images on the layer's own grid, from the store: images x k x h x w. */
  readonly maps: (layer: number, images: readonly number[]) => Promise<Tensor4>;
}
