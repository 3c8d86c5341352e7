import type { Picture } from "../../src/dataset/types.js";

/** The picture that make_pil.py and make_letterbox.py resize: ramps, products and hard edges, without a stored file. */
export function pattern(width: number, height: number): Picture {
  const data = new Uint8Array(width * height * 3);
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      data[at++] = (x * 5 + y * 3) % 256;
      data[at++] = (x * y) % 251;
      data[at++] = ((Math.floor(x / 7) + Math.floor(y / 5)) % 2) * 255;
    }
  }
  return { width, height, data };
}
