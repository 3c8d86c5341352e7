import type { Preprocessing } from "../contract/preprocessing.js";
import type { TensorValue } from "../numerics/engine.js";
import { luminance } from "../numerics/grey.js";
import { floatToHalf } from "../numerics/half.js";
import { resizeRgb } from "../numerics/imageresize.js";
import { roundHalfEven } from "../numerics/round.js";
import { geometry, placement } from "./geometry.js";
import { planesOf } from "./planes.js";
import type { Geometry, Picture } from "./types.js";

/** float32, float16 bits or uint8, as `Preprocessing.type` says. */
export type InputData = Float32Array | Uint16Array | Uint8Array;

export interface InputTensor extends TensorValue {
  readonly type: Preprocessing["type"];
  readonly data: InputData;
}

/** Pictures -> one input tensor, batch first, and how each lies in it. */
export function preprocess(
  pictures: readonly Picture[],
  p: Preprocessing,
): { input: InputTensor; geometries: Geometry[] } {
  const input = emptyInput(pictures.length, p);
  const geometries = pictures.map((picture, i) => preprocessInto(input.data, i, picture, p));
  return { input, geometries };
}

/** Input tensor for `n` pictures, all zero. */
export function emptyInput(n: number, p: Preprocessing): InputTensor {
  const c = planesOf(p);
  const dims = p.layout === "NCHW" ? [n, c, p.height, p.width] : [n, p.height, p.width, c];
  const size = n * p.width * p.height * c;
  if (p.type === "float16") return { type: p.type, dims, data: new Uint16Array(size) };
  if (p.type === "uint8") return { type: p.type, dims, data: new Uint8Array(size) };
  return { type: p.type, dims, data: new Float32Array(size) };
}

/** One picture into place `at` of a batch: (pixel * scale - mean[c]) / std[c], c in the network's channel order. */
export function preprocessInto(batch: InputData, at: number, picture: Picture, p: Preprocessing): Geometry {
  const planes = planesOf(p);
  const size = p.width * p.height * planes;
  const out = batch.subarray(at * size, (at + 1) * size);
  const place = placement(p, picture.width, picture.height);
  const grey = planes === 1;
  const resized = resizeRgb(
    grey ? luminance(picture.data) : picture.data,
    picture.width,
    picture.height,
    place.width,
    place.height,
    p.resample,
    p.antialias,
    p.centres === "corner",
  );
  // 1 value apart in a plane, or as many as there are channels in NHWC
  const [step, plane] = p.layout === "NCHW" ? [1, p.width * p.height] : [planes, 1];
  const x0 = Math.max(0, place.left);
  const x1 = Math.min(p.width, place.left + place.width);
  const y0 = Math.max(0, place.top);
  const y1 = Math.min(p.height, place.top + place.height);
  const padded = (x1 - x0) * (y1 - y0) < p.width * p.height;
  const padding = grey ? luminance(Uint8Array.from(p.padColor, roundHalfEven)) : p.padColor;
  for (let c = 0; c < planes; c++) {
    const source = p.channels === "BGR" ? 2 - c : c;
    if (padded) {
      const pad = encoder(p, c)(padding[source]!);
      for (let i = c * plane, n = 0; n < p.width * p.height; n++, i += step) out[i] = pad;
    }
    const values = valueOfByte(p, c);
    for (let y = y0; y < y1; y++) {
      let from = ((y - place.top) * place.width + (x0 - place.left)) * 3 + source;
      let to = c * plane + (y * p.width + x0) * step;
      for (let x = x0; x < x1; x++, from += 3, to += step) out[to] = values[resized[from]!]!;
    }
  }
  return geometry(p, picture.width, picture.height);
}

/** Pixel value of the network's channel c -> what stands in the tensor. */
function encoder(p: Preprocessing, c: number): (pixel: number) => number {
  const value = (pixel: number) => (pixel * p.scale - p.mean[c]!) / p.std[c]!;
  if (p.type === "float16") return (pixel) => floatToHalf(value(pixel));
  if (p.type === "uint8") return (pixel) => Math.min(255, Math.max(0, roundHalfEven(value(pixel))));
  return value;
}

/** A pixel has 256 values, so each is computed once. */
function valueOfByte(p: Preprocessing, c: number): InputData {
  const encode = encoder(p, c);
  const table = p.type === "float32" ? new Float32Array(256) : new Uint16Array(256);
  for (let pixel = 0; pixel < 256; pixel++) table[pixel] = encode(pixel);
  return table;
}
