import type { Picture } from "../dataset/types.js";
import { SamesightError } from "../errors.js";

/** Decodes a dropped file, a fetched blob or an image element, upright. Throws SamesightError `invalid` for what is no image. */
export async function pictureOf(source: ImageBitmapSource): Promise<Picture> {
  const bitmap = await createImageBitmap(source).catch((cause: unknown) => {
    throw new SamesightError("invalid", "the browser cannot decode this image", {
      hint: "Give a JPEG, PNG or WebP.",
      cause,
    });
  });
  const { width, height } = bitmap;
  const context = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true })!;
  // transparent parts lie on white, as they do in Node
  context.fillStyle = "#fff";
  context.fillRect(0, 0, width, height);
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  const rgba = context.getImageData(0, 0, width, height).data;
  const data = new Uint8Array(width * height * 3);
  for (let i = 0; i < width * height; i++) data.set(rgba.subarray(4 * i, 4 * i + 3), 3 * i);
  return { width, height, data };
}
