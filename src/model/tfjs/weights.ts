import { SamesightError } from "../../errors.js";
import { halfToFloat } from "../../numerics/half.js";
import type { GraphModelJson, WeightEntry } from "./graph.js";

/** A constant of the graph: floats, or integers (booleans as 0 and 1). */
export interface Constant {
  readonly shape: readonly number[];
  readonly kind: "float" | "int";
  readonly data: Float32Array | Float64Array;
}

const BYTES: Record<string, number> = { float32: 4, int32: 4, int64: 8, bool: 1, uint8: 1, uint16: 2, float16: 2 };

/** Weight shards, concatenated -> constants by node name; float16 and affinely quantised weights come back as float32. Throws SamesightError `invalid` when bytes are missing. */
export function readWeights(
  manifest: GraphModelJson["weightsManifest"],
  bytes: Uint8Array,
  where = "weights",
): Map<string, Constant> {
  const out = new Map<string, Constant>();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  for (const entry of manifest.flatMap((group) => group.weights)) {
    const stored = entry.quantization?.dtype ?? entry.dtype;
    const size = BYTES[stored];
    if (size === undefined)
      throw new SamesightError("unsupported", `${where}: weight '${entry.name}' is stored as ${stored}`, {
        hint: "float32, float16, uint8, uint16, int32 and bool are read.",
      });
    const count = entry.shape.reduce((a, d) => a * d, 1);
    if (!Number.isSafeInteger(count) || count < 0 || at + count * size > bytes.length) {
      throw new SamesightError("invalid", `${where}: ends inside weight '${entry.name}'`, {
        hint: "A weight shard is missing or truncated; fetch the model again.",
      });
    }
    out.set(entry.name, constantOf(entry, stored, view, at, count, size));
    at += count * size;
  }
  return out;
}

function constantOf(
  entry: WeightEntry,
  stored: string,
  view: DataView,
  at: number,
  count: number,
  size: number,
): Constant {
  const raw = (i: number): number => {
    const p = at + i * size;
    if (stored === "float32") return view.getFloat32(p, true);
    if (stored === "float16") return halfToFloat(view.getUint16(p, true));
    if (stored === "int32") return view.getInt32(p, true);
    if (stored === "int64") return Number(view.getBigInt64(p, true));
    return size === 2 ? view.getUint16(p, true) : view.getUint8(p);
  };
  const { scale = 1, min = 0 } = entry.quantization ?? {};
  const value = entry.quantization && stored !== "float16" ? (i: number) => raw(i) * scale + min : raw;
  const kind = entry.dtype === "float32" ? "float" : "int";
  const data = kind === "float" ? new Float32Array(count) : new Float64Array(count);
  for (let i = 0; i < count; i++) data[i] = kind === "int" ? Math.round(value(i)) : value(i);
  return { shape: entry.shape, kind, data };
}
