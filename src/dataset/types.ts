import type { TensorValue } from "../numerics/engine.js";

/** Axis-aligned rectangle in unit coordinates: x to the right, y down, 0..1 over the whole width and height. */
export interface Rect {
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
}

/** An upright sRGB picture, interleaved RGB, 8 bit; `data.length === width * height * 3`. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** How one photograph lies in a network's input tensor. Both rectangles describe the same patch of the scene. */
export interface Geometry {
  /** The part of the photograph that the network sees, in unit coordinates of the (upright) photograph. */
  readonly visible: Rect;
  /** Where that part lies, in unit coordinates of the tensor; what is outside is padding. */
  readonly content: Rect;
}

/** One image of a study, before decoding. `crop` makes several images of one photograph. */
export interface ImageRef {
  /** Unique, stable, slash-separated, relative to the folder: "street/0012.jpg" or "street/0012.jpg#crop2". */
  readonly id: string;
  /** Absolute path of the file. */
  readonly path: string;
  /** sha256 of the file's bytes and of the crop: the image's identity in every cache key. */
  readonly hash: string;
  /** Images of one group never sit on both sides of the fit/test split (crops of one photograph). */
  readonly group: string;
  readonly crop?: Rect;
  /** Upright size in pixels, after `crop`. */
  readonly width: number;
  readonly height: number;
}

/** A few photographs as one network sees them: `input` is n x 3 x h x w (or NHWC, as the network wants it), in the order of `images`. */
export interface Batch {
  readonly images: readonly ImageRef[];
  readonly geometries: readonly Geometry[];
  readonly input: TensorValue;
}

/** Reads, decodes and preprocesses images for one network. Throws what decoding throws. */
export type LoadBatch = (images: readonly ImageRef[]) => Promise<Batch>;
