import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import type { ImageRef, Picture } from "../../src/dataset/types.js";
import { cropBox, cropHash, decodePicture } from "../../src/node/decode.js";
import { listImages } from "../../src/node/images.js";
import { cmykTiff, folder, raw, scene } from "./folder.js";

async function decoded(name: string, bytes: Uint8Array): Promise<Picture> {
  const { images } = await listImages(await folder({ [name]: bytes }));
  const picture = await decodePicture(images[0]!);
  expect([picture.width, picture.height]).toEqual([images[0]!.width, images[0]!.height]);
  expect(picture.data).toHaveLength(picture.width * picture.height * 3);
  return picture;
}
const pixel = (p: Picture, x: number, y: number) => [
  ...p.data.subarray((y * p.width + x) * 3, (y * p.width + x) * 3 + 3),
];
const near = (found: readonly number[], expected: readonly number[], tolerance: number) =>
  found.forEach((v, i) => {
    expect(Math.abs(v - expected[i]!), `${found} against ${expected}`).toBeLessThanOrEqual(tolerance);
  });

/** What a camera stores for the upright `p`: EXIF 2-8 say how the stored rows and columns must be turned back. */
function stored(p: Picture, orientation: number): Picture {
  const turned = orientation >= 5;
  const [width, height] = turned ? [p.height, p.width] : [p.width, p.height];
  const data = new Uint8Array(p.data.length);
  for (let y = 0; y < p.height; y++)
    for (let x = 0; x < p.width; x++) {
      const [right, bottom] = [p.width - 1 - x, p.height - 1 - y];
      // place of the upright pixel (x, y) in the stored picture, from the EXIF table: row 0 / column 0 is visual top, left, ...
      const [sx, sy] = (
        [
          [x, y],
          [right, y],
          [right, bottom],
          [x, bottom],
          [y, x],
          [y, right],
          [bottom, right],
          [bottom, x],
        ] as const
      )[orientation - 1]!;
      data.set(pixel(p, x, y), (sy * width + sx) * 3);
    }
  return { width, height, data };
}

