import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { crc32, deflateSync } from "node:zlib";
import sharp from "sharp";
import { afterAll } from "vitest";
import type { LabelsConfigInput } from "../../../src/contract/labels.js";
import { labelsSchema } from "../../../src/contract/labels.js";
import type { LabelSet } from "../../../src/dataset/labels/types.js";
import type { ImageRef } from "../../../src/dataset/types.js";
import { listImages } from "../../../src/node/images.js";
import { openLabels } from "../../../src/node/labels/open.js";

const made: string[] = [];
afterAll(async () => {
  for (const dir of made) await rm(dir, { recursive: true, force: true });
});

/** A folder with the given files, gone after the tests. */
export async function folder(files: Readonly<Record<string, string | Uint8Array>>): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), "samesight-labels-"));
  made.push(dir);
  for (const [name, data] of Object.entries(files)) {
    await mkdir(dirname(join(dir, name)), { recursive: true });
    await writeFile(join(dir, name), data);
  }
  return dir;
}

export const W = 40;
export const H = 30;

/** A dark photograph of W x H, with a bright box where one is given; `orientation` as EXIF has it (the box is in stored pixels). */
export async function photo(box?: Box, orientation = 1, width = W, height = H): Promise<Buffer> {
  const data = Buffer.alloc(width * height * 3, 20);
  if (box) for (let y = box[1]; y < box[3]; y++) data.fill(230, (y * width + box[0]) * 3, (y * width + box[2]) * 3);
  return sharp(data, { raw: { width, height, channels: 3 } })
    .withMetadata({ orientation })
    .jpeg({ quality: 100, chromaSubsampling: "4:4:4" })
    .toBuffer();
}

/** x0, y0, x1, y1 in pixels, ends not included. */
export type Box = readonly [number, number, number, number];

/** Values of a picture: `base`, and others in boxes, later ones over earlier ones. */
export function painted(base: number, boxes: readonly (readonly [Box, number])[], width = W, height = H): Uint8Array {
  const data = new Uint8Array(width * height).fill(base);
  for (const [[x0, y0, x1, y1], value] of boxes)
    for (let y = y0; y < y1; y++) data.fill(value, y * width + x0, y * width + x1);
  return data;
}

/** An 8-bit PNG that stores exactly these values; with `palette` they are indices into one whose colours are all different from their index. */
export function png(values: Uint8Array, width = W, height = H, palette = false): Buffer {
  const rows = Buffer.alloc((width + 1) * height);
  for (let y = 0; y < height; y++) rows.set(values.subarray(y * width, (y + 1) * width), y * (width + 1) + 1);
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, palette ? 3 : 0, 0, 0, 0], 8);
  const colours = Buffer.from(Array.from({ length: 768 }, (_, i) => (i * 7 + 13) % 256));
  const chunk = (type: string, data: Uint8Array) => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const out = Buffer.alloc(body.length + 8);
    out.writeUInt32BE(data.length, 0);
    body.copy(out, 4);
    out.writeUInt32BE(crc32(body), body.length + 4);
    return out;
  };
  return Buffer.concat([
    Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]),
    chunk("IHDR", head),
    ...(palette ? [chunk("PLTE", colours)] : []),
    chunk("IDAT", deflateSync(rows)),
    chunk("IEND", new Uint8Array()),
  ]);
}

/** Photographs and labels in one folder, as a user has them: `photos/...` and `labels/...`. */
export async function opened(
  files: Readonly<Record<string, string | Uint8Array>>,
  config: Omit<LabelsConfigInput, "path"> & { path?: string | string[] } = {},
): Promise<{ set: LabelSet; images: readonly ImageRef[]; dir: string }> {
  const dir = await folder(files);
  const { images } = await listImages(join(dir, "photos"));
  const path = [config.path ?? "labels"].flat().map((p) => join(dir, p));
  const classes = config.classes ? { classes: join(dir, config.classes) } : {};
  const set = await openLabels(labelsSchema.parse({ ...config, ...classes, path }), images);
  return { set, images, dir };
}

/** Mask of a concept by name. */
export async function maskOf(set: LabelSet, image: ImageRef, name: string): Promise<Uint8Array> {
  return (await set.open(image)).mask(indexOf(set, name));
}

export function indexOf(set: LabelSet, name: string): number {
  const at = set.concepts.findIndex((c) => c.name === name);
  if (at < 0) throw new Error(`no concept ${name} among ${set.concepts.map((c) => c.name).join(", ")}`);
  return at;
}

/** Pixels as rows of digits: failures can be read. */
export function rows(data: ArrayLike<number>, width = W): string[] {
  return Array.from({ length: data.length / width }, (_, y) =>
    Array.from({ length: width }, (_, x) => data[y * width + x]).join(""),
  );
}
