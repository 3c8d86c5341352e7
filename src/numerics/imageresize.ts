/**
 * Resampling of interleaved RGB pictures by separable kernels with half-pixel centres, in the fixed-point arithmetic of Pillow, so that results
 * equal Pillow's to the byte where `antialias` is on. Without it the kernel keeps its size when shrinking (OpenCV, exported Resize nodes).
 */
export type Resample = "nearest" | "bilinear" | "bicubic";

const PRECISION = 22;

interface Weights {
  /** First source pixel of each target pixel. */
  readonly start: Int32Array;
  readonly count: Int32Array;
  readonly most: number;
  readonly fixed: Int32Array;
}

const KERNEL = {
  bilinear: { support: 1, at: (x: number) => Math.max(0, 1 - Math.abs(x)) },
  bicubic: {
    support: 2,
    at: (x: number) => {
      const a = -0.5;
      const t = Math.abs(x);
      if (t < 1) return ((a + 2) * t - (a + 3)) * t * t + 1;
      return t < 2 ? (((t - 5) * t + 8) * t - 4) * a : 0;
    },
  },
};

function weightsOf(from: number, to: number, kind: "bilinear" | "bicubic", antialias: boolean): Weights {
  const scale = from / to;
  const stretch = antialias ? Math.max(1, scale) : 1;
  const { support, at } = KERNEL[kind];
  const reach = support * stretch;
  const most = Math.ceil(reach) * 2 + 1;
  const start = new Int32Array(to);
  const count = new Int32Array(to);
  const fixed = new Int32Array(to * most);
  for (let i = 0; i < to; i++) {
    const centre = (i + 0.5) * scale;
    // without antialias the border pixel stands for what lies outside; with it the kernel is cut and renormalised, as Pillow does
    const low = Math.max(0, Math.trunc(centre - reach + 0.5));
    const high = Math.min(from, Math.trunc(centre + reach + 0.5));
    const values = Array.from({ length: Math.max(1, high - low) }, (_, j) =>
      at((Math.min(low, from - 1) + j - centre + 0.5) / stretch),
    );
    const sum = values.reduce((a, b) => a + b, 0) || 1;
    start[i] = Math.min(low, from - 1);
    count[i] = values.length;
    values.forEach((v, j) => {
      const scaled = (v / sum) * 2 ** PRECISION;
      fixed[i * most + j] = Math.trunc(scaled < 0 ? scaled - 0.5 : scaled + 0.5);
    });
  }
  return { start, count, most, fixed };
}

/** RGB 8 bit, `width` x `height` -> `newWidth` x `newHeight`. */
export function resizeRgb(
  data: Uint8Array,
  width: number,
  height: number,
  newWidth: number,
  newHeight: number,
  resample: Resample,
  antialias: boolean,
): Uint8Array {
  if (width === newWidth && height === newHeight) return data;
  if (resample === "nearest") return nearest(data, width, height, newWidth, newHeight);
  let rows = data;
  if (width !== newWidth)
    rows = horizontal(rows, width, height, newWidth, weightsOf(width, newWidth, resample, antialias));
  if (height !== newHeight)
    rows = vertical(rows, newWidth, newHeight, weightsOf(height, newHeight, resample, antialias));
  return rows;
}

function nearest(data: Uint8Array, width: number, height: number, newWidth: number, newHeight: number): Uint8Array {
  const out = new Uint8Array(newWidth * newHeight * 3);
  for (let y = 0; y < newHeight; y++) {
    const sy = Math.min(height - 1, Math.floor(((y + 0.5) * height) / newHeight));
    for (let x = 0; x < newWidth; x++) {
      const from = (sy * width + Math.min(width - 1, Math.floor(((x + 0.5) * width) / newWidth))) * 3;
      out.set(data.subarray(from, from + 3), (y * newWidth + x) * 3);
    }
  }
  return out;
}

const HALF = 1 << (PRECISION - 1);

function clamp8(sum: number): number {
  const v = sum >> PRECISION;
  return v < 0 ? 0 : Math.min(v, 255);
}

function horizontal(data: Uint8Array, width: number, height: number, newWidth: number, w: Weights): Uint8Array {
  const out = new Uint8Array(newWidth * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < newWidth; x++) {
      let r = HALF;
      let g = HALF;
      let b = HALF;
      let from = (y * width + w.start[x]!) * 3;
      for (let j = 0, at = x * w.most; j < w.count[x]!; j++, at++, from += 3) {
        const k = w.fixed[at]!;
        r += data[from]! * k;
        g += data[from + 1]! * k;
        b += data[from + 2]! * k;
      }
      const to = (y * newWidth + x) * 3;
      out[to] = clamp8(r);
      out[to + 1] = clamp8(g);
      out[to + 2] = clamp8(b);
    }
  }
  return out;
}

function vertical(data: Uint8Array, width: number, newHeight: number, w: Weights): Uint8Array {
  const stride = width * 3;
  const out = new Uint8Array(stride * newHeight);
  const sums = new Int32Array(stride);
  for (let y = 0; y < newHeight; y++) {
    sums.fill(HALF);
    for (let j = 0; j < w.count[y]!; j++) {
      const k = w.fixed[y * w.most + j]!;
      const from = (w.start[y]! + j) * stride;
      for (let x = 0; x < stride; x++) sums[x]! += data[from + x]! * k;
    }
    for (let x = 0; x < stride; x++) out[y * stride + x] = clamp8(sums[x]!);
  }
  return out;
}
