import { SamesightError } from "../errors.js";
import type { BlockSource, LogisticBlock } from "../numerics/logistic.js";
import { ROWS_AT_ONCE, weightOf } from "../numerics/logistic.js";
import type { Matrix } from "../numerics/types.js";

/** Rows of a layer with what is labelled on them, some images' worth. */
export interface ProbeShard {
  /** r x c raw activations, one row a cell. */
  readonly rows: Matrix;
  /** r x k: share of each cell in each concept's mask, 0..1. */
  readonly targets: Float32Array;
  /** r: share of each cell that is known (0 in padding), or r x k where that differs between concepts; all 1 when absent. */
  readonly weights?: Float32Array;
  /** r: the image of each row, 0-based. */
  readonly images: Int32Array;
}

/** Shards that can be gone through more than once. */
export type ShardSource = Iterable<ProbeShard> | AsyncIterable<ProbeShard>;

/** Rows ready for fits: each channel of mean 0 and deviation 1 under the rows' weights, dead channels 0. */
export interface PreparedRows {
  readonly blocks: BlockSource;
  /** Whether the blocks are in memory; otherwise each pass reads the shards again. */
  readonly held: boolean;
  readonly rows: number;
  readonly channels: number;
  readonly concepts: number;
  readonly images: number;
  /** Per channel: mean, and 1 / deviation (0 for a dead channel). */
  readonly mean: Float64Array;
  readonly scale: Float64Array;
  /** images x 2k: sum of weights of each concept, then of weights times targets. */
  readonly mass: Float64Array;
}

/** Deviations below this share of the mean are rounding. */
const ROUNDING = 1e-6;

/**
 * One pass for the statistics; rows are kept (standardised) while they fit into `holdBytes`, else every later pass reads `shards` again.
 * Throws SamesightError `exhausted` without rows, `invalid` for activations that are not finite or targets outside [0, 1].
 */
export async function prepareRows(shards: ShardSource, holdBytes: number): Promise<PreparedRows> {
  let kept: LogisticBlock[] | undefined = [];
  let bytes = 0;
  let rows = 0;
  let c = 0;
  let k = 0;
  let sums = new Float64Array(0);
  let squares = new Float64Array(0);
  let shift = new Float64Array(0);
  let total = 0;
  const mass: number[][] = [];
  for await (const shard of shards) {
    if (shard.rows.rows === 0) continue;
    if (rows === 0) {
      c = shard.rows.cols;
      k = shard.targets.length / shard.rows.rows;
      sums = new Float64Array(c);
      squares = new Float64Array(c);
      shift = Float64Array.from(shard.rows.data.subarray(0, c));
    }
    const block = blockOf(shard, c, k);
    total += addStatistics(block, sums, squares, shift, mass);
    rows += shard.rows.rows;
    bytes += 4 * (block.rows.data.length + block.targets.length + block.weights.length + shard.rows.rows);
    if (bytes > holdBytes) kept = undefined;
    kept?.push(block);
  }
  if (!(total > 0))
    throw new SamesightError("exhausted", "probe: no labelled cells to learn from", {
      hint: "Give labels of the images to fit.",
    });
  const mean = sums.map((s, i) => shift[i]! + s / total);
  const scale = squares.map((q, i) => {
    const sd = Math.sqrt(Math.max(0, q / total - (sums[i]! / total) ** 2));
    return sd > ROUNDING * Math.abs(mean[i]!) && sd > 0 ? 1 / sd : 0;
  });
  const images = mass.length;
  const table = new Float64Array(images * 2 * k);
  for (let x = 0; x < images; x++) table.set(mass[x] ?? new Array(2 * k).fill(0), x * 2 * k);
  const held = kept && packed(kept, mean, scale);
  const blocks: BlockSource = held ?? {
    async *[Symbol.asyncIterator]() {
      for await (const shard of shards) {
        if (shard.rows.rows === 0) continue;
        const block = blockOf(shard, c, k);
        const data = new Float32Array(block.rows.data.length);
        standardiseInto(data, 0, block.rows.data, mean, scale);
        yield { ...block, rows: { ...block.rows, data } };
      }
    },
  };
  return { blocks, held: held !== undefined, rows, channels: c, concepts: k, images, mean, scale, mass: table };
}

function blockOf(shard: ProbeShard, c: number, k: number): LogisticBlock {
  const { rows, cols } = shard.rows;
  if (
    cols !== c ||
    shard.targets.length !== rows * k ||
    shard.images.length !== rows ||
    (shard.weights && shard.weights.length !== rows && shard.weights.length !== rows * k)
  ) {
    throw new SamesightError(
      "invalid",
      `probe: a shard of ${rows} rows of ${cols} channels with ${shard.targets.length} targets does not go with ${c} channels and ${k} concepts`,
    );
  }
  return {
    rows: shard.rows,
    targets: shard.targets,
    weights: shard.weights ?? new Float32Array(rows).fill(1),
    images: shard.images,
  };
}

