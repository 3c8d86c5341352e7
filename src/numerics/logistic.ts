import type { Engine, TensorValue } from "./engine.js";
import { logisticGraph, targetsGraph } from "./logisticgraph.js";
import type { Matrix } from "./types.js";

/**
 * Class-balanced logistic regression with soft targets (METHOD.md 1.2.3), many problems over the same rows:
 *   L(w, b) = -sum_r t_r [alpha m_r log s_r + (1 - alpha)(1 - m_r) log(1 - s_r)] + (lambda / 2) ||w||^2,  s = sigma(x w + b), sum_r t_r = 1, alpha = 1 - sum_r t_r m_r
 * and, with `dice`, + 1 - 2 sum t m s / (sum t s + sum t m). Rows are standardised channels; the bias is not penalised.
 */
export interface LogisticBlock {
  /** r x c, standardised. */
  readonly rows: Matrix;
  /** r x k, 0..1: share of each cell in the mask. */
  readonly targets: Float32Array;
  /** r, how much each row counts; or r x k, how much it counts for each concept. */
  readonly weights: Float32Array;
  /** r, the image of each row, 0-based. */
  readonly images: Int32Array;
}

/** Blocks that can be gone through again and again: an array, or a stream that is read anew each time. */
export type BlockSource = Iterable<LogisticBlock> | AsyncIterable<LogisticBlock>;

/** One problem: a concept over the images of one draw. */
export interface LogisticProblem {
  readonly concept: number;
  readonly draw: number;
  readonly alpha: number;
  /** 1 / sum of u over the draw (the concept's own u), and sum of u m over it (before the norm). */
  readonly norm: number;
  readonly mass: number;
}

export interface LogisticSettings {
  readonly lambda: number;
  readonly dice: boolean;
  /** n images x d: how often each image counts in each draw. */
  readonly draws: Matrix;
}

export interface LogisticValue {
  readonly value: number;
  /** c + 1: weights, then bias. */
  readonly gradient: Float64Array;
}

/** Most rows that go through the graph at once: single-precision sums stay short and arrays in cache. */
export const ROWS_AT_ONCE = 2048;
/** What does not change from pass to pass is kept up to so many bytes, else made again in each. */
const KEEP_BYTES = 64 * 2 ** 20;

/** Value and gradient of each problem at its point (c weights, then the bias). One pass over the blocks; sums over blocks in double precision. */
export function logisticPass(
  engine: Engine,
  blocks: BlockSource,
  problems: readonly LogisticProblem[],
  points: readonly Float64Array[],
  settings: LogisticSettings,
): Promise<LogisticValue[]> {
  return new LogisticPasses(engine, blocks, problems, settings).at([...problems.keys()], points);
}

/** Passes over the same blocks, each for the problems that are still open. */
export class LogisticPasses {
  readonly #kept: (readonly Targets[])[] | undefined;

  constructor(
    readonly engine: Engine,
    readonly blocks: BlockSource,
    readonly problems: readonly LogisticProblem[],
    readonly settings: LogisticSettings,
  ) {
    const rows = Array.isArray(blocks) ? (blocks as LogisticBlock[]).reduce((s, b) => s + b.rows.rows, 0) : Infinity;
    const arrays = settings.dice ? 4 : 2;
    if (rows * problems.length * arrays * 4 <= KEEP_BYTES) this.#kept = [];
  }

