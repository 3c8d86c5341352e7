/** Resampling with a kernel that widens when shrinking, in the fixed-point arithmetic of Pillow (22 fraction bits, rounded to 8 bit after each direction). */

const BITS = 22;
const HALF = 1 << (BITS - 1);

interface Weights {
  /** First source pixel of each target pixel. */
  readonly start: Int32Array;
  readonly count: Int32Array;
  /** `most` weights for each target pixel, the first `count` used. */
  readonly fixed: Int32Array;
  readonly most: number;
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

/** RGB 8 bit, `width` x `height` -> `newWidth` x `newHeight`: equal to Pillow's Image.resize to the byte. */
export function resizeWide(
  data: Uint8Array,
  width: number,
  height: number,
  newWidth: number,
  newHeight: number,
  kind: "bilinear" | "bicubic",
): Uint8Array {
  const wide = width === newWidth ? data : horizontal(data, width, height, newWidth, weightsOf(width, newWidth, kind));
  return height === newHeight ? wide : vertical(wide, newWidth * 3, newHeight, weightsOf(height, newHeight, kind));
}

function weightsOf(from: number, to: number, kind: "bilinear" | "bicubic"): Weights {
  const { support, at } = KERNEL[kind];
  const scale = from / to;
  const stretch = Math.max(1, scale);
  const shrink = 1 / stretch;
  const reach = support * stretch;
  const most = Math.ceil(reach) * 2 + 1;
  const start = new Int32Array(to);
  const count = new Int32Array(to);
  const fixed = new Int32Array(to * most);
  const values = new Float64Array(most);
  for (let i = 0; i < to; i++) {
    const centre = (i + 0.5) * scale;
    const low = Math.max(0, Math.trunc(centre - reach + 0.5));
    const n = Math.min(from, Math.trunc(centre + reach + 0.5)) - low;
    let sum = 0;
    for (let j = 0; j < n; j++) sum += values[j] = at((j + low - centre + 0.5) * shrink);
    for (let j = 0; j < n; j++) {
      const scaled = (values[j]! / sum) * 2 ** BITS;
      fixed[i * most + j] = Math.trunc(scaled < 0 ? scaled - 0.5 : scaled + 0.5);
    }
    start[i] = low;
    count[i] = n;
  }
  return { start, count, fixed, most };
}

function horizontal(data: Uint8Array, width: number, height: number, newWidth: number, w: Weights): Uint8Array {
  const out = new Uint8ClampedArray(newWidth * height * 3);
  const { start, count, fixed, most } = w;
  for (let y = 0, to = 0; y < height; y++) {
    const row = y * width * 3;
    for (let x = 0; x < newWidth; x++, to += 3) {
      let from = row + start[x]! * 3;
      const end = x * most + count[x]!;
      let r = HALF;
      let g = HALF;
      let b = HALF;
      for (let at = x * most; at < end; at++, from += 3) {
        const k = fixed[at]!;
        r = (r + Math.imul(data[from]!, k)) | 0;
        g = (g + Math.imul(data[from + 1]!, k)) | 0;
        b = (b + Math.imul(data[from + 2]!, k)) | 0;
      }
      out[to] = r >> BITS;
      out[to + 1] = g >> BITS;
      out[to + 2] = b >> BITS;
    }
  }
  return new Uint8Array(out.buffer);
}

/** `stride` bytes a row. Weights are taken two at a time, which halves the traffic of the sums. */
function vertical(data: Uint8Array, stride: number, newHeight: number, w: Weights): Uint8Array {
  const out = new Uint8ClampedArray(stride * newHeight);
  const sums = new Int32Array(stride);
  for (let y = 0; y < newHeight; y++) {
    sums.fill(HALF);
    const n = w.count[y]!;
    for (let j = 0; j < n; j += 2) {
      const k0 = w.fixed[y * w.most + j]!;
      const k1 = j + 1 < n ? w.fixed[y * w.most + j + 1]! : 0;
      const a = (w.start[y]! + j) * stride;
      const b = j + 1 < n ? a + stride : a;
      for (let x = 0; x < stride; x++) {
        sums[x] = (sums[x]! + Math.imul(data[a + x]!, k0) + Math.imul(data[b + x]!, k1)) | 0;
      }
    }
    const to = y * stride;
    for (let x = 0; x < stride; x++) out[to + x] = sums[x]! >> BITS;
  }
  return new Uint8Array(out.buffer);
}
