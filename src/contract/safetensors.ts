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

export interface TensorFile {
  readonly tensors: Readonly<Record<string, TensorValue>>;
  readonly metadata: Readonly<Record<string, string>>;
}

export function writeSafetensors(
  tensors: Readonly<Record<string, TensorValue>>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const header: Record<string, unknown> = {};
  if (Object.keys(metadata).length > 0) header.__metadata__ = metadata;
  let offset = 0;
  for (const [name, t] of Object.entries(tensors)) {
    header[name] = { dtype: DTYPE[t.type], shape: t.dims, data_offsets: [offset, offset + t.data.byteLength] };
    offset += t.data.byteLength;
  }
  const text = JSON.stringify(header);
  const json = new TextEncoder().encode(text + " ".repeat((8 - (new TextEncoder().encode(text).length % 8)) % 8));
  const out = new Uint8Array(8 + json.length + offset);
  new DataView(out.buffer).setBigUint64(0, BigInt(json.length), true);
  out.set(json, 8);
  let at = 8 + json.length;
  for (const t of Object.values(tensors)) {
    out.set(new Uint8Array(t.data.buffer as ArrayBuffer, t.data.byteOffset, t.data.byteLength), at);
    at += t.data.byteLength;
  }
  return out;
}

/** Throws SamesightError `invalid` for anything that is not a whole, consistent safetensors file. */
export function readSafetensors(bytes: Uint8Array, where = "safetensors"): TensorFile {
  const bad = (what: string, cause?: unknown) =>
    new SamesightError("invalid", `${where}: ${what}`, {
      hint: "The file is damaged or not a safetensors file; write it again.",
      cause,
    });
  if (bytes.length < 8) throw bad("shorter than its own header length");
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true));
  if (length > LONGEST_HEADER || 8 + length > bytes.length) throw bad(`header of ${length} bytes does not fit`);
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(8, 8 + length)));
  } catch (cause) {
    throw bad("header is not JSON", cause);
  }
  if (typeof header !== "object" || header === null || Array.isArray(header)) throw bad("header is not an object");
  const tensors: Record<string, TensorValue> = Object.create(null);
  const metadata: Record<string, string> = Object.create(null);
  for (const [name, entry] of Object.entries(header)) {
    if (name === "__metadata__") {
      for (const [key, value] of Object.entries((entry ?? {}) as object)) metadata[key] = String(value);
      continue;
    }
    tensors[name] = readEntry(name, entry, bytes, 8 + length, bad);
  }
  return { tensors, metadata };
}

function readEntry(
  name: string,
  entry: unknown,
  bytes: Uint8Array,
  base: number,
  bad: (what: string) => SamesightError,
): TensorValue {
  const e = entry as { dtype?: unknown; shape?: unknown; data_offsets?: unknown } | null;
  const kind = typeof e?.dtype === "string" && Object.hasOwn(ARRAY, e.dtype) ? ARRAY[e.dtype] : undefined;
  if (!kind) throw bad(`tensor '${name}' has the unknown type ${String(e?.dtype)}`);
  const whole = (v: unknown): v is number[] =>
    Array.isArray(v) && v.every((d) => Number.isSafeInteger(d) && (d as number) >= 0);
  if (!whole(e?.shape) || !whole(e?.data_offsets) || e.data_offsets.length !== 2)
    throw bad(`tensor '${name}' has no valid shape or place`);
  const [from, to] = e.data_offsets as [number, number];
  const count = e.shape.reduce((a, d) => a * d, 1);
  if (to < from || base + to > bytes.length || to - from !== count * kind.bytes)
    throw bad(`tensor '${name}' lies outside the file`);
  // not bytes.slice: on a Node Buffer that is a view of a larger memory
  const copy = new Uint8Array(to - from);
  copy.set(bytes.subarray(base + from, base + to));
  return { type: kind.type, dims: e.shape, data: kind.make(copy.buffer) };
}