/** Adds weighted sums of x - shift and of its square; returns the sum of weights. */
function addStatistics(
  block: LogisticBlock,
  sums: Float64Array,
  squares: Float64Array,
  shift: Float64Array,
  mass: number[][],
): number {
  const { rows, targets, weights, images } = block;
  const k = targets.length / rows.rows;
  const counts = new Float64Array(rows.rows);
  let total = 0;
  for (let r = 0; r < rows.rows; r++) {
    const own = mass[images[r]!] ?? new Array<number>(2 * k).fill(0);
    mass[images[r]!] = own;
    // a row is part of the layer's statistics as far as it is known for any concept
    let most = weights.length === block.rows.rows ? weights[r]! : 0;
    for (let j = 0; j < k; j++) {
      const m = targets[r * k + j]!;
      if (!(m >= 0 && m <= 1)) throw new SamesightError("invalid", `probe: a target of ${m} is not in [0, 1]`);
      const u = weightOf(block, r, j);
      own[j]! += u;
      own[k + j]! += u * m;
      if (u > most) most = u;
    }
    counts[r] = most;
    total += most;
  }
  addMoments(rows, counts, sums, squares, shift);
  if (!sums.every(Number.isFinite) || !squares.every(Number.isFinite)) {
    throw new SamesightError("invalid", "probe: the layer's activations are not finite", {
      hint: "The network overflows on these images; check its preprocessing (--preprocess).",
    });
  }
  return total;
}

/** Four rows at a time: the sums are read and written a quarter as often. */
function addMoments(
  { data, rows, cols: c }: Matrix,
  counts: Float64Array,
  sums: Float64Array,
  squares: Float64Array,
  shift: Float64Array,
): void {
  let r = 0;
  for (; r + 4 <= rows; r += 4) {
    const [u0, u1, u2, u3] = [counts[r]!, counts[r + 1]!, counts[r + 2]!, counts[r + 3]!];
    for (let i = 0, at = r * c; i < c; i++, at++) {
      const by = shift[i]!;
      const v0 = data[at]! - by;
      const v1 = data[at + c]! - by;
      const v2 = data[at + 2 * c]! - by;
      const v3 = data[at + 3 * c]! - by;
      sums[i]! += u0 * v0 + u1 * v1 + (u2 * v2 + u3 * v3);
      squares[i]! += u0 * v0 * v0 + u1 * v1 * v1 + (u2 * v2 * v2 + u3 * v3 * v3);
    }
  }
  for (; r < rows; r++) {
    const u = counts[r]!;
    for (let i = 0; i < c; i++) {
      const v = data[r * c + i]! - shift[i]!;
      sums[i]! += u * v;
      squares[i]! += u * v * v;
    }
  }
}

/** Rows standardised, from place `at` of `out` on. */
function standardiseInto(out: Float32Array, at: number, data: Float32Array, mean: Float64Array, scale: Float64Array) {
  const c = mean.length;
  for (let from = 0; from < data.length; from += c)
    for (let i = 0; i < c; i++) out[at + from + i] = (data[from + i]! - mean[i]!) * scale[i]!;
}

/** Blocks joined until each fills a run of the graph, standardised; the given ones are let go as they are copied. Weights differ between concepts in all or in none. */
function packed(blocks: LogisticBlock[], mean: Float64Array, scale: Float64Array): LogisticBlock[] {
  const each = blocks.some((b) => b.weights.length > b.rows.rows);
  const out: LogisticBlock[] = [];
  for (let from = 0, to = 0; from < blocks.length; from = to) {
    let rows = 0;
    while (to < blocks.length && (rows === 0 || rows + blocks[to]!.rows.rows <= ROWS_AT_ONCE))
      rows += blocks[to++]!.rows.rows;
    const part = blocks.slice(from, to);
    blocks.fill(undefined as never, from, to);
    out.push(joined(part, rows, each, mean, scale));
  }
  return out;
}

function joined(
  part: readonly LogisticBlock[],
  rows: number,
  each: boolean,
  mean: Float64Array,
  scale: Float64Array,
): LogisticBlock {
  const { cols } = part[0]!.rows;
  const k = part[0]!.targets.length / part[0]!.rows.rows;
  const v = each ? k : 1;
  const data = new Float32Array(rows * cols);
  const targets = new Float32Array(rows * k);
  const weights = new Float32Array(rows * v);
  const images = new Int32Array(rows);
  let at = 0;
  for (const block of part) {
    const r = block.rows.rows;
    standardiseInto(data, at * cols, block.rows.data, mean, scale);
    targets.set(block.targets, at * k);
    images.set(block.images, at);
    if (!each || block.weights.length > r) weights.set(block.weights, at * v);
    else for (let i = 0; i < r * v; i++) weights[at * v + i] = block.weights[Math.floor(i / v)]!;
    at += r;
  }
  return { rows: { data, rows, cols }, targets, weights, images };
}
