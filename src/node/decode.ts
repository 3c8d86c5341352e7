import { readFile } from "node:fs/promises";
import sharp from "sharp";
import { cropBox } from "../dataset/geometry.js";
import type { ImageRef, Picture, Rect } from "../dataset/types.js";
import { isSamesightError, SamesightError } from "../errors.js";
import { sha256 } from "./store.js";

export { cropBox };

/** Whole pictures kept for the next crop of the same photograph, in bytes. */
const KEPT_BYTES = 96_000_000;

interface Decoded {
  readonly fileHash: string;
  readonly picture: Picture;
}

const kept = new Map<string, { bytes: number; decoded: Promise<Decoded> }>();

/**
 * Reads and decodes one image of a study, its crop applied: upright, sRGB, 8 bit, transparency over white, first frame of an animation.
 * Crops of one photograph that follow each other share one decoding.
 * Throws SamesightError `missing` or `invalid` when the file vanished, changed or turned out damaged since it was listed.
 */
export async function decodePicture(ref: ImageRef): Promise<Picture> {
  if (!ref.crop) return (await decodeFile(ref, (fileHash) => fileHash === ref.hash)).picture;
  const crop = ref.crop;
  const fits = (fileHash: string) => cropHash(fileHash, crop) === ref.hash;
  const before = await kept.get(ref.path)?.decoded.catch(() => undefined);
  return cropped((before && fits(before.fileHash) ? before : await keep(ref, fits)).picture, crop);
}

async function keep(ref: ImageRef, fits: (fileHash: string) => boolean): Promise<Decoded> {
  const entry = { bytes: 0, decoded: decodeFile(ref, fits) };
  kept.delete(ref.path);
  kept.set(ref.path, entry);
  try {
    const decoded = await entry.decoded;
    entry.bytes = decoded.picture.data.byteLength;
    return decoded;
  } catch (error) {
    if (kept.get(ref.path) === entry) kept.delete(ref.path);
    throw error;
  } finally {
    let total = 0;
    for (const [path, { bytes }] of [...kept].reverse()) {
      total += bytes;
      if (total > KEPT_BYTES) kept.delete(path);
    }
  }
}

async function decodeFile(ref: ImageRef, fits: (fileHash: string) => boolean): Promise<Decoded> {
  const bytes = await readFile(ref.path).catch((cause) => {
    throw new SamesightError("missing", `image '${ref.id}' vanished while the study ran`, {
      hint: "Put it back, or run again: the study then starts from the photographs that are there.",
      cause,
    });
  });
  const fileHash = sha256(bytes);
  if (!fits(fileHash)) {
    throw new SamesightError("invalid", `image '${ref.id}' changed while the study ran`, {
      hint: "Run again: the study then uses the photograph as it is now.",
    });
  }
  const picture = await decodeBytes(bytes).catch((cause) => {
    throw new SamesightError("invalid", `image '${ref.id}' cannot be decoded: ${reasonOf(cause)}`, {
      hint: "Take it out of the folder, or save it anew, and run again.",
      cause,
    });
  });
  return { fileHash, picture };
}

/** Upright, sRGB, 8 bit; transparency over white; first frame of an animation. Throws what sharp throws. */
async function decodeBytes(bytes: Uint8Array): Promise<Picture> {
  const { data, info } = await sharp(bytes, { failOn: "warning" })
    .autoOrient()
    .flatten({ background: "#ffffff" })
    .toColourspace("srgb")
    .removeAlpha()
    .raw({ depth: "uchar" })
    .toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  const values = new Uint8Array(data.buffer, data.byteOffset, data.length);
  if (channels === 3) return { width, height, data: values };
  const rgb = new Uint8Array(width * height * 3);
  for (let i = 0, to = 0; i < values.length; i += channels) {
    const grey = values[i]!;
    rgb[to++] = grey;
    rgb[to++] = grey;
    rgb[to++] = grey;
  }
  return { width, height, data: rgb };
}

/** Why an image cannot be used, in few words that name no path. */
export function reasonOf(error: unknown): string {
  if (isSamesightError(error)) return error.message;
  const text = error instanceof Error ? error.message : String(error);
  if (/unsupported image format/i.test(text)) return "not an image";
  if (/^(EACCES|EPERM)/.test(text)) return "may not be read (permission denied)";
  if (/^ENOENT/.test(text)) return "vanished while the folder was read";
  // which of its warnings libvips reports first is a matter of threads
  if (/warning treated as error|premature|truncated/i.test(text)) return "damaged: cut short, or faulty inside";
  return `damaged: ${text.split("\n")[0]!.slice(0, 120)}`;
}

/** Identity of a crop of a file. */
export function cropHash(fileHash: string, crop: Rect): string {
  return sha256(`${fileHash} ${crop.x0} ${crop.y0} ${crop.x1} ${crop.y1}`);
}

function cropped(picture: Picture, crop: Rect): Picture {
  const box = cropBox(crop, picture.width, picture.height);
  const data = new Uint8Array(box.width * box.height * 3);
  for (let y = 0; y < box.height; y++) {
    const from = ((box.top + y) * picture.width + box.left) * 3;
    data.set(picture.data.subarray(from, from + box.width * 3), y * box.width * 3);
  }
  return { width: box.width, height: box.height, data };
}
