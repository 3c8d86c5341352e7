import { readdir, readFile, realpath, stat } from "node:fs/promises";
import { extname, join, relative, resolve, sep } from "node:path";
import sharp from "sharp";
import { mapConcurrent } from "../dataset/prefetch.js";
import type { ImageRef } from "../dataset/types.js";
import { SamesightError } from "../errors.js";
import { reasonOf } from "./decode.js";
import { sha256 } from "./store.js";

export { cropBox, cropHash, decodePicture } from "./decode.js";

const EXTENSIONS = new Set([".jpg", ".jpeg", ".png", ".webp", ".avif", ".gif", ".tif", ".tiff"]);
/** Photographs too, but not readable here: named, so that nobody wonders where they are. */
const FOREIGN = new Set([".heic", ".heif", ".bmp", ".jp2", ".jxl", ".dng", ".cr2", ".nef", ".arw", ".ppm", ".tga"]);
/** As the decoder names them; HEIF with another codec than AV1 has no decoder here. */
const FORMATS = new Set(["jpeg", "png", "webp", "heif", "gif", "tiff"]);
const FEWEST_PIXELS_A_SIDE = 16;
const MOST_BYTES = 256_000_000;
const AT_ONCE = 4;

export interface ListOptions {
  /** Larger images are skipped: a decoded picture takes 3 bytes a pixel. Default 64 million, at most 268 million. */
  readonly maxPixels?: number;
}

/** A file that could not be used. */
export interface SkippedImage {
  /** Slash-separated, relative to the folder. */
  readonly path: string;
  readonly reason: string;
}

/** Photographs of a folder that can be used, and those that cannot, with the reason. */
export interface ImageList {
  /** Sorted by id. */
  readonly images: readonly ImageRef[];
  /** Sorted by path. */
  readonly skipped: readonly SkippedImage[];
}

/**
 * All photographs below a folder (JPEG, PNG, WebP, AVIF, GIF, TIFF; hidden files aside, links followed once), each read to its end to know that it
 * can be decoded. What cannot be used is skipped with its reason. Copies of one photograph share a group.
 * Throws SamesightError `missing` or `invalid` for the folder itself, and `missing` when nothing in it can be used.
 */
export async function listImages(dir: string, options: ListOptions = {}): Promise<ImageList> {
  const root = resolve(dir);
  await checkFolder(root, dir);
  const skipped: SkippedImage[] = [];
  const idOf = (path: string) => relative(root, path).split(sep).join("/");
  const paths: string[] = [];
  await walk(root, new Set(), (path, reason) => {
    if (reason === undefined) paths.push(path);
    else skipped.push({ path: idOf(path), reason });
  });
  const images: ImageRef[] = [];
  const groups = new Map<string, string>();
  const files = paths.map((path) => ({ path, id: idOf(path) })).sort((a, b) => (a.id < b.id ? -1 : 1));
  const maxPixels = options.maxPixels ?? 64_000_000;
  const examined = mapConcurrent(files, AT_ONCE, async (file) => ({
    ...file,
    found: await examine(file.path, maxPixels).catch(reasonOf),
  }));
  for await (const { path, id, found } of examined) {
    if (typeof found === "string") {
      skipped.push({ path: id, reason: found });
      continue;
    }
    // copies of one photograph share a group, so that they never straddle the split
    const group = groups.get(found.hash) ?? id;
    groups.set(found.hash, group);
    images.push({ id, path, group, ...found });
  }
  skipped.sort((a, b) => (a.path < b.path ? -1 : 1));
  if (images.length === 0) throw nothingIn(dir, skipped);
  return { images, skipped };
}

async function checkFolder(root: string, dir: string): Promise<void> {
  const info = await stat(root).catch(() => undefined);
  if (!info) {
    throw new SamesightError("missing", `no folder at ${dir}`, {
      hint: "Give the folder that holds the photographs (--images DIR).",
    });
  }
  if (!info.isDirectory()) {
    throw new SamesightError("invalid", `${dir} is a file, expected a folder of photographs`, {
      hint: folderHint(dir),
    });
  }
  await readdir(root).catch((cause) => {
    throw new SamesightError("invalid", `the folder ${dir} may not be read`, {
      hint: "Check its permissions.",
      cause,
    });
  });
}