describe("decodePicture", () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])("EXIF orientation %i comes out upright, every pixel", async (orientation) => {
    const upright = scene(40, 24);
    const bytes = await raw(stored(upright, orientation)).withMetadata({ orientation }).png().toBuffer();
    expect((await sharp(bytes).metadata()).orientation).toBe(orientation);
    expect(await decoded("a.png", bytes)).toEqual(upright);
  });

  it("an orientation in a JPEG is obeyed too", async () => {
    const bytes = await raw(stored(scene(), 6))
      .withMetadata({ orientation: 6 })
      .jpeg({ quality: 100, chromaSubsampling: "4:4:4" })
      .toBuffer();
    const picture = await decoded("a.jpg", bytes);
    near(pixel(picture, 3, 3), [0, 0, 255], 6);
    near(pixel(picture, 3, 28), [255, 0, 0], 6);
    near(pixel(picture, 44, 3), [0, 255, 0], 6);
  });

  it("lossless formats give the bytes that went in", async () => {
    const picture = scene();
    for (const [name, bytes] of [
      ["a.png", await raw(picture).png().toBuffer()],
      ["a.webp", await raw(picture).webp({ lossless: true }).toBuffer()],
      ["a.tiff", await raw(picture).tiff({ compression: "lzw" }).toBuffer()],
      ["palette.png", await raw(picture).png({ palette: true, colours: 8 }).toBuffer()],
      ["interlaced.png", await raw(picture).png({ progressive: true }).toBuffer()],
    ] as const)
      expect(await decoded(name, bytes)).toEqual(picture);
  });

  it("grey becomes three equal channels", async () => {
    const grey = { width: 20, height: 20, data: new Uint8Array(400).map((_, i) => i % 256) };
    for (const [name, bytes] of [
      ["g.png", await raw(grey, 1).toColourspace("b-w").png().toBuffer()],
      ["g.tiff", await raw(grey, 1).toColourspace("b-w").tiff({ compression: "none" }).toBuffer()],
    ] as const) {
      expect((await sharp(bytes).metadata()).channels).toBe(1);
      const picture = await decoded(name, bytes);
      expect([...picture.data]).toEqual([...grey.data].flatMap((v) => [v, v, v]));
    }
  });

  it("16 bit keeps the upper byte, in colour and in grey", async () => {
    const values = new Uint16Array(18 * 18 * 3).map((_, i) => (i * 4099) % 65536);
    const colour = await sharp(values, { raw: { width: 18, height: 18, channels: 3 } })
      .toColourspace("rgb16")
      .png()
      .toBuffer();
    expect((await sharp(colour).metadata()).depth).toBe("ushort");
    expect([...(await decoded("a.png", colour)).data]).toEqual([...values].map((v) => v >> 8));
    const single = values.subarray(0, 18 * 18);
    const grey = await sharp(single, { raw: { width: 18, height: 18, channels: 1 } })
      .toColourspace("grey16")
      .png()
      .toBuffer();
    expect((await sharp(grey).metadata()).depth).toBe("ushort");
    expect([...(await decoded("b.png", grey)).data].filter((_, i) => i % 3 === 0)).toEqual(
      [...single].map((v) => v >> 8),
    );
  });

  it("CMYK comes back as the colours it was made from, where inks reach them", async () => {
    // in the middle of what print inks can show: outside of it the way to CMYK, not the way back, changes the hue. Paper is not as white
    // and black ink not as black as a screen, so without black point compensation colours come back up to 20 levels darker.
    const colours = [
      [170, 80, 70],
      [70, 130, 90],
      [70, 90, 140],
      [120, 120, 120],
    ];
    const data = new Uint8Array(64 * 64 * 3).map((_, i) => colours[Math.floor((Math.floor(i / 3) % 64) / 16)]![i % 3]!);
    const bytes = await raw({ width: 64, height: 64, data })
      .toColourspace("cmyk")
      .jpeg({ quality: 100, chromaSubsampling: "4:4:4" })
      .toBuffer();
    expect((await sharp(bytes).metadata()).space).toBe("cmyk");
    const found = await decoded("a.jpg", bytes);
    for (const [i, colour] of colours.entries()) near(pixel(found, 16 * i + 8, 30), colour, 20);
  });

  it("CMYK inks have their colours: cyan takes red away, magenta green, yellow blue, black all", async () => {
    const inks = { none: [0, 0, 0, 0], cyan: [255, 0, 0, 0], magenta: [0, 255, 0, 0], yellow: [0, 0, 255, 0] };
    const of = async (ink: readonly number[]) => pixel(await decoded("a.tiff", cmykTiff(32, ink)), 16, 16);
    near(await of(inks.none), [255, 255, 255], 3);
    for (const [channel, ink] of [inks.cyan, inks.magenta, inks.yellow].entries()) {
      const [taken, a, b] = [0, 1, 2].map((i) => (channel + i) % 3);
      const found = await of(ink);
      expect(Math.min(found[a!]!, found[b!]!) - found[taken!]!).toBeGreaterThan(80);
    }
    expect(Math.max(...(await of([0, 0, 0, 255])))).toBeLessThan(60);
  });

  it("transparency lies over white", async () => {
    const alpha = [0, 128, 255];
    const data = new Uint8Array(30 * 20 * 4).map((_, i) =>
      i % 4 === 3 ? alpha[Math.floor((Math.floor(i / 4) % 30) / 10)]! : [200, 40, 0][i % 4]!,
    );
    const picture = await decoded("a.png", await raw({ width: 30, height: 20, data }, 4).png().toBuffer());
    near(pixel(picture, 2, 5), [255, 255, 255], 0);
    near(
      pixel(picture, 15, 5),
      [200, 40, 0].map((v) => v * (128 / 255) + 255 * (127 / 255)),
      1,
    );
    near(pixel(picture, 25, 5), [200, 40, 0], 0);
  });

  it("an animation gives its first frame", async () => {
    const frames = await sharp(
      [
        await raw(scene(32, 32)).png().toBuffer(),
        await raw({ ...scene(32, 32), data: new Uint8Array(32 * 32 * 3) })
          .png()
          .toBuffer(),
      ],
      { join: { animated: true } },
    )
      .gif()
      .toBuffer();
    expect((await sharp(frames, { animated: true }).metadata()).pages).toBe(2);
    expect(await decoded("a.gif", frames)).toEqual(scene(32, 32));
  });

  it("a wide-gamut profile is turned into sRGB", async () => {
    const p3 = await raw({ width: 20, height: 20, data: new Uint8Array(1200).map((_, i) => [200, 100, 60][i % 3]!) })
      .withIccProfile("p3")
      .png()
      .toBuffer();
    expect((await sharp(p3).metadata()).icc).toBeDefined();
    // the same colour was written in other numbers, and comes back as it was
    expect([...(await sharp(p3).metadata()).icc!.subarray(36, 40)]).toEqual([..."acsp"].map((c) => c.charCodeAt(0)));
    near(pixel(await decoded("a.png", p3), 10, 10), [200, 100, 60], 2);
  });
});

