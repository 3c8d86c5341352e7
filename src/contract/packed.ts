import type { TensorValue } from "../numerics/engine.js";
import type { TensorFile } from "./safetensors.js";

type Numbers = Float32Array | Float64Array | Int32Array | Uint32Array | Uint8Array;
const MAKE = { Float32Array, Float64Array, Int32Array, Uint32Array, Uint8Array };
const TYPE = {
  Float32Array: "float32",
  Float64Array: "float64",
  Int32Array: "int32",
  Uint32Array: "int32",
  Uint8Array: "uint8",
} as const;

/**
 * Any plain value (objects, lists, text, numbers with NaN and infinities, typed arrays) as a safetensors file, and back, without loss: typed arrays are
 * tensors, the rest is JSON in the metadata. Properties that are undefined are left out.
 */
export function pack(value: unknown, kind = "packed"): TensorFile {
  const tensors: Record<string, TensorValue> = {};
  const json = JSON.stringify(value, (_, v: unknown) => {
    if (typeof v === "number" && !Number.isFinite(v)) return { $number: String(v) };
    if (!ArrayBuffer.isView(v)) return v;
    const type = v.constructor.name as keyof typeof TYPE;
    const name = `${Object.keys(tensors).length}`;
    const data = v as Numbers;
    const plain = data instanceof Uint32Array ? new Int32Array(data.buffer, data.byteOffset, data.length) : data;
    tensors[name] = { type: TYPE[type], dims: [data.length], data: plain };
    return { $tensor: name, type };
  });
  return { tensors, metadata: { kind, value: json } };
}

export function unpack<T>({ tensors, metadata }: TensorFile): T {
  return JSON.parse(metadata.value!, (_, v: unknown) => {
    if (typeof v !== "object" || v === null) return v;
    if ("$number" in v) return Number(v.$number);
    if (!("$tensor" in v)) return v;
    const { data } = tensors[v.$tensor as string]!;
    const { type } = v as unknown as { type: keyof typeof MAKE };
    return data.constructor.name === type
      ? data
      : new MAKE[type](data.buffer as ArrayBuffer, data.byteOffset, data.length);
  }) as T;
}
