import { SamesightError } from "../errors.js";
import type { ElementType, TensorValue } from "../numerics/engine.js";

/**
 * The safetensors format: 8 bytes of little-endian header length, a JSON header {name: {dtype, shape, data_offsets}}, then raw
 * little-endian data in C order. `__metadata__` maps strings to strings.
 */
const DTYPE: Record<ElementType, string> = {
  float32: "F32",
  float64: "F64",
  float16: "F16",
  int32: "I32",
  int64: "I64",
  uint8: "U8",
  int8: "I8",
  bool: "BOOL",
};
const ARRAY: Record<string, { type: ElementType; bytes: number; make: (b: ArrayBuffer) => TensorValue["data"] }> = {
  F32: { type: "float32", bytes: 4, make: (b) => new Float32Array(b) },
  F64: { type: "float64", bytes: 8, make: (b) => new Float64Array(b) },
  F16: { type: "float16", bytes: 2, make: (b) => new Uint16Array(b) },
  I32: { type: "int32", bytes: 4, make: (b) => new Int32Array(b) },
  I64: { type: "int64", bytes: 8, make: (b) => new BigInt64Array(b) },
  U8: { type: "uint8", bytes: 1, make: (b) => new Uint8Array(b) },
  I8: { type: "int8", bytes: 1, make: (b) => new Int8Array(b) },
  BOOL: { type: "bool", bytes: 1, make: (b) => new Uint8Array(b) },
};
const LONGEST_HEADER = 64 * 1024 * 1024;

/** Named tensors and strings: what one safetensors file holds. */
export interface TensorFile {
  readonly tensors: Readonly<Record<string, TensorValue>>;
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * The bytes of a safetensors file (github.com/huggingface/safetensors): little-endian, C order, as its Python readers expect them. Throws SamesightError for a type
 * or shape that the format cannot hold.
 */
export function writeSafetensors(
  tensors: Readonly<Record<string, TensorValue>>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const parts = safetensorsParts(tensors, metadata);
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** The same file in pieces, one after the other: views of the tensors, nothing copied. */
export function safetensorsParts(
  tensors: Readonly<Record<string, TensorValue>>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array[] {
  return [safetensorsLayout(tensors, metadata).head, ...Object.values(tensors).map((t) => bytesOf(t.data))];
}

/** A tensor without its values. */
export type TensorShape = Pick<TensorValue, "type" | "dims">;

/** Everything of a file but the values: what stands before them, and where in the file each tensor lies, `from` to `to` in bytes. */
export interface SafetensorsLayout {
  readonly head: Uint8Array;
  readonly places: ReadonlyMap<string, { readonly from: number; readonly to: number }>;
  readonly size: number;
}

export function safetensorsLayout(
  shapes: Readonly<Record<string, TensorShape>>,
  metadata: Readonly<Record<string, string>> = {},
): SafetensorsLayout {
  const header: Record<string, unknown> = {};
  if (Object.keys(metadata).length > 0) header.__metadata__ = metadata;
  const offsets = new Map<string, readonly [number, number]>();
  let offset = 0;
  for (const [name, t] of Object.entries(shapes)) {
    const dtype = DTYPE[t.type];
    const end = offset + t.dims.reduce((a, d) => a * d, 1) * ARRAY[dtype]!.bytes;
    offsets.set(name, [offset, end]);
    header[name] = { dtype, shape: t.dims, data_offsets: [offset, end] };
    offset = end;
  }
  const text = JSON.stringify(header);
  const json = new TextEncoder().encode(text + " ".repeat((8 - (new TextEncoder().encode(text).length % 8)) % 8));
  const head = new Uint8Array(8 + json.length);
  new DataView(head.buffer).setBigUint64(0, BigInt(json.length), true);
  head.set(json, 8);
  const places = new Map([...offsets].map(([name, [a, b]]) => [name, { from: head.length + a, to: head.length + b }]));
  return { head, places, size: head.length + offset };
}

/** The memory of an array as bytes: a view. */
export function bytesOf(data: TensorValue["data"]): Uint8Array {
  return new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength);
}

/** Throws SamesightError `invalid` for anything that is not a whole, consistent safetensors file. */
export function readSafetensors(bytes: Uint8Array, where = "safetensors"): TensorFile {
  const bad = failure(where);
  const length = headerLength(bytes, bytes.length, bad);
  const { entries, metadata } = readHeader(bytes.subarray(8, 8 + length), bad);
  const tensors: Record<string, TensorValue> = Object.create(null);
  for (const [name, entry] of entries) {
    const { from, to, make } = checkedEntry(name, entry, bytes.length - 8 - length, bad);
    tensors[name] = make(bytes.subarray(8 + length + from, 8 + length + to));
  }
  return { tensors, metadata };
}

/** Reads `length` bytes from `from` on. */
export type ReadRange = (from: number, length: number) => Promise<Uint8Array>;

/** Some tensors of a file, by name (those it lacks are left out), without reading the others. Throws as `readSafetensors`. */
export async function readTensors(
  read: ReadRange,
  size: number,
  names: readonly string[] | undefined,
  where = "safetensors",
): Promise<TensorFile> {
  const bad = failure(where);
  const length = headerLength(await read(0, Math.min(8, size)), size, bad);
  const { entries, metadata } = readHeader(await read(8, length), bad);
  const tensors: Record<string, TensorValue> = Object.create(null);
  for (const [name, entry] of entries) {
    if (names && !names.includes(name)) continue;
    const { from, to, make } = checkedEntry(name, entry, size - 8 - length, bad);
    tensors[name] = make(await read(8 + length + from, to - from));
  }
  return { tensors, metadata };
}

type Bad = (what: string, cause?: unknown) => SamesightError;

function failure(where: string): Bad {
  return (what, cause) =>
    new SamesightError("invalid", `${where}: ${what}`, {
      hint: "The file is damaged or not a safetensors file; write it again.",
      cause,
    });
}

function headerLength(start: Uint8Array, size: number, bad: Bad): number {
  if (size < 8 || start.length < 8) throw bad("shorter than its own header length");
  const length = Number(new DataView(start.buffer, start.byteOffset, 8).getBigUint64(0, true));
  if (length > LONGEST_HEADER || 8 + length > size) throw bad(`header of ${length} bytes does not fit`);
  return length;
}

function readHeader(
  json: Uint8Array,
  bad: Bad,
): { entries: [string, unknown][]; metadata: Readonly<Record<string, string>> } {
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(json));
  } catch (cause) {
    throw bad("header is not JSON", cause);
  }
  if (typeof header !== "object" || header === null || Array.isArray(header)) throw bad("header is not an object");
  const metadata: Record<string, string> = Object.create(null);
  const entries = Object.entries(header).filter(([name, entry]) => {
    if (name !== "__metadata__") return true;
    for (const [key, value] of Object.entries((entry ?? {}) as object)) metadata[key] = String(value);
    return false;
  });
  return { entries, metadata };
}

