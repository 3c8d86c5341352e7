import type { Engine } from "../src/numerics/engine.js";
import type { Peer } from "./peer.js";

/** What one run of a contender gives: seconds of the work alone (no loading, no transport), and what else is worth a note. */
export interface Run {
  readonly seconds: number;
  readonly notes?: Readonly<Record<string, number | string>>;
}

export interface Contender {
  readonly name: string;
  run(): Promise<Run>;
}

/** One row of the table: ours against peers on the same arrays, run in turn (A B A B). */
export interface Comparison {
  /** Unique among all figures; letters, digits and dashes. */
  readonly id: string;
  /** What is done, with sizes. */
  readonly what: string;
  /** Cores each side may use. */
  readonly cores: number;
  readonly ours: Contender;
  /** The ratio is taken against the fastest of them (by median), or the first when `against` says so. */
  readonly peers: readonly Contender[];
  readonly against?: "fastest" | "first";
  /** Ours / peer at most; absent where a figure only informs. */
  readonly target?: number;
  /** One unmeasured run of each side before; default true. */
  readonly warmup?: boolean;
  /** What the reader must know about the data. */
  readonly data?: string;
}

/** A file of bench/figures/ exports one as `figure`; the driver finds it by itself. */
export interface Figure {
  /** File name without .ts. */
  readonly id: string;
  readonly title: string;
  /** Yields comparisons one after the other; each is measured before the next is made, so that one's arrays can be dropped. */
  comparisons(context: BenchContext): AsyncIterable<Comparison>;
}

export interface BenchContext {
  /** Smaller sizes, for a look whether everything runs; never written to bench/results. */
  readonly quick: boolean;
  /** An empty folder of this figure, removed afterwards. */
  readonly scratch: string;
  /** onnxruntime with so many threads; disposed of by the driver. */
  engine(threads: number): Engine;
  /** A Python process with bench/peers/<script>.py, so many threads for BLAS, OpenMP and torch; ended by the driver after the comparison. */
  peer(script: string, threads: number): Peer;
}

/** Seconds of an async function. */
export async function timed(work: () => Promise<unknown> | unknown): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}