describe("crops", () => {
  const crop = { x0: 0.25, y0: 0.5, x1: 0.75, y1: 1 };
  const cropOf = (ref: ImageRef, rect = crop): ImageRef => ({ ...ref, crop: rect, hash: cropHash(ref.hash, rect) });

  it("are the pixels of the whole, of upright pictures too", async () => {
    const bytes = await raw(stored(scene(40, 24), 8))
      .withMetadata({ orientation: 8 })
      .png()
      .toBuffer();
    const { images } = await listImages(await folder({ "a.png": bytes }));
    const part = await decodePicture(cropOf(images[0]!));
    expect([part.width, part.height]).toEqual([20, 12]);
    for (let y = 0; y < 12; y++)
      for (let x = 0; x < 20; x++) expect(pixel(part, x, y)).toEqual(pixel(scene(40, 24), x + 10, y + 12));
  });

  it("many at once are each right, and a file put in place of another is noticed", async () => {
    const dir = await folder({ "a.png": await raw(scene(40, 24)).png().toBuffer() });
    const [whole] = (await listImages(dir)).images;
    const rects = Array.from({ length: 12 }, (_, i) => ({ x0: i / 40, y0: 0, x1: (i + 20) / 40, y1: 1 }));
    const parts = await Promise.all(rects.map((r) => decodePicture(cropOf(whole!, r))));
    for (const [i, p] of parts.entries()) expect(pixel(p, 0, 23)).toEqual(pixel(scene(40, 24), i, 23));
    await writeFile(whole!.path, await raw(scene(24, 40)).png().toBuffer());
    const [replaced] = (await listImages(dir)).images;
    expect(await decodePicture(cropOf(replaced!))).toMatchObject({ width: 12, height: 20 });
  });

  it("a box stays inside the picture and keeps a pixel", () => {
    expect(cropBox({ x0: 0.999, y0: 0, x1: 1, y1: 1 }, 10, 10)).toEqual({ left: 9, top: 0, width: 1, height: 10 });
    expect(cropBox({ x0: 0.5, y0: 0.5, x1: 0.5, y1: 0.5 }, 4, 4)).toEqual({ left: 2, top: 2, width: 1, height: 1 });
  });
});

describe("a file that is no longer what was listed", () => {
  const refOf = async () =>
    (await listImages(await folder({ "a.png": await raw(scene()).png().toBuffer() }))).images[0]!;

  it("changed", async () => {
    const ref = await refOf();
    await writeFile(ref.path, await raw(scene(50, 50)).png().toBuffer());
    await expect(decodePicture(ref)).rejects.toMatchObject({
      name: "SamesightError",
      code: "invalid",
      message: "image 'a.png' changed while the study ran",
      hint: expect.stringMatching(/./),
    });
  });
  it("vanished, whole or as a crop", async () => {
    const ref = await refOf();
    await rm(ref.path);
    const gone = { name: "SamesightError", code: "missing", message: "image 'a.png' vanished while the study ran" };
    await expect(decodePicture(ref)).rejects.toMatchObject(gone);
    const crop = { x0: 0, y0: 0, x1: 0.5, y1: 0.5 };
    await expect(decodePicture({ ...ref, crop, hash: cropHash(ref.hash, crop) })).rejects.toMatchObject(gone);
  });
  it("damaged though its hash is right: a list made elsewhere", async () => {
    const dir = await folder({ "a.png": (await raw(scene()).png().toBuffer()).subarray(0, 60) });
    const { createHash } = await import("node:crypto");
    const { readFile } = await import("node:fs/promises");
    const path = join(dir, "a.png");
    const hash = createHash("sha256")
      .update(await readFile(path))
      .digest("hex");
    const ref = { id: "a.png", path, group: "a.png", hash, width: 48, height: 32 };
    await expect(decodePicture(ref)).rejects.toMatchObject({
      code: "invalid",
      message: expect.stringMatching(/^image 'a.png' cannot be decoded: /),
    });
  });
});