function checkedEntry(
  name: string,
  entry: unknown,
  size: number,
  bad: Bad,
): { from: number; to: number; make: (bytes: Uint8Array) => TensorValue } {
  const e = entry as { dtype?: unknown; shape?: unknown; data_offsets?: unknown } | null;
  const kind = typeof e?.dtype === "string" && Object.hasOwn(ARRAY, e.dtype) ? ARRAY[e.dtype] : undefined;
  if (!kind) throw bad(`tensor '${name}' has the unknown type ${String(e?.dtype)}`);
  const whole = (v: unknown): v is number[] =>
    Array.isArray(v) && v.every((d) => Number.isSafeInteger(d) && (d as number) >= 0);
  if (!whole(e?.shape) || !whole(e?.data_offsets) || e.data_offsets.length !== 2)
    throw bad(`tensor '${name}' has no valid shape or place`);
  const [from, to] = e.data_offsets as [number, number];
  const dims = e.shape;
  const count = dims.reduce((a, d) => a * d, 1);
  if (to < from || to > size || to - from !== count * kind.bytes) throw bad(`tensor '${name}' lies outside the file`);
  return {
    from,
    to,
    make(bytes) {
      if (bytes.length !== to - from) throw bad(`tensor '${name}' ends early`);
      // a copy at the start of its own memory, as a view needs it aligned; not bytes.slice: on a Node Buffer that is a view of a larger memory
      const own = bytes.byteOffset === 0 && bytes.buffer.byteLength === bytes.length;
      const copy = own ? bytes : new Uint8Array(bytes.length);
      if (!own) copy.set(bytes);
      return { type: kind.type, dims, data: kind.make(copy.buffer as ArrayBuffer) };
    },
  };
}