function nothingIn(dir: string, skipped: readonly SkippedImage[]): SamesightError {
  const why =
    skipped.length > 0
      ? `none of its ${skipped.length} image files can be used (${skipped[0]!.path}: ${skipped[0]!.reason})`
      : "it holds no JPEG, PNG, WebP or AVIF";
  return new SamesightError("missing", `no photographs in ${dir}: ${why}`, {
    hint: "Give a folder of photographs (--images DIR); folders below it are searched too.",
    details: { skipped },
  });
}

/** Files below `dir` that look like photographs; with a reason those that cannot be used. A folder reached twice is read once. */
async function walk(dir: string, seen: Set<string>, found: (path: string, reason?: string) => void): Promise<void> {
  const real = await realpath(dir);
  if (seen.has(real)) return;
  seen.add(real);
  const entries = await readdir(dir, { withFileTypes: true }).catch(() => undefined);
  if (!entries) return found(dir, "folder may not be read (permission denied)");
  // in order, so that of two links to one folder it is always the same that counts
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) {
    if (entry.name.startsWith(".")) continue;
    const path = join(dir, entry.name);
    const extension = extname(entry.name).toLowerCase();
    const kind = entry.isSymbolicLink() ? await stat(path).catch(() => undefined) : entry;
    if (kind?.isDirectory()) await walk(path, seen, found);
    else if (FOREIGN.has(extension)) found(path, `format ${extension} is not read: save it as JPEG or PNG`);
    else if (!EXTENSIONS.has(extension)) continue;
    else if (!kind) found(path, "a link to nothing");
    else if (kind.isFile()) found(path);
  }
}

/** Hash and upright size. Throws what says why it cannot be used. */
async function examine(path: string, maxPixels: number): Promise<{ hash: string; width: number; height: number }> {
  const { size } = await stat(path);
  if (size === 0) throw new SamesightError("invalid", "an empty file");
  if (size > MOST_BYTES)
    throw new SamesightError("unsupported", `larger than ${MOST_BYTES / 1e6} megabytes: shrink it`);
  const bytes = await readFile(path);
  const meta = await sharp(bytes, { limitInputPixels: false }).metadata();
  if (!FORMATS.has(meta.format) || (meta.format === "heif" && meta.compression !== "av1"))
    throw new SamesightError("unsupported", `holds ${meta.format}, not a photograph format: save it as JPEG or PNG`);
  const { width, height } = meta.autoOrient;
  if (width * height > maxPixels) {
    throw new SamesightError(
      "unsupported",
      `larger than ${maxPixels / 1e6} megapixels (${width} x ${height}): shrink it`,
    );
  }
  if (Math.min(width, height) < FEWEST_PIXELS_A_SIDE)
    throw new SamesightError("invalid", `smaller than ${FEWEST_PIXELS_A_SIDE} pixels a side (${width} x ${height})`);
  await readThrough(bytes, meta.width, meta.height);
  return { hash: sha256(bytes), width, height };
}

/** Decodes to the last byte at an eighth of the size: finds what is torn or damaged, in less time and little memory. */
async function readThrough(bytes: Uint8Array, width: number, height: number): Promise<void> {
  await sharp(bytes, { failOn: "warning", limitInputPixels: false })
    .resize(Math.ceil(width / 8), Math.ceil(height / 8), { fit: "fill", kernel: "nearest" })
    .raw()
    .toBuffer();
}

function folderHint(file: string): string {
  if (/\.(zip|tar|tgz|gz|7z|rar)$/i.test(file)) return "Unpack it and give the folder.";
  if (/\.(mp4|mov|avi|mkv|webm|m4v|mpg|mpeg)$/i.test(file))
    return "Save frames of the film as pictures first: ffmpeg -i FILM -vf fps=1 frames/%05d.jpg";
  return "Give the folder that holds it.";
}
