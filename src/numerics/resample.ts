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

/**
 * `planes` planes of hIn x wIn (row-major, one after the other) -> the same planes on wy.nOut x wx.nOut. Sums in double precision, stored in single.
 * Writes to `out` at `outOffset` when given; planes that do not change are copied bit by bit.
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
  if (wy.most <= 2 && wx.most <= 2) return resamplePairs(data, planes, hIn, wIn, wy, wx, out, outOffset);
  const row = new Float64Array(wIn);
  const size = wy.nOut * wx.nOut;
  for (let p = 0; p < planes; p++) {
    for (let y = 0; y < wy.nOut; y++) {
      mixRowsInto(row, data, p * hIn * wIn, wy, y);
      const to = outOffset + p * size + y * wx.nOut;
      for (let x = 0; x < wx.nOut; x++) {
        const from = wx.start[x]!;
        const at = x * wx.most;
        let sum = 0;
        for (let j = 0; j < wx.count[x]!; j++) sum += wx.weights[at + j]! * row[from + j]!;
        out[to + x] = sum;
      }
    }
  }
  return out;
}

/** The same sums in the same order where no target cell mixes more than two source cells along an axis, as in bilinear enlarging: no inner loops. */
function resamplePairs(
  data: Float32Array,
  planes: number,
  hIn: number,
  wIn: number,
  wy: AxisWeights,
  wx: AxisWeights,
  out: Float32Array,
  outOffset: number,
): Float32Array {
  const row = new Float64Array(wIn);
  const [rows, cols] = [pairsOf(wy), pairsOf(wx)];
  const { first, second, low, high } = cols;
  let to = outOffset;
  for (let p = 0; p < planes; p++) {
    for (let y = 0; y < wy.nOut; y++) {
      const above = (p * hIn + rows.first[y]!) * wIn;
      const below = (p * hIn + rows.second[y]!) * wIn;
      const [a, b] = [rows.low[y]!, rows.high[y]!];
      for (let x = 0; x < wIn; x++) row[x] = a * data[above + x]! + b * data[below + x]!;
      for (let x = 0; x < wx.nOut; x++) out[to++] = low[x]! * row[first[x]!]! + high[x]! * row[second[x]!]!;
    }
  }
  return out;
}

/** Two source cells and their weights a target cell; a single one stands twice, the second time with weight 0. */
function pairsOf({ nOut, start, count, most, weights }: AxisWeights) {
  return {
    first: start,
    second: start.map((s, t) => s + count[t]! - 1),
    low: Float64Array.from({ length: nOut }, (_, t) => weights[t * most]!),
    high: Float64Array.from({ length: nOut }, (_, t) => (count[t] === 2 ? weights[t * most + 1]! : 0)),
  };
}

/** One row of the vertical step: row = sum of source rows by the weights of target row y. */
function mixRowsInto(row: Float64Array, data: Float32Array, plane: number, wy: AxisWeights, y: number): void {
  const width = row.length;
  row.fill(0);
  for (let j = 0; j < wy.count[y]!; j++) {
    const weight = wy.weights[y * wy.most + j]!;
    const from = plane + (wy.start[y]! + j) * width;
    for (let x = 0; x < width; x++) row[x]! += weight * data[from + x]!;
  }
}
