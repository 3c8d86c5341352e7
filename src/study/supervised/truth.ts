import type { TensorFile } from "../../contract/safetensors.js";
import { nearestOnFrame } from "../../dataset/labels/grids.js";
import type { LabelledImage, LabelSet } from "../../dataset/labels/types.js";
import type { Rect } from "../../dataset/types.js";
import type { BitMasks } from "../../numerics/bits.js";
import { strideOf } from "../../numerics/bits.js";

/** Labels of some images on the evaluation grid, as bits: n x k each. */
export interface Truth {
  /** In the concept and known. */
  readonly label: BitMasks;
  /** Where the concept is known. */
  readonly known: BitMasks;
}

/** The pixel under the centre of each cell of a grid x grid raster over each image's frame: the label at full resolution, sampled evenly. */
export async function truthOf(
  set: LabelSet,
  images: readonly LabelledImage[],
  frames: readonly Rect[],
  grid: number,
): Promise<TensorFile> {
  const k = set.concepts.length;
  const stride = strideOf(grid * grid);
  const label = new Uint8Array(images.length * k * stride);
  const known = new Uint8Array(label.length);
  const size = { h: grid, w: grid };
  for (const [x, labelled] of images.entries()) {
    const masks = await set.open(labelled.image);
    const present = new Set(labelled.entries.map((e) => e.concept));
    for (let j = 0; j < k; j++) {
      const at = (x * k + j) * stride;
      const on = (pixels: Uint8Array) => nearestOnFrame(pixels, masks.width, masks.height, frames[x]!, size);
      const valid = masks.valid(j);
      packInto(known, at, valid && on(valid), grid * grid);
      if (!present.has(j)) continue;
      packInto(label, at, on(masks.mask(j)), grid * grid);
      for (let i = 0; i < stride; i++) label[at + i]! &= known[at + i]!;
    }
  }
  const dims = [images.length, k, stride];
  return {
    tensors: { label: { type: "uint8", dims, data: label }, known: { type: "uint8", dims, data: known } },
    metadata: { grid: String(grid) },
  };
}

/** Bytes of 0 and 1 as bits; all ones when there are none. */
export function packInto(out: Uint8Array, at: number, cells: Uint8Array | undefined, count: number): void {
  for (let i = 0; i < count; i++) if (!cells || cells[i]) out[at + (i >> 3)]! |= 1 << (i & 7);
}

export function bitsOf(file: TensorFile, name: string, cells: number): BitMasks {
  const t = file.tensors[name]!;
  const [n, k, stride] = t.dims as [number, number, number];
  return { data: t.data as Uint8Array, n, k, cells, stride };
}
