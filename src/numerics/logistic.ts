import type { Engine, TensorValue } from "./engine.js";
import { logisticGraph } from "./logisticgraph.js";
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

/** Value and gradient of each problem at its point (c weights, then the bias). One pass over the blocks; sums over blocks in double precision. */
export async function logisticPass(
  engine: Engine,
  blocks: BlockSource,
  problems: readonly LogisticProblem[],
  points: readonly Float64Array[],
  settings: LogisticSettings,
): Promise<LogisticValue[]> {
  const p = problems.length;
  const c = points[0]!.length - 1;
  const { lambda, dice, draws } = settings;
  const kernel = await engine.shared(`logistic-${dice ? "dice" : "bce"}`, () => logisticGraph(dice));
  const ints = (f: (q: LogisticProblem) => number): TensorValue => ({
    type: "int64",
    dims: [p],
    data: BigInt64Array.from(problems, (q) => BigInt(f(q))),
  });
  const row = (values: Iterable<number>): TensorValue => ({
    type: "float32",
    dims: [1, p],
    data: Float32Array.from(values),
  });
  const w = new Float32Array(p * c);
  points.forEach((x, j) => {
    w.set(x.subarray(0, c), j * c);
  });
  const fixed = {
    draws: { type: "float32" as const, dims: [draws.rows, draws.cols], data: draws.data },
    concept: ints((q) => q.concept),
    draw: ints((q) => q.draw),
    own: ints(() => 0),
    alpha: row(problems.map((q) => q.alpha)),
    norm: row(problems.map((q) => q.norm)),
    w: { type: "float32" as const, dims: [p, c], data: w },
    b: row(points.map((x) => x[c]!)),
  };
  const names = dice
    ? ["loss", "grad", "gradBias", "i", "a", "gradI", "gradA", "biasI", "biasA"]
    : ["loss", "grad", "gradBias"];
  const sums = Object.fromEntries(
    names.map((n) => [n, new Float64Array(n.startsWith("grad") && n !== "gradBias" ? p * c : p)]),
  );
  for await (const block of blocks) {
    for (const part of partsOf(block, ROWS_AT_ONCE)) {
      const each = part.u.dims[1]! > 1;
      const out = await kernel.run({ ...fixed, ...(each ? { own: fixed.concept } : {}), ...part });
      for (const name of names) addInto(sums[name]!, out[name]!.data as Float32Array);
    }
  }
  return problems.map((q, j) => {
    const at = (name: string) => sums[name]!.subarray(j * c, (j + 1) * c);
    const gradient = new Float64Array(c + 1);
    gradient.set(at("grad"));
    gradient[c] = sums.gradBias![j]!;
    let value = sums.loss![j]!;
    for (let i = 0; i < c; i++) {
      value += (lambda / 2) * points[j]![i]! ** 2;
      gradient[i]! += lambda * points[j]![i]!;
    }
    if (dice) {
      // D = 1 - 2 I / T, T = A + mass: dD = -2 dI / T + 2 I dA / T^2
      const total = sums.a![j]! + q.mass * q.norm;
      const both = sums.i![j]!;
      value += 1 - (2 * both) / total;
      const [gi, ga] = [at("gradI"), at("gradA")];
      for (let i = 0; i < c; i++) gradient[i]! += (-2 * gi[i]!) / total + (2 * both * ga[i]!) / total ** 2;
      gradient[c]! += (-2 * sums.biasI![j]!) / total + (2 * both * sums.biasA![j]!) / total ** 2;
    }
    return { value, gradient };
  });
}

/** Views of at most `most` rows, as the graph's feeds. */
export function* partsOf(
  block: LogisticBlock,
  most: number,
): Generator<Record<"x" | "m" | "u" | "image", TensorValue>> {
  const { rows: r, cols: c } = block.rows;
  const k = block.targets.length / r;
  const v = block.weights.length / r;
  for (let from = 0; from < r; from += most) {
    const to = Math.min(r, from + most);
    yield {
      x: { type: "float32", dims: [to - from, c], data: block.rows.data.subarray(from * c, to * c) },
      m: { type: "float32", dims: [to - from, k], data: block.targets.subarray(from * k, to * k) },
      u: { type: "float32", dims: [to - from, v], data: block.weights.subarray(from * v, to * v) },
      image: { type: "int32", dims: [to - from], data: block.images.subarray(from, to) },
    };
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
