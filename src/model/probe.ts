import type { Engine, TensorValue } from "../numerics/engine.js";
import { withTaps } from "./taps.js";
import type { Tap, TensorInfo } from "./types.js";

/** So many tensors at a time, to bound memory while every candidate is an output. */
const AT_ONCE = 24;
const FEWEST_CHANNELS = 2;
/** A grid keeps the aspect of the input up to rounding; what does not is a table of boxes or scores. */
const MOST_SKEW = Math.log(2);

/**
 * Runs one image and keeps the tensors that are feature maps (at least 2 channels, more than one cell, floating point), with their shapes.
 * `input`: batch of one. Works for any operator, where shape inference would need a rule for each.
 */
export async function probeTaps(
  engine: Engine,
  bytes: Uint8Array,
  candidates: readonly TensorInfo[],
  inputName: string,
  input: TensorValue,
  layout: "NCHW" | "NHWC",
): Promise<Tap[]> {
  const taps: Tap[] = [];
  const size = layout === "NCHW" ? { h: input.dims[2]!, w: input.dims[3]! } : { h: input.dims[1]!, w: input.dims[2]! };
  for (let at = 0; at < candidates.length; at += AT_ONCE) {
    const some = candidates.slice(at, at + AT_ONCE);
    const kernel = await engine.compile(
      withTaps(
        bytes,
        some.map((t) => t.name),
      ),
    );
    try {
      const out = await kernel.run({ [inputName]: input });
      for (const tensor of some) {
        const tap = asTap(tensor, out[tensor.name]!, size, layout);
        if (tap) taps.push(tap);
      }
    } finally {
      await kernel.release();
    }
  }
  return taps;
}

function asTap(
  tensor: TensorInfo,
  value: TensorValue,
  size: { h: number; w: number },
  inputLayout: "NCHW" | "NHWC",
): Tap | undefined {
  if (!["float32", "float16", "float64"].includes(value.type)) return undefined;
  const d = value.dims;
  if (d.length === 4) {
    // the grid keeps the input's aspect, channels do not: whichever pair fits it is the grid
    const aspect = Math.log(size.h / size.w);
    const off = (h: number, w: number) => Math.abs(Math.log(h / w) - aspect);
    const last = off(d[1]!, d[2]!);
    const first = off(d[2]!, d[3]!);
    const layout =
      first < last || (first === last && inputLayout === "NCHW") ? "NCHW" : first === last ? inputLayout : "NHWC";
    const [channels, height, width] = layout === "NCHW" ? [d[1]!, d[2]!, d[3]!] : [d[3]!, d[1]!, d[2]!];
    return make(tensor, layout, channels, height, width, size);
  }
  if (d.length === 3 && d[0] === 1) {
    // tokens: a square grid, with or without a class token
    const side = Math.round(Math.sqrt(d[1]!));
    const grid = [d[1]!, d[1]! - 1].find((cells) => Math.round(Math.sqrt(cells)) ** 2 === cells);
    if (side > 1 && grid) return make(tensor, "NTD", d[2]!, Math.sqrt(grid), Math.sqrt(grid), size);
  }
  return undefined;
}

function make(
  tensor: TensorInfo,
  layout: Tap["layout"],
  channels: number,
  height: number,
  width: number,
  size: { h: number; w: number },
): Tap | undefined {
  const skew = Math.abs(Math.log(height / width) - Math.log(size.h / size.w));
  if (channels < FEWEST_CHANNELS || Math.min(height, width) < 2 || skew > MOST_SKEW) return undefined;
  return { ...tensor, layout, channels, height, width, stride: [size.h / height, size.w / width] };
}
