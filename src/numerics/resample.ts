import { KernelMemory } from "./kernels.js";
import { WASM } from "./resample.wasm.js";

/**
 * Resampling of planes by separable weights. A window [lo, hi] of the source axis (unit coordinates, 0..1 over nIn cells)
 * is cut into nOut target cells; each target cell is a weighted mean of source cells.
 *   area      source cells are piecewise constant; weights are fractional overlaps (the exact integral over the target cell)
 *   bilinear  half-pixel centres, borders repeated: PyTorch's interpolate(mode="bilinear", align_corners=False) when the window is [0, 1]
 */

/** Sparse rows of an nOut x nIn matrix: row t holds `weights[t * most .. ]` for source cells `start[t]`, `start[t] + 1`, ... Each row sums to 1. */
export interface AxisWeights {
  readonly nIn: number;
  readonly nOut: number;
  readonly start: Int32Array;
  readonly count: Int32Array;
  readonly most: number;
  readonly weights: Float64Array;
  /** Row t is source cell t alone, for all t: nothing changes. */
  readonly identity: boolean;
}

/** Overlaps shorter than this share of a source cell are rounding, not content. */
const TINY = 1e-9;

export function areaWeights(nIn: number, lo: number, hi: number, nOut: number): AxisWeights {
  const first = lo * nIn;
  const length = (hi - lo) * nIn;
  return fromRows(nIn, nOut, (t) => {
    const a = first + (length * t) / nOut;
    const b = first + (length * (t + 1)) / nOut;
    const tiny = Math.min(TINY, ((b - a) * TINY) / 2);
    const start = Math.min(nIn - 1, Math.max(0, Math.floor(a + tiny)));
    const end = Math.max(start + 1, Math.min(nIn, Math.ceil(b - tiny)));
    return { start, values: Array.from({ length: end - start }, (_, j) => overlap(start + j, a, b)) };
  });
}

function overlap(cell: number, a: number, b: number): number {
  return Math.max(0, Math.min(b, cell + 1) - Math.max(a, cell));
}

/**
 * `bounds` (unit coordinates) are the part of the axis that carries content: cells wholly outside it are never mixed in, the last cell inside is
 * repeated instead.
 */
export function bilinearWeights(
  nIn: number,
  lo: number,
  hi: number,
  nOut: number,
  bounds: readonly [number, number] = [0, 1],
): AxisWeights {
  const low = Math.min(nIn - 1, Math.max(0, Math.floor(bounds[0] * nIn + TINY)));
  const high = Math.max(low, Math.min(nIn, Math.ceil(bounds[1] * nIn - TINY)) - 1);
  return fromRows(nIn, nOut, (t) => {
    const centre = lo * nIn + ((hi - lo) * nIn * (t + 0.5)) / nOut - 0.5;
    const at = Math.min(high, Math.max(low, centre));
    const start = Math.floor(at);
    const right = at - start;
    return right === 0 ? { start, values: [1] } : { start, values: [1 - right, right] };
  });
}

function fromRows(nIn: number, nOut: number, row: (t: number) => { start: number; values: number[] }): AxisWeights {
  const rows = Array.from({ length: nOut }, (_, t) => row(t));
  const most = Math.max(1, ...rows.map((r) => r.values.length));
  const weights = new Float64Array(nOut * most);
  rows.forEach(({ values }, t) => {
    const sum = values.reduce((s, v) => s + v, 0);
    // a window of no width is a point: the cell that holds it
    for (let j = 0; j < values.length; j++) weights[t * most + j] = sum > 0 ? values[j]! / sum : 1 / values.length;
  });
  return {
    nIn,
    nOut,
    start: Int32Array.from(rows, (r) => r.start),
    count: Int32Array.from(rows, (r) => r.values.length),
    most,
    weights,
    identity: nIn === nOut && rows.every((r, t) => r.start === t && r.values.length === 1),
  };
}

interface Exports {
  resample(
    data: number,
    planes: number,
    hIn: number,
    wIn: number,
    hOut: number,
    wOut: number,
    startY: number,
    countY: number,
    mostY: number,
    weightsY: number,
    startX: number,
    countX: number,
    mostX: number,
    weightsX: number,
    row: number,
    out: number,
  ): void;
}

/** Bytes of source and target planes that lie in the kernel's memory at a time: they stay in the cache. */
const BLOCK_BYTES = 1 << 20;
/** One memory for all calls: what a call needs is laid out anew. */
const heap = new KernelMemory();
let kernel: Exports | undefined;
let base = 0;
let room = 0;

/**
 * `planes` planes of hIn x wIn (row-major, one after the other) -> the same planes on wy.nOut x wx.nOut, in WebAssembly SIMD. Sums in double
 * precision, stored in single. Writes to `out` at `outOffset` when given; planes that do not change are copied bit by bit.
 */
export function resamplePlanes(
  data: Float32Array,
  planes: number,
  hIn: number,
  wIn: number,
  wy: AxisWeights,
  wx: AxisWeights,
  out: Float32Array = new Float32Array(planes * wy.nOut * wx.nOut),
  outOffset = 0,
): Float32Array {
  if (wy.identity && wx.identity) {
    out.set(data.subarray(0, planes * hIn * wIn), outOffset);
    return out;
  }
  const [from, to] = [hIn * wIn, wy.nOut * wx.nOut];
  const most = Math.max(1, Math.min(planes, Math.floor(BLOCK_BYTES / (4 * (from + to)))));
  const sizes = [axisBytes(wy), axisBytes(wx), 16 * (wIn + 4), 4 * (most * from + 4), 4 * most * to];
  const places: number[] = [];
  let need = 0;
  for (const size of sizes) {
    places.push(need);
    need += Math.ceil(size / 16) * 16;
  }
  kernel ??= heap.instance<Exports>(new WebAssembly.Module(WASM));
  if (need > room) {
    base = heap.reserve(need);
    room = need;
  }
  const [atY, atX, row, source, target] = places.map((place) => base + place) as [
    number,
    number,
    number,
    number,
    number,
  ];
  const [y, x] = [hold(wy, atY), hold(wx, atX)];
  const held = heap.floats(source, most * from);
  const made = heap.floats(target, most * to);
  for (let first = 0; first < planes; first += most) {
    const some = Math.min(most, planes - first);
    held.set(data.subarray(first * from, (first + some) * from));
    kernel.resample(source, some, hIn, wIn, wy.nOut, wx.nOut, ...y, ...x, row, target);
    out.set(made.subarray(0, some * to), outOffset + first * to);
  }
  return out;
}

function axisBytes({ nOut, most }: AxisWeights): number {
  return 8 * nOut * (most + 1);
}

/** Writes an axis into the kernel's memory: addresses of start and count, `most`, address of the weights. */
function hold({ start, count, most, weights, nOut }: AxisWeights, at: number): [number, number, number, number] {
  const { buffer } = heap.memory;
  new Float64Array(buffer, at, nOut * most).set(weights);
  const [starts, counts] = [at + 8 * nOut * most, at + 8 * nOut * most + 4 * nOut];
  new Int32Array(buffer, starts, nOut).set(start);
  new Int32Array(buffer, counts, nOut).set(count);
  return [starts, counts, most, at];
}
