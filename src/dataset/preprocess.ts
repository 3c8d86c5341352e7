import type { Preprocessing } from "../contract/preprocessing.js";
import type { TensorValue } from "../numerics/engine.js";
import { floatToHalf } from "../numerics/half.js";
import { resizeRgb } from "../numerics/imageresize.js";
import { geometry, placement } from "./geometry.js";
import type { Geometry, Picture } from "./types.js";

/** Pictures -> one input tensor, batch first, and how each lies in it. */
export function preprocess(
  pictures: readonly Picture[],
  p: Preprocessing,
): { input: TensorValue; geometries: Geometry[] } {
  const size = p.width * p.height * 3;
  const values = new Float32Array(pictures.length * size);
  const geometries = pictures.map((picture, i) => {
    preprocessInto(values.subarray(i * size, (i + 1) * size), picture, p);
    return geometry(p, picture.width, picture.height);
  });
  const dims = p.layout === "NCHW" ? [pictures.length, 3, p.height, p.width] : [pictures.length, p.height, p.width, 3];
  if (p.type === "float16")
    return { input: { type: "float16", dims, data: Uint16Array.from(values, floatToHalf) }, geometries };
  if (p.type === "uint8")
    return {
      input: { type: "uint8", dims, data: Uint8Array.from(values, (v) => Math.min(255, Math.max(0, Math.round(v)))) },
      geometries,
    };
  return { input: { type: "float32", dims, data: values }, geometries };
}

/** One picture into `out` (3 x H x W, or H x W x 3): (pixel * scale - mean[c]) / std[c], c in the network's channel order. */
export function preprocessInto(out: Float32Array, picture: Picture, p: Preprocessing): void {
  const at = placement(p, picture.width, picture.height);
  const resized = resizeRgb(picture.data, picture.width, picture.height, at.width, at.height, p.resample, p.antialias);
  const plane = p.width * p.height;
  for (let c = 0; c < 3; c++) {
    const source = p.channels === "RGB" ? c : 2 - c;
    const mean = p.mean[c]!;
    const std = p.std[c]!;
    const step = p.layout === "NCHW" ? 1 : 3;
    const first = p.layout === "NCHW" ? c * plane : c;
    if (p.resize === "letterbox") {
      const pad = (p.padColor[source]! * p.scale - mean) / std;
      for (let i = 0; i < plane; i++) out[first + i * step] = pad;
    }
    const y0 = Math.max(0, at.top);
    const y1 = Math.min(p.height, at.top + at.height);
    const x0 = Math.max(0, at.left);
    const x1 = Math.min(p.width, at.left + at.width);
    for (let y = y0; y < y1; y++) {
      let from = ((y - at.top) * at.width + (x0 - at.left)) * 3 + source;
      let to = first + (y * p.width + x0) * step;
      for (let x = x0; x < x1; x++, from += 3, to += step) out[to] = (resized[from]! * p.scale - mean) / std;
    }
  }
}
