/**
 * The contract of a control: a known measure of representational similarity that stands beside samesight's own.
 *   X  n x d1, Y  n x d2: the same n samples in the same order (images pooled, or pixels of aligned grids; the caller decides and says which)
 * Work on one item (`prepare`) is apart from work on a pair (`compare`), so a study of L layers prepares L times, not L squared.
 */
import type { Engine } from "../../numerics/engine.js";
import type { Matrix, Random } from "../../numerics/types.js";

export interface Context {
  readonly engine: Engine;
  readonly random: Random;
}

export interface Score {
  /** The number, in the measure's range; for an asymmetric measure from X to Y as its description says. null when refused. */
  readonly value: number | null;
  /** Of an asymmetric measure: the same from Y to X. */
  readonly reverse?: number;
  /** What the measure gives for unrelated items, where a formula says so. */
  readonly chance?: number;
  /** What a reader should know before trusting the value. */
  readonly note?: string;
  /** Why there is no value: what was needed and what was found. */
  readonly refused?: string;
}

export interface Prepared<Item = unknown> {
  /** Samples. */
  readonly n: number;
  readonly item?: Item;
  readonly refused?: string;
}

export interface Measure<Item = unknown, Options = object> {
  /** What columns of files call it. */
  readonly id: string;
  readonly title: string;
  readonly range: readonly [number, number];
  readonly symmetric: boolean;
  /** One sentence: what a high value is evidence of. */
  readonly purpose: string;
  /** Changes of one item's features that leave the value as it is. */
  readonly invariantTo: readonly Invariance[];
  readonly defaults: Required<Options>;
  prepare(x: Matrix, context: Context, options?: Options): Promise<Prepared<Item>>;
  /** Both items prepared with the same options. Refuses what either refused. */
  compare(a: Prepared<Item>, b: Prepared<Item>, context: Context, options?: Options): Promise<Score>;
}

export type Invariance =
  | "permutation"
  | "isotropic scaling"
  | "channel scaling"
  | "translation"
  | "rotation"
  | "invertible linear map";

/** X against Y in one call, for one pair; never NaN: a measure that has no answer refuses with the reason. */
export async function measure<Item, Options>(
  m: Measure<Item, Options>,
  x: Matrix,
  y: Matrix,
  context: Context,
  options?: Options,
): Promise<Score> {
  return m.compare(await m.prepare(x, context, options), await m.prepare(y, context, options), context, options);
}

export function refusal(refused: string): { readonly value: null; readonly refused: string } {
  return { value: null, refused };
}

/** The reason of either side, or of their sizes; undefined when the pair can be compared. */
export function pairRefusal(a: Prepared, b: Prepared): string | undefined {
  if (a.refused !== undefined) return a.refused;
  if (b.refused !== undefined) return b.refused;
  return a.n === b.n ? undefined : `${a.n} samples on one side, ${b.n} on the other: both must be the same samples`;
}

/** A value as a score; a number that is not finite is refused, never passed on. */
export function scored(value: number, more: Omit<Score, "value" | "refused"> = {}): Score {
  return Number.isFinite(value)
    ? { value, ...more }
    : refusal("the value is not a finite number: the features hardly vary");
}
