/** Numbers inside ONNX tensors, whichever of its fields holds them. */
import { create } from "@bufbuild/protobuf";
import { floatToHalf, halfToFloat } from "../numerics/half.js";
import type { TensorProto } from "../onnx/onnx_pb.js";
import { TensorProto_DataType, TensorProtoSchema } from "../onnx/onnx_pb.js";

export function sizeOf(tensor: TensorProto): number {
  return tensor.dims.reduce((n, d) => n * Number(d), 1);
}

/** The values of a float32 or float16 tensor; undefined for any other type. */
export function floatsOf(tensor: TensorProto): Float32Array | undefined {
  const n = sizeOf(tensor);
  const raw = tensor.rawData?.length ? tensor.rawData.slice() : undefined;
  if (tensor.dataType === TensorProto_DataType.FLOAT)
    return raw ? new Float32Array(raw.buffer, 0, n) : Float32Array.from(tensor.floatData);
  if (tensor.dataType === TensorProto_DataType.FLOAT16)
    return Float32Array.from(raw ? new Uint16Array(raw.buffer, 0, n) : tensor.int32Data, halfToFloat);
  return undefined;
}

/** A tensor of the same type and shape as `like` (float32 or float16), unless `dims` says otherwise. */
export function withFloats(like: TensorProto, name: string, values: Float32Array, dims = like.dims): TensorProto {
  const stored = like.dataType === TensorProto_DataType.FLOAT16 ? Uint16Array.from(values, floatToHalf) : values;
  return create(TensorProtoSchema, {
    name,
    dataType: like.dataType ?? TensorProto_DataType.FLOAT,
    dims: [...dims],
    rawData: new Uint8Array(stored.buffer as ArrayBuffer, stored.byteOffset, stored.byteLength).slice(),
  });
}

/** A tensor with the same values in another order: element i of the result is element order[i]. Any fixed-size type. */
export function reordered(tensor: TensorProto, name: string, order: Int32Array): TensorProto {
  const out = create(TensorProtoSchema, { name, dims: [...tensor.dims], dataType: tensor.dataType ?? 0 });
  if (tensor.rawData?.length) {
    const bytes = tensor.rawData.length / order.length;
    const data = new Uint8Array(tensor.rawData.length);
    order.forEach((from, to) => {
      for (let b = 0; b < bytes; b++) data[to * bytes + b] = tensor.rawData![from * bytes + b]!;
    });
    out.rawData = data;
    return out;
  }
  const pick = <T>(list: readonly T[]) => (list.length === 0 ? [] : Array.from(order, (i) => list[i]!));
  out.floatData = pick(tensor.floatData);
  out.int32Data = pick(tensor.int32Data);
  out.int64Data = pick(tensor.int64Data);
  out.doubleData = pick(tensor.doubleData);
  out.uint64Data = pick(tensor.uint64Data);
  return out;
}
