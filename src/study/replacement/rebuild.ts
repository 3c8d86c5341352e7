import type { MinedLayer } from "../../concepts/mine.js";
import { matmul } from "../../numerics/matmul.js";
import type { Matrix, Tensor4 } from "../../numerics/types.js";
import type { Context } from "../context.js";

/** S P for the planes of one image. */
export async function rebuilt(
  context: Context,
  { fit, mode }: MinedLayer,
  own: Float32Array,
  like: Tensor4,
): Promise<Matrix> {
  const cells = like.h * like.w;
  const product = await matmul(
    context.engine,
    fit.vectors,
    { data: own, rows: fit.vectors.rows, cols: cells },
    { a: true },
  );
  if (mode !== "split") return product;
  const half = like.c * cells;
  const data = Float32Array.from({ length: half }, (_, i) => product.data[i]! - product.data[half + i]!);
  return { data, rows: like.c, cols: cells };
}

/** S P + mean residual inside, the layer as it is elsewhere. */
export async function replacedIn(
  context: Context,
  mined: MinedLayer,
  coefficients: Float32Array,
  residual: Float32Array,
  raw: Tensor4,
  inside: Uint8Array,
): Promise<Tensor4> {
  const built = await rebuilt(context, mined, coefficients, raw);
  const cells = inside.length;
  const data = raw.data.slice();
  for (let c = 0; c < raw.c; c++)
    for (let p = 0; p < cells; p++) if (inside[p]) data[c * cells + p] = built.data[c * cells + p]! + residual[c]!;
  return { ...raw, data };
}
