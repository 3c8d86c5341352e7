/** Resampling with a kernel of fixed size, in the fixed-point arithmetic of OpenCV (11 fraction bits a direction, rounded to 8 bit once). */

import { roundHalfEven } from "./round.js";

const BITS = 11;
const ONE = 1 << BITS;

interface Taps {
  /** `n` source pixels of each target pixel, clamped to the picture: the border stands for what lies outside. */
  readonly index: Int32Array;
  readonly weight: Int32Array;
  readonly n: number;
}

/** RGB 8 bit, `width` x `height` -> `newWidth` x `newHeight`: bilinear is equal to OpenCV's INTER_LINEAR to the byte, bicubic (a = -0.75) its INTER_CUBIC. */
export function resizeNarrow(
  data: Uint8Array,
  width: number,
  height: number,
  newWidth: number,
  newHeight: number,
  kind: "bilinear" | "bicubic",
  corner = false,
): Uint8Array {
  const across = tapsOf(width, newWidth, kind, true, corner);
  const down = tapsOf(height, newHeight, kind, false, corner);
  const n = down.n;
  const stride = newWidth * 3;
  const out = new Uint8Array(stride * newHeight);
  // resampled source rows are kept while the next target row still needs them
  const rows = Array.from({ length: n }, () => ({ of: -1, values: new Int32Array(stride) }));
  for (let y = 0; y < newHeight; y++) {
    const needed = Array.from({ length: n }, (_, j) => down.index[y * n + j]!);
    const use = needed.map((of) => {
      const kept = rows.find((row) => row.of === of);
      if (kept) return kept.values;
      const free = rows.find((row) => !needed.includes(row.of))!;
      free.of = of;
      resizeRow(free.values, data.subarray(of * width * 3, (of + 1) * width * 3), across);
      return free.values;
    });
    const weights = down.weight.subarray(y * n, (y + 1) * n);
    (kind === "bilinear" ? blendTwo : blendFour)(out.subarray(y * stride, (y + 1) * stride), use, weights);
  }
  return out;
}

function tapsOf(from: number, to: number, kind: "bilinear" | "bicubic", across: boolean, corner: boolean): Taps {
  const n = kind === "bilinear" ? 2 : 4;
  const index = new Int32Array(to * n);
  const weight = new Int32Array(to * n);
  const scale = 1 / (to / from);
  for (let i = 0; i < to; i++) {
    const centre = Math.fround(corner ? i * scale : (i + 0.5) * scale - 0.5);
    let first = Math.floor(centre);
    let t = Math.fround(centre - first);
    // OpenCV gives a border column to one pixel whole, but blends a border row with itself, which may round down
    if (n === 2 && across && (first < 0 || first >= from - 1)) {
      first = Math.min(Math.max(first, 0), from - 1);
      t = 0;
    }
    const weights = n === 2 ? [Math.fround(1 - t), t] : cubic(t);
    for (let j = 0; j < n; j++) {
      index[i * n + j] = Math.min(Math.max(first - n / 2 + 1 + j, 0), from - 1);
      weight[i * n + j] = roundHalfEven(weights[j]! * ONE);
    }
  }
  return { index, weight, n };
}

/** Keys' cubic of a = -0.75 at 1 + t, t, 1 - t, 2 - t, in single precision as OpenCV has it; the four sum to 1. */
function cubic(t: number): number[] {
  const a = -0.75;
  const f = Math.fround;
  const near = (x: number) => f(f(f(f(f(a + 2) * x) - f(a + 3)) * x) * x + 1);
  const far = f(f(f(f(f(f(a * f(t + 1)) - 5 * a) * f(t + 1)) + 8 * a) * f(t + 1)) - 4 * a);
  const second = near(t);
  const third = near(f(1 - t));
  return [far, second, third, f(f(f(1 - far) - second) - third)];
}

function resizeRow(out: Int32Array, row: Uint8Array, { index, weight, n }: Taps): void {
  for (let x = 0, at = 0, to = 0; to < out.length; x++, to += 3) {
    let r = 0;
    let g = 0;
    let b = 0;
    for (const end = (x + 1) * n; at < end; at++) {
      const from = index[at]! * 3;
      const k = weight[at]!;
      r = (r + Math.imul(row[from]!, k)) | 0;
      g = (g + Math.imul(row[from + 1]!, k)) | 0;
      b = (b + Math.imul(row[from + 2]!, k)) | 0;
    }
    out[to] = r;
    out[to + 1] = g;
    out[to + 2] = b;
  }
}

/** Two rows of sums to bytes. The shifts (4, 16, 2) are OpenCV's: its results depend on where bits are dropped. */
function blendTwo(out: Uint8Array, rows: readonly Int32Array[], weights: Int32Array): void {
  const [a, b] = [rows[0]!, rows[1]!];
  const [p, q] = [weights[0]!, weights[1]!];
  for (let x = 0; x < out.length; x++) {
    out[x] = ((Math.imul(a[x]! >> 4, p) >> 16) + (Math.imul(b[x]! >> 4, q) >> 16) + 2) >> 2;
  }
}

function blendFour(out: Uint8Array, rows: readonly Int32Array[], weights: Int32Array): void {
  const [a, b, c, d] = [rows[0]!, rows[1]!, rows[2]!, rows[3]!];
  const [p, q, r, s] = [weights[0]!, weights[1]!, weights[2]!, weights[3]!];
  const half = 1 << (2 * BITS - 1);
  for (let x = 0; x < out.length; x++) {
    const sum =
      (half + Math.imul(a[x]!, p) + Math.imul(b[x]!, q) + Math.imul(c[x]!, r) + Math.imul(d[x]!, s)) >> (2 * BITS);
    out[x] = Math.min(Math.max(sum, 0), 255);
  }
}
