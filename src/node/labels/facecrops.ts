import sharp from "sharp";
import { cropBox } from "../../dataset/geometry.js";
import type { ImageRef, Rect } from "../../dataset/types.js";
import { cropHash } from "../decode.js";
import type { FetchOptions } from "../zoo/fetch.js";
import { facesOf } from "./faces.js";

/** Sides of the square crops around a face, in lengths of its longer side: parts are large on the near one, the far one shows what is around it. */
const SIDES = [1.3, 2.4];

/**
 * Crops around every face the teacher finds on the photographs behind `images`: on whole groups an eye is below half a thousandth of the image. They share the group of their
 * photograph, so that they stay on its side of the split. Throws what `facesOf` throws.
 */
export async function faceCrops(images: readonly ImageRef[], options: FetchOptions = {}): Promise<ImageRef[]> {
  const photographs = new Map(images.map((image) => [image.path, image]));
  const out: ImageRef[] = [];
  for (const image of photographs.values()) {
    const { faces, fileHash } = await facesOf(image, options);
    if (faces.landmarks.length === 0) continue;
    const { autoOrient } = await sharp(image.path).metadata();
    for (const [f, points] of faces.landmarks.entries()) {
      for (const [s, times] of SIDES.entries()) {
        const crop = squareAround(points, times, autoOrient.width, autoOrient.height);
        const { width, height } = cropBox(crop, autoOrient.width, autoOrient.height);
        const id = `${image.id.replace(/#.*$/, "")}#face${f + 1}-${s + 1}`;
        out.push({ id, path: image.path, group: image.group, crop, hash: cropHash(fileHash, crop), width, height });
      }
    }
  }
  return out;
}

/** In unit coordinates; moved and cut so that it lies in the photograph. */
function squareAround(points: Float32Array, times: number, width: number, height: number): Rect {
  const xs = points.filter((_, i) => i % 2 === 0);
  const ys = points.filter((_, i) => i % 2 === 1);
  const [x0, x1, y0, y1] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const side = Math.min(times * Math.max(x1 - x0, y1 - y0), width, height);
  const start = (low: number, high: number, length: number) =>
    Math.min(length - side, Math.max(0, (low + high - side) / 2));
  const [left, top] = [start(x0, x1, width), start(y0, y1, height)];
  return { x0: left / width, y0: top / height, x1: (left + side) / width, y1: (top + side) / height };
}
