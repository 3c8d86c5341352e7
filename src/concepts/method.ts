import type { Engine } from "../numerics/engine.js";
import type { Matrix, Random, Tensor4 } from "../numerics/types.js";
import type { ProjectOptions } from "./project.js";

/** How to fit. `random` and the rows decide the result; the engine does the heavy products. */
export interface FitOptions {
  /** Number of concepts, 1 <= k <= channels. */
  readonly k: number;
  readonly random: Random;
  readonly engine: Engine;
  /** Relative change of the objective at which the fit stops. */
  readonly tolerance: number;
  readonly maxIterations: number;
}

/** What a method found in the rows of one layer. */
export interface ConceptFit {
  /** P: k x c concept activation vectors, rows of unit l2 norm, sorted by energy, descending. */
  readonly vectors: Matrix;
  /** Share of explained energy of each concept, k values, sum 1: e_c = ||S_c P_c||^2 / sum. */
  readonly energy: Float64Array;
  /** EV = 1 - ||V - S P||^2 / ||V||^2 on the rows of the fit; <= 1. */
  readonly explainedVariance: number;
  /** 0.5 ||V - S P||^2 after the scaling of M6 (V divided by its global RMS). */
  readonly objective: number;
  readonly iterations: number;
  readonly converged: boolean;
}

/** A way to find concepts in rows of activations, and to see them again in new activations. One file a method. */
export interface ConceptMethod {
  readonly name: string;
  /** Whether vectors and scores may be negative; a method that is not signed gets rows >= 0. */
  readonly signed: boolean;
  /** V (r x c) -> concepts. Throws SamesightError `invalid` when k exceeds the channels or the rows, or V is all zero or not finite. */
  fit(rows: Matrix, options: FitOptions): Promise<ConceptFit>;
  /** A (n x c x h x w) -> scores (n x k x h x w). Deterministic; the same for any split of A into batches. */
  encode(activations: Tensor4, vectors: Matrix, engine: Engine): Promise<Tensor4>;
  /** The same for several sets of vectors, in their order, with A read once. */
  encodeAll(
    activations: Tensor4,
    sets: readonly Matrix[],
    engine: Engine,
    options?: ProjectOptions,
  ): Promise<Tensor4[]>;
}
