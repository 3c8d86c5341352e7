import { createHash } from "node:crypto";
import type { Dirent } from "node:fs";
import { readdir, readFile, realpath, stat } from "node:fs/promises";
import { extname, join, relative, resolve, sep } from "node:path";
import sharp from "sharp";
import type { ImageRef, Picture } from "../dataset/types.js";
import { isSamesightError, SamesightError } from "../errors.js";

const EXTENSIONS = new Set([".jpg", ".jpeg", ".png", ".webp", ".avif", ".gif", ".tif", ".tiff"]);
const FEWEST_PIXELS_A_SIDE = 16;
const MOST_PIXELS = 64_000_000;
const AT_ONCE = 4;

export interface SkippedImage {
  readonly path: string;
  readonly reason: string;
}

export interface ImageList {
  /** Sorted by id. */
  readonly images: readonly ImageRef[];
  readonly skipped: readonly SkippedImage[];
}

/**
 * All photographs below a folder, decoded once to know that they can be. What cannot is skipped with its reason.
 * Throws SamesightError `missing` or `invalid` for the folder itself.
 */
export async function listImages(dir: string): Promise<ImageList> {
  const root = resolve(dir);
  const info = await stat(root).catch(() => undefined);
  if (!info)
    throw new SamesightError("missing", `no folder at ${dir}`, {
      hint: "Give the folder that holds the photographs (--images DIR).",
    });
  if (!info.isDirectory())
    throw new SamesightError("invalid", `${dir} is a file, expected a folder of photographs`, {
      hint: "Give the folder that holds it.",
    });
  const paths = (await filesBelow(root, new Set())).sort();
  const images: ImageRef[] = [];
  const skipped: SkippedImage[] = [];
  const groups = new Map<string, string>();
  for (let at = 0; at < paths.length; at += AT_ONCE) {
    const some = paths.slice(at, at + AT_ONCE);
    const results = await Promise.all(some.map((path) => examine(path).catch((error) => reasonOf(error))));
    results.forEach((found, i) => {
      const id = relative(root, some[i]!).split(sep).join("/");
      if (typeof found === "string") {
        skipped.push({ path: id, reason: found });
        return;
      }
      // copies of one photograph share a group, so that they never straddle the split
      const group = groups.get(found.hash) ?? id;
      groups.set(found.hash, group);
      images.push({ id, path: some[i]!, group, ...found });
    });
  }
  if (images.length === 0) {
    const why =
      skipped.length > 0
        ? `none of its ${skipped.length} image files can be used (${skipped[0]!.path}: ${skipped[0]!.reason})`
        : "it holds no JPEG, PNG, WebP or AVIF";
    throw new SamesightError("missing", `no photographs in ${dir}: ${why}`, {
      hint: "Give a folder of photographs (--images DIR); folders below it are searched too.",
    });
  }
  return { images, skipped };
}

async function filesBelow(dir: string, seen: Set<string>): Promise<string[]> {
  const real = await realpath(dir);
  if (seen.has(real)) return [];
  seen.add(real);
  const out: string[] = [];
  for (const entry of await readdir(dir, { withFileTypes: true })) {
    if (entry.name.startsWith(".")) continue;
    const path = join(dir, entry.name);
    const kind: Pick<Dirent, "isDirectory" | "isFile"> | undefined = entry.isSymbolicLink()
      ? await stat(path).catch(() => undefined)
      : entry;
    if (kind?.isDirectory()) out.push(...(await filesBelow(path, seen)));
    else if (kind?.isFile() && EXTENSIONS.has(extname(entry.name).toLowerCase())) out.push(path);
  }
  return out;
}

async function examine(path: string): Promise<{ hash: string; width: number; height: number }> {
  const bytes = await readFile(path);
  const meta = await sharp(bytes, { failOn: "warning", limitInputPixels: false }).metadata();
  if (meta.width * meta.height > MOST_PIXELS)
    throw new SamesightError("unsupported", `larger than ${MOST_PIXELS / 1e6} megapixels`);
  const picture = await decodeBytes(bytes);
  if (Math.min(picture.width, picture.height) < FEWEST_PIXELS_A_SIDE) {
    throw new SamesightError(
      "invalid",
      `smaller than ${FEWEST_PIXELS_A_SIDE} pixels (${picture.width} x ${picture.height})`,
    );
  }
  return { hash: createHash("sha256").update(bytes).digest("hex"), width: picture.width, height: picture.height };
}

function reasonOf(error: unknown): string {
  if (isSamesightError(error)) return error.message;
  const text = error instanceof Error ? error.message : String(error);
  if (/unsupported image format/i.test(text)) return "not an image";
  return `damaged: ${text.split("\n")[0]!.slice(0, 120)}`;
}

/** Upright, sRGB, 8 bit; transparency over white; first frame of an animation. */
async function decodeBytes(bytes: Uint8Array): Promise<Picture> {
  const { data, info } = await sharp(bytes, { failOn: "warning", limitInputPixels: MOST_PIXELS })
    .rotate()
    .flatten({ background: "#ffffff" })
    .toColourspace("srgb")
    .removeAlpha()
    .raw({ depth: "uchar" })
    .toBuffer({ resolveWithObject: true });
  if (info.channels === 3)
    return { width: info.width, height: info.height, data: new Uint8Array(data.buffer, data.byteOffset, data.length) };
  const rgb = new Uint8Array(info.width * info.height * 3);
  for (let i = 0; i < info.width * info.height; i++) rgb.fill(data[i * info.channels]!, i * 3, i * 3 + 3);
  return { width: info.width, height: info.height, data: rgb };
}

/** Reads and decodes one image of a study, its crop applied. Throws SamesightError `missing` or `invalid` when the file vanished or changed since it was listed. */
export async function decodePicture(ref: ImageRef): Promise<Picture> {
  const bytes = await readFile(ref.path).catch((cause) => {
    throw new SamesightError("missing", `image '${ref.id}' vanished while the study ran`, {
      hint: "Put it back, or run again: the study then starts from the photographs that are there.",
      cause,
    });
  });
  const fileHash = createHash("sha256").update(bytes).digest("hex");
  if ((ref.crop ? cropHash(fileHash, ref.crop) : fileHash) !== ref.hash) {
    throw new SamesightError("invalid", `image '${ref.id}' changed while the study ran`, {
      hint: "Run again: the study then uses the photograph as it is now.",
    });
  }
  const whole = await decodeBytes(bytes);
  return ref.crop ? cropped(whole, ref) : whole;
}

/** Identity of a crop of a file. */
export function cropHash(fileHash: string, crop: NonNullable<ImageRef["crop"]>): string {
  return createHash("sha256").update(`${fileHash} ${crop.x0} ${crop.y0} ${crop.x1} ${crop.y1}`).digest("hex");
}

/** Pixel bounds of a crop in a picture of that size. */
export function cropBox(crop: NonNullable<ImageRef["crop"]>, width: number, height: number) {
  const left = Math.round(crop.x0 * width);
  const top = Math.round(crop.y0 * height);
  return {
    left,
    top,
    width: Math.max(1, Math.round(crop.x1 * width) - left),
    height: Math.max(1, Math.round(crop.y1 * height) - top),
  };
}

function cropped(picture: Picture, ref: ImageRef): Picture {
  const box = cropBox(ref.crop!, picture.width, picture.height);
  const data = new Uint8Array(box.width * box.height * 3);
  for (let y = 0; y < box.height; y++) {
    const from = ((box.top + y) * picture.width + box.left) * 3;
    data.set(picture.data.subarray(from, from + box.width * 3), y * box.width * 3);
  }
  return { width: box.width, height: box.height, data };
}
