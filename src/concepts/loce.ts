import type { Engine } from "../numerics/engine.js";
import type { LogisticBlock } from "../numerics/logistic.js";
import { ROWS_AT_ONCE } from "../numerics/logistic.js";
import type { Matrix } from "../numerics/types.js";
import { refitPrepared } from "./probe.js";
import type { PreparedRows } from "./proberows.js";

/**
 * Settings of local concept embeddings. `lambda`: penalty on standardised channels, by the cells it was not learned from (docs/methods.md). `fields`: a
 * photograph is split into two halves like a chessboard of so many fields a side, or of the layer's cells where these are fewer. `mostImages`: of a concept ([LOCE]: 500 a category). `mostCells`: of a photograph.
 */
export const LOCE = { lambda: 0.03, fields: 16, mostImages: 500, mostCells: 4096, tolerance: 1e-4 } as const;

/** Mean and deviation of a layer's channels over the cells of all photographs; deviation 0 for a dead channel. */
export interface ChannelScale {
  readonly mean: Float64Array;
  readonly deviation: Float64Array;
}

/** The cells of one photograph in one layer. */
export interface LocalCells {
  /** r x c raw activations. */
  readonly rows: Matrix;
  /** r x k: share of each cell in the mask of each concept to learn, 0..1. */
  readonly targets: Float32Array;
  /** r x k: how much of it is known. */
  readonly weights: Float32Array;
  /** r: 0 or 1, the half of the photograph. */
  readonly half: Uint8Array;
}

/** One concept on one photograph. */
export interface LocalVector {
  /** Place among the concepts asked for. */
  readonly concept: number;
  /** c, on raw activations: score = vector . a + bias. */
  readonly vector: Float32Array;
  readonly bias: number;
  /** c, of length 1, on standardised channels: what distances are taken between. */
  readonly unit: Float32Array;
  /** The same of vectors learned on one half each; undefined where a half shows none of the concept or nothing else. */
  readonly halves: readonly [Float32Array, Float32Array] | undefined;
  /** Set IoU at probability 0.5 on the half that a vector was not learned from, both halves together; NaN without halves. */
  readonly iou: number;
}

/**
 * A vector for each concept of one photograph, from its cells alone (METHOD.md 1.2.1, column LoCE). Differs from the published: the convex class-balanced cross
 * entropy with a bias and a penalty, on the layer's standardised channels, solved with L-BFGS from zero, in place of 50 AdamW steps on the linear loss of raw
 * channels; the layer's own cells in place of 100 x 100. Concepts that the photograph lacks, or that fill it, give none.
 */
export async function fitLocal(
  cells: LocalCells,
  scale: ChannelScale,
  lambda: number,
  engine: Engine,
): Promise<LocalVector[]> {
  const prepared = prepare(cells, scale);
  const { channels: c, concepts: k } = prepared;
  if (prepared.rows === 0) return [];
  // columns: the whole photograph, each half
  const draws: Matrix = { data: Float32Array.of(1, 1, 0, 1, 0, 1), rows: 2, cols: 3 };
  const start = { vectors: { data: new Float32Array(k * c), rows: k, cols: c }, bias: new Float64Array(k) };
  // no whitening: a photograph has fewer cells than a layer has channels
  const options = { lambda, tolerance: LOCE.tolerance, whiten: false, start };
  const [whole, first, second] = await refitPrepared(prepared, draws, options, engine);
  const out: LocalVector[] = [];
  for (let j = 0; j < k; j++) {
    const unit = unitOf(whole!.vectors, j, scale);
    if (!unit) continue;
    const [a, b] = [unitOf(first!.vectors, j, scale), unitOf(second!.vectors, j, scale)];
    out.push({
      concept: j,
      vector: whole!.vectors.data.slice(j * c, (j + 1) * c),
      bias: whole!.bias[j]!,
      unit,
      halves: a && b ? [a, b] : undefined,
      iou: a && b ? crossIou(cells, j, [second!, first!]) : Number.NaN,
    });
  }
  return out;
}

function prepare({ rows, targets, weights, half }: LocalCells, { mean, deviation }: ChannelScale): PreparedRows {
  const { rows: r, cols: c } = rows;
  const k = r === 0 ? 0 : targets.length / r;
  const mass = new Float64Array(2 * 2 * k);
  const scale = deviation.map((d) => (d > 0 ? 1 / d : 0));
  const blocks: LogisticBlock[] = [];
  for (let from = 0; from < r; from += ROWS_AT_ONCE) {
    const to = Math.min(r, from + ROWS_AT_ONCE);
    const data = new Float32Array((to - from) * c);
    for (let i = from, at = 0; i < to; i++)
      for (let j = 0; j < c; j++, at++) data[at] = (rows.data[i * c + j]! - mean[j]!) * scale[j]!;
    blocks.push({
      rows: { data, rows: to - from, cols: c },
      targets: targets.slice(from * k, to * k),
      weights: weights.slice(from * k, to * k),
      images: Int32Array.from(half.subarray(from, to)),
    });
  }
  for (let i = 0; i < r; i++) {
    for (let j = 0; j < k; j++) {
      const to = half[i]! * 2 * k + j;
      mass[to]! += weights[i * k + j]!;
      mass[to + k]! += weights[i * k + j]! * targets[i * k + j]!;
    }
  }
  return { blocks, held: true, rows: r, channels: c, concepts: k, images: 2, mean, scale, mass };
}

/** Row j on standardised channels, of length 1; undefined where it is all zero. */
function unitOf({ data, cols: c }: Matrix, j: number, { deviation }: ChannelScale): Float32Array | undefined {
  const out = new Float32Array(c);
  let sum = 0;
  for (let i = 0; i < c; i++) {
    out[i] = data[j * c + i]! * deviation[i]!;
    sum += out[i]! ** 2;
  }
  if (!(sum > 0)) return undefined;
  const by = 1 / Math.sqrt(sum);
  return out.map((v) => v * by);
}

/** `fits`: which fit judges the cells of each half. */
function crossIou(
  { rows, targets, weights, half }: LocalCells,
  j: number,
  fits: readonly { readonly vectors: Matrix; readonly bias: Float64Array }[],
): number {
  const { data, rows: r, cols: c } = rows;
  const k = targets.length / r;
  let both = 0;
  let either = 0;
  for (let i = 0; i < r; i++) {
    const { vectors, bias } = fits[half[i]!]!;
    let score = bias[j]!;
    for (let x = 0; x < c; x++) score += vectors.data[j * c + x]! * data[i * c + x]!;
    const u = weights[i * k + j]!;
    const m = targets[i * k + j]!;
    both += score > 0 ? u * m : 0;
    either += score > 0 ? u : u * m;
  }
  return either > 0 ? both / either : Number.NaN;
}
