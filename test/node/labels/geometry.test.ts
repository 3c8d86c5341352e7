import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { labelsSchema } from "../../../src/contract/labels.js";
import { viewOf } from "../../../src/dataset/labels/view.js";
import type { ImageRef, Rect } from "../../../src/dataset/types.js";
import { cropBox, cropHash, decodePicture, listImages } from "../../../src/node/images.js";
import { openLabels } from "../../../src/node/labels/open.js";
import type { Box } from "./support.js";
import { folder, H, maskOf, painted, photo, png, rows, W } from "./support.js";

const BOX: Box = [5, 3, 17, 9];

/** The bright pixels of the picture as the networks will see it: the mask's own truth. */
async function bright(image: ImageRef): Promise<Uint8Array> {
  const { data, width, height } = await decodePicture(image);
  return Uint8Array.from({ length: width * height }, (_, i) => (data[3 * i]! > 127 ? 1 : 0));
}

const cocoOf = (width: number, height: number, [x0, y0, x1, y1]: readonly number[]) =>
  JSON.stringify({
    images: [{ id: 1, file_name: "p.jpg", width, height }],
    categories: [{ id: 1, name: "box" }],
    annotations: [{ id: 1, image_id: 1, category_id: 1, segmentation: [[x0, y0, x0, y1, x1, y1, x1, y0]] }],
  });

async function open(files: Record<string, string | Uint8Array>, config = {}, crop?: Rect) {
  const dir = await folder(files);
  const { images } = await listImages(join(dir, "photos"));
  const refs = crop
    ? images.map((image) => ({
        ...image,
        crop,
        hash: cropHash(image.hash, crop),
        id: `${image.id}#crop`,
        width: cropBox(crop, image.width, image.height).width,
        height: cropBox(crop, image.width, image.height).height,
      }))
    : images;
  return { set: await openLabels(labelsSchema.parse({ path: join(dir, "labels"), ...config }), refs), image: refs[0]! };
}

/** `BOX` of the stored picture as a box of the upright one; EXIF 2.32. */
function upright(orientation: number): Box {
  const [x0, y0, x1, y1] = BOX;
  const mirrored: Record<number, Box> = {
    1: BOX,
    2: [W - x1, y0, W - x0, y1],
    3: [W - x1, H - y1, W - x0, H - y0],
    4: [x0, H - y1, x1, H - y0],
    5: [y0, x0, y1, x1],
    6: [H - y1, x0, H - y0, x1],
    7: [H - y1, W - x1, H - y0, W - x0],
    8: [y0, W - x1, y1, W - x0],
  };
  return mirrored[orientation]!;
}

describe("a mask lies where the picture shows it", () => {
  test.each([1, 2, 3, 4, 5, 6, 7, 8])(
    "EXIF orientation %i, labels on the stored and on the upright picture",
    async (o) => {
      const jpg = await photo(BOX, o);
      const stored = await open(
        { "photos/p.jpg": jpg, "labels/a.json": cocoOf(W, H, BOX) },
        { orientation: o === 1 || o >= 5 ? "auto" : "stored" },
      );
      const truth = await bright(stored.image);
      expect(truth.reduce((a, b) => a + b, 0)).toBe(72);
      expect(rows(await maskOf(stored.set, stored.image, "box"), stored.image.width)).toEqual(
        rows(truth, stored.image.width),
      );
      const [w, h] = o >= 5 ? [H, W] : [W, H];
      const turned = await open({ "photos/p.jpg": jpg, "labels/a.json": cocoOf(w, h, upright(o)) });
      expect(rows(await maskOf(turned.set, turned.image, "box"), w)).toEqual(rows(truth, w));
    },
  );

  test("crops of a photograph crop its masks, to the same pixels", async () => {
    for (const crop of [
      { x0: 0, y0: 0, x1: 0.8, y1: 0.6 },
      { x0: 0.15, y0: 0.13, x1: 0.81, y1: 0.85 },
      { x0: 0.3, y0: 0.05, x1: 0.9, y1: 0.45 },
    ]) {
      for (const orientation of [1, 6]) {
        const { set, image } = await open(
          { "photos/p.jpg": await photo(BOX, orientation), "labels/a.json": cocoOf(W, H, BOX) },
          {},
          crop,
        );
        const truth = await bright(image);
        expect(rows(await maskOf(set, image, "box"), image.width)).toEqual(rows(truth, image.width));
        expect(set.images[0]!.entries[0]!.area).toBeCloseTo(truth.reduce((a, b) => a + b, 0) / truth.length, 12);
      }
    }
  });

  test("an object outside the crop is not on the image: a negative", async () => {
    const { set } = await open(
      {
        "photos/p.jpg": await photo(BOX),
        "photos/q.jpg": await photo([20, 20, 39, 29]),
        "labels/p.png": png(painted(0, [[BOX, 1]])),
        "labels/q.png": png(painted(0, [[[20, 20, 39, 29], 1]])),
        "labels/classes.txt": "background\nbox",
      },
      {},
      { x0: 0.5, y0: 0.5, x1: 1, y1: 1 },
    );
    expect(set.images.map((i) => i.entries.length)).toEqual([0, 1]);
  });

  test("smaller label pictures of the same shape are scaled, others refused", () => {
    const stored = { width: 641, height: 427, orientation: 1 };
    expect(viewOf({ width: 321, height: 214 }, stored, undefined, "auto").scaled).toBe(true);
    expect(viewOf(undefined, stored, undefined, "auto")).toMatchObject({ width: 641, height: 427, from: undefined });
    expect(() => viewOf({ width: 320, height: 240 }, stored, undefined, "auto")).toThrow(
      "drawn on 320 x 240 pixels, the photograph has 641 x 427",
    );
    expect(() => viewOf({ width: 641_000, height: 427_000 }, stored, undefined, "auto")).toThrow(/too many/);
  });
});
