import sharp from "sharp";
import type { Preprocessing } from "../contract/preprocessing.js";
import { planesOf } from "../dataset/planes.js";
import { seenBy } from "../dataset/seen.js";
import type { ImageRef, Picture } from "../dataset/types.js";
import { decodePicture } from "./images.js";
import { writeAtomic } from "./store.js";

const ROW = 224;
const GAP = 8;

/**
 * A PNG with a row a photograph: the photograph, then what the network sees of it, then the planes of its tensor in the network's order. Returns
 * the least and greatest value in each plane over the photographs.
 */
export async function writeSeen(
  path: string,
  photographs: readonly (ImageRef | Picture)[],
  preprocessing: Preprocessing,
): Promise<[number, number][]> {
  const ranges = Array.from({ length: planesOf(preprocessing) }, (): [number, number] => [
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
  ]);
  const tiles: { input: Buffer; left: number; top: number }[] = [];
  let width = 0;
  let top = GAP;
  for (const each of photographs) {
    const picture = "data" in each ? each : await decodePicture(each);
    const seen = seenBy(picture, preprocessing);
    seen.ranges.forEach(([least, greatest], c) => {
      ranges[c] = [Math.min(ranges[c]![0], least), Math.max(ranges[c]![1], greatest)];
    });
    let left = GAP;
    for (const [i, p] of [picture, seen.picture, ...seen.planes].entries()) {
      const { data, info } = await sharp(p.data, { raw: { width: p.width, height: p.height, channels: 3 } })
        .resize({ height: i < 2 ? ROW : Math.round(ROW / 2), kernel: "lanczos3" })
        .png()
        .toBuffer({ resolveWithObject: true });
      tiles.push({ input: data, left, top });
      left += info.width + GAP;
    }
    width = Math.max(width, left);
    top += ROW + GAP;
  }
  const page = sharp({ create: { width, height: top, channels: 3, background: { r: 255, g: 255, b: 255 } } });
  await writeAtomic(path, [await page.composite(tiles).png().toBuffer()]);
  return ranges;
}

/** Where there is no photograph: a disc, a cross and corners in six colours, 4 : 3, so that squeezing, cutting and padding show. */
export function testCard(): Picture {
  const [width, height] = [640, 480];
  const data = new Uint8Array(width * height * 3);
  const corners = [
    [220, 40, 40],
    [40, 180, 60],
    [50, 80, 220],
    [230, 200, 40],
  ];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [dx, dy] = [x - width / 2, y - height / 2];
      const corner = (x < 80 || x >= width - 80) && (y < 80 || y >= height - 80);
      let rgb = [Math.round((255 * x) / width), Math.round((255 * y) / height), 128];
      if (corner) rgb = corners[(x < 80 ? 0 : 1) + (y < 80 ? 0 : 2)]!;
      else if (Math.abs(Math.hypot(dx, dy) - 180) < 6 || Math.abs(dx) < 2 || Math.abs(dy) < 2) rgb = [255, 255, 255];
      data.set(rgb, (y * width + x) * 3);
    }
  }
  return { width, height, data };
}
