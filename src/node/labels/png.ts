import { inflateSync } from "node:zlib";
import { SamesightError } from "../../errors.js";

/** The stored values of a PNG with one channel: grey levels or palette indices, never colours. */
export interface IndexedPng {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array | Uint16Array;
}

const SIGNATURE = [137, 80, 78, 71, 13, 10, 26, 10];
const GREY = 0;
const PALETTE = 3;
const MOST_PIXELS = 2 ** 28;
/** Adam7: first column, first row, column step, row step of each pass. */
const PASSES = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const;

/**
 * Reads the values as they are stored (PNG specification, third edition); image libraries turn a palette into colours, and class ids are lost.
 * Throws SamesightError `invalid` for what is damaged or holds colours.
 */
export function readIndexedPng(bytes: Uint8Array): IndexedPng {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 33 || SIGNATURE.some((b, i) => bytes[i] !== b)) throw fault("not a PNG");
  const [width, height] = [view.getUint32(16), view.getUint32(20)];
  const [depth, colour, interlaced] = [bytes[24]!, bytes[25]!, bytes[28] === 1];
  if (width === 0 || height === 0 || width * height > MOST_PIXELS) throw fault(`has ${width} x ${height} pixels`);
  if (colour !== GREY && colour !== PALETTE)
    throw fault(
      "holds colours, expected class ids (one channel or a palette)",
      "Save it as greyscale or with a palette.",
    );
  if (![1, 2, 4, 8, 16].includes(depth) || (colour === PALETTE && depth === 16))
    throw fault(`has ${depth} bits a value`);
  const sizes = (interlaced ? PASSES : [[0, 0, 1, 1] as const]).map(([x0, y0, dx, dy]) => {
    const w = Math.ceil((width - x0) / dx);
    const h = Math.ceil((height - y0) / dy);
    return { x0, y0, dx, dy, w, h, row: w > 0 && h > 0 ? 1 + Math.ceil((w * depth) / 8) : 0 };
  });
  const expected = sizes.reduce((sum, s) => sum + s.row * Math.max(0, s.h), 0);
  const raw = inflated(imageData(bytes, view), expected);
  const data = depth === 16 ? new Uint16Array(width * height) : new Uint8Array(width * height);
  let at = 0;
  for (const { x0, y0, dx, dy, w, h, row } of sizes) {
    if (row === 0) continue;
    const part = raw.subarray(at, at + row * h);
    unfilter(part, row, h, Math.max(1, depth >> 3));
    for (let y = 0; y < h; y++) unpackRow(part, y * row + 1, depth, w, data, (y0 + y * dy) * width + x0, dx);
    at += row * h;
  }
  return { width, height, data };
}

/** The IDAT chunks joined. */
function imageData(bytes: Uint8Array, view: DataView): Uint8Array {
  const parts: Uint8Array[] = [];
  for (let at = 8; at + 8 <= bytes.length; ) {
    const length = view.getUint32(at);
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    if (type === "IEND") return Buffer.concat(parts);
    if (at + 12 + length > bytes.length) break;
    if (type === "IDAT") parts.push(bytes.subarray(at + 8, at + 8 + length));
    at += 12 + length;
  }
  throw fault("ends before its end");
}

function inflated(packed: Uint8Array, expected: number): Uint8Array {
  let raw: Uint8Array;
  try {
    raw = inflateSync(packed, { maxOutputLength: expected + 1 });
  } catch (cause) {
    throw fault(`damaged (${(cause as NodeJS.ErrnoException).code ?? "zlib"})`, undefined, cause);
  }
  if (raw.length !== expected) throw fault(`damaged (${raw.length} of ${expected} bytes of pixels)`);
  return raw;
}

/** Undoes the row filters in place; each row begins with the number of its filter. `step`: bytes a value. */
function unfilter(data: Uint8Array, row: number, rows: number, step: number): void {
  for (let y = 0; y < rows; y++) {
    const start = y * row + 1;
    const filter = data[start - 1]!;
    if (filter > 4) throw fault(`damaged (row ${y + 1} has filter ${filter})`);
    if (filter === 0) continue;
    for (let i = start; i < start + row - 1; i++) {
      const left = i - start >= step ? data[i - step]! : 0;
      const up = y > 0 ? data[i - row]! : 0;
      const corner = y > 0 && i - start >= step ? data[i - row - step]! : 0;
      data[i] = data[i]! + predicted(filter, left, up, corner);
    }
  }
}

function predicted(filter: number, left: number, up: number, corner: number): number {
  if (filter === 1) return left;
  if (filter === 2) return up;
  if (filter === 3) return (left + up) >> 1;
  const p = left + up - corner;
  const [a, b, c] = [Math.abs(p - left), Math.abs(p - up), Math.abs(p - corner)];
  return a <= b && a <= c ? left : b <= c ? up : corner;
}

function unpackRow(
  from: Uint8Array,
  start: number,
  depth: number,
  n: number,
  out: Uint8Array | Uint16Array,
  to: number,
  step: number,
): void {
  for (let x = 0, at = to; x < n; x++, at += step) {
    if (depth === 8) out[at] = from[start + x]!;
    else if (depth === 16) out[at] = (from[start + 2 * x]! << 8) | from[start + 2 * x + 1]!;
    else {
      const bit = x * depth;
      out[at] = (from[start + (bit >> 3)]! >> (8 - depth - (bit & 7))) & ((1 << depth) - 1);
    }
  }
}

function fault(what: string, hint = "Save the label again as PNG.", cause?: unknown): SamesightError {
  return new SamesightError("invalid", what, { hint, ...(cause === undefined ? {} : { cause }) });
}