  /** Value and gradient of problems `open` at `points`, in that order. */
  async at(open: readonly number[], points: readonly Float64Array[]): Promise<LogisticValue[]> {
    const { dice } = this.settings;
    const p = open.length;
    const c = points[0]!.length - 1;
    const kernel = await this.engine.shared(`logistic-${dice ? "dice" : "bce"}`, () => logisticGraph(dice));
    const w = new Float32Array(p * c);
    points.forEach((x, j) => {
      w.set(x.subarray(0, c), j * c);
    });
    const fixed = {
      open: indices(this.#kept ? open : [...open.keys()]),
      w: { type: "float32" as const, dims: [p, c], data: w },
      b: column(points.map((x) => x[c]!)),
    };
    const scalars = dice ? ["loss", "gradBias", "i", "a", "biasI", "biasA"] : ["loss", "gradBias"];
    const vectors = dice ? ["grad", "gradI", "gradA"] : ["grad"];
    const sums = Object.fromEntries([
      ...scalars.map((name) => [name, new Float64Array(p)]),
      ...vectors.map((name) => [name, new Float64Array(p * c)]),
    ]) as Record<string, Float64Array>;
    let at = 0;
    for await (const block of this.blocks) {
      const targets = await this.#targets(block, at++, open);
      let part = 0;
      for (const x of partsOf(block.rows, ROWS_AT_ONCE)) {
        const out = await kernel.run({ ...fixed, ...targets[part++]!, x });
        for (const [name, sum] of Object.entries(sums)) addInto(sum, out[name]!.data as Float32Array);
      }
    }
    return open.map((which, j) => this.#value(this.problems[which]!, points[j]!, j, sums));
  }

  /** The targets of a block's parts: of all problems where they are kept, else of the open ones. */
  async #targets(block: LogisticBlock, at: number, open: readonly number[]): Promise<readonly Targets[]> {
    const known = this.#kept?.[at];
    if (known) return known;
    const { draws, dice } = this.settings;
    const problems = this.#kept ? this.problems : open.map((i) => this.problems[i]!);
    const kernel = await this.engine.shared(`targets-${dice ? "dice" : "bce"}`, () => targetsGraph(dice));
    const r = block.rows.rows;
    const fixed = {
      draws: { type: "float32" as const, dims: [draws.rows, draws.cols], data: draws.data },
      concept: indices(problems.map((q) => q.concept)),
      draw: indices(problems.map((q) => q.draw)),
      own: indices(problems.map((q) => (block.weights.length > r ? q.concept : 0))),
      alpha: column(problems.map((q) => q.alpha)),
      norm: column(problems.map((q) => q.norm)),
    };
    const rows = (data: Float32Array): Matrix => ({ data, rows: r, cols: data.length / r });
    const images = [...partsOf({ data: block.images, rows: r, cols: 1 }, ROWS_AT_ONCE)];
    const weights = [...partsOf(rows(block.weights), ROWS_AT_ONCE)];
    const out: Targets[] = [];
    for (const [i, m] of [...partsOf(rows(block.targets), ROWS_AT_ONCE)].entries())
      out.push(await kernel.run({ ...fixed, m, u: weights[i]!, image: { ...images[i]!, dims: [m.dims[0]!] } }));
    if (this.#kept) this.#kept[at] = out;
    return out;
  }

  #value(
    q: LogisticProblem,
    point: Float64Array,
    j: number,
    sums: Readonly<Record<string, Float64Array>>,
  ): LogisticValue {
    const { lambda, dice } = this.settings;
    const c = point.length - 1;
    const of = (name: string) => sums[name]!.subarray(j * c, (j + 1) * c);
    const gradient = new Float64Array(c + 1);
    gradient.set(of("grad"));
    gradient[c] = sums.gradBias![j]!;
    let value = sums.loss![j]!;
    for (let i = 0; i < c; i++) {
      value += (lambda / 2) * point[i]! ** 2;
      gradient[i]! += lambda * point[i]!;
    }
    if (dice) {
      // D = 1 - 2 I / T, T = A + mass: dD = -2 dI / T + 2 I dA / T^2
      const total = sums.a![j]! + q.mass * q.norm;
      const both = sums.i![j]!;
      value += 1 - (2 * both) / total;
      const [gi, ga] = [of("gradI"), of("gradA")];
      for (let i = 0; i < c; i++) gradient[i]! += (-2 * gi[i]!) / total + (2 * both * ga[i]!) / total ** 2;
      gradient[c]! += (-2 * sums.biasI![j]!) / total + (2 * both * sums.biasA![j]!) / total ** 2;
    }
    return { value, gradient };
  }
}

type Targets = Readonly<Record<string, TensorValue>>;

const indices = (values: readonly number[]): TensorValue => ({
  type: "int64",
  dims: [values.length],
  data: BigInt64Array.from(values, BigInt),
});

const column = (values: readonly number[]): TensorValue => ({
  type: "float32",
  dims: [values.length, 1],
  data: Float32Array.from(values),
});

/** Views of at most `most` rows. */
function* partsOf(
  { data, rows, cols }: { readonly data: Float32Array | Int32Array; readonly rows: number; readonly cols: number },
  most: number,
): Generator<TensorValue> {
  const type = data instanceof Int32Array ? "int32" : "float32";
  for (let from = 0; from < rows; from += most) {
    const to = Math.min(rows, from + most);
    yield { type, dims: [to - from, cols], data: data.subarray(from * cols, to * cols) };
  }
}

function addInto(sums: Float64Array, part: Float32Array): void {
  for (let i = 0; i < part.length; i++) sums[i]! += part[i]!;
}

/** u of row r for concept j. */
export function weightOf(block: LogisticBlock, r: number, j: number): number {
  const each = block.weights.length / block.rows.rows;
  return block.weights[each === 1 ? r : r * each + j]!;
}
