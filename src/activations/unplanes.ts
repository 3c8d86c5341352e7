import type { Tap } from "../model/types.js";
import type { TensorValue } from "../numerics/engine.js";
import { floatToHalf } from "../numerics/half.js";
import type { Tensor4 } from "../numerics/types.js";

/** Planes of one image back in the layout, type and shape of the tensor they were read from (`asPlanes`): tokens that are no place keep `like`'s values. */
export function fromPlanes({ data, c, h, w }: Tensor4, tap: Tap, like: TensorValue): TensorValue {
  if (tap.layout === "NCHW") return { ...like, data: typed(data, like) };
  const cells = h * w;
  const skip = tap.layout === "NTD" ? like.dims[1]! - cells : 0;
  const values = typed(new Float32Array(like.data.length), like);
  for (let i = 0; i < skip * c; i++) values[i] = like.data[i] as number;
  const planes = typed(data, like);
  for (let p = 0; p < cells; p++) for (let j = 0; j < c; j++) values[(skip + p) * c + j] = planes[j * cells + p]!;
  return { ...like, data: values };
}

function typed(data: Float32Array, { type }: TensorValue): Float32Array | Float64Array | Uint16Array {
  if (type === "float16") return Uint16Array.from(data, floatToHalf);
  return type === "float64" ? Float64Array.from(data) : data;
}
