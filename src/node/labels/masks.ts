import { join } from "node:path";
import sharp from "sharp";
import type { LabelsConfig } from "../../contract/labels.js";
import { finder, partsOf, stemOf } from "../../dataset/labels/match.js";
import type { LabelClass, LabelObject, LabelReader } from "../../dataset/labels/photo.js";
import type { ImageRef } from "../../dataset/types.js";
import { SamesightError } from "../../errors.js";
import { reasonOf } from "../decode.js";
import { sha256 } from "../store.js";
import type { LabelFile } from "./files.js";
import { filesBelow, isFolder, readBytes } from "./files.js";
import { readIndexedPng } from "./png.js";

export const MASK_ENDINGS = [".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff"];
export const CELEBA_PARTS =
  "skin nose eye_g l_eye r_eye l_brow r_brow l_ear r_ear mouth u_lip l_lip hair hat ear_r neck_l neck cloth".split(" ");
const CELEBA_NAME = /^(\d+)_([a-z_]+)$/;

interface MaskFile extends LabelFile {
  readonly concept: string;
}

/** All masks of one photograph. */
interface MaskGroup {
  /** As the photograph's path would be. */
  readonly path: string;
  readonly files: MaskFile[];
}

/** CelebAMask-HQ: 00012_nose.png is the nose on 12.jpg, at half the size; a part without a file is not on the picture. */
export async function celebaReader(path: string, _config: LabelsConfig): Promise<LabelReader> {
  const inner = join(path, "CelebAMask-HQ-mask-anno");
  const files = await filesBelow((await isFolder(inner)) ? inner : path, [".png"]);
  const groups = grouped(files, (file) => {
    const [, digits, part] = CELEBA_NAME.exec(stemOf(file.name)) ?? [];
    return digits && CELEBA_PARTS.includes(part!) ? { concept: part!, path: String(Number(digits)) } : undefined;
  });
  const find = finder(groups, (g) => g.path);
  const classes = CELEBA_PARTS.map((name) => ({ name }));
  return maskReader(path, "celebamask", classes, groups, (image) => {
    const stem = stemOf(image.path);
    return /^\d+$/.test(stem) ? find(String(Number(stem))) : undefined;
  });
}

/** A folder a concept, masks named after the photographs (person/0012.png), or one folder with 0012_person.png. */
export async function masksReader(path: string, images: readonly ImageRef[]): Promise<LabelReader> {
  const files = await filesBelow(path, MASK_ENDINGS);
  const groups = files.some((f) => f.name.includes("/")) ? byFolder(files) : byEnding(files, images);
  if (groups.length === 0) {
    throw new SamesightError("missing", `${path}: no masks named after photographs`, {
      hint: "Write CONCEPT/PHOTOGRAPH.png or PHOTOGRAPH_CONCEPT.png.",
    });
  }
  const names = [...new Set(groups.flatMap((g) => g.files.map((f) => f.concept)))].sort();
  const find = finder(groups, (g) => g.path);
  const classes = names.map((name) => ({ name }));
  return maskReader(path, "masks", classes, groups, (image) => find(image.path));
}

/** Folders that hold all of it (masks/...) are no concepts. */
function byFolder(files: readonly LabelFile[]): MaskGroup[] {
  let depth = 0;
  while (
    files.every(
      (f) => f.name.split("/").length > depth + 2 && f.name.split("/")[depth] === files[0]!.name.split("/")[depth],
    )
  )
    depth++;
  return grouped(files, (f) => {
    const parts = partsOf(f.name).slice(depth);
    return parts.length < 2 ? undefined : { concept: parts[0]!, path: parts.slice(1).join("/") };
  });
}

/** The longest name of a photograph that begins the mask's name; the rest is the concept. */
function byEnding(files: readonly LabelFile[], images: readonly ImageRef[]): MaskGroup[] {
  const stems = new Set(images.map((i) => stemOf(i.path)));
  return grouped(files, (f) => {
    const stem = stemOf(f.name);
    for (let cut = stem.lastIndexOf("_"); cut > 0; cut = stem.lastIndexOf("_", cut - 1)) {
      if (stems.has(stem.slice(0, cut))) return { concept: stem.slice(cut + 1), path: stem.slice(0, cut) };
    }
    return undefined;
  });
}

function grouped(
  files: readonly LabelFile[],
  read: (file: LabelFile) => { concept: string; path: string } | undefined,
): MaskGroup[] {
  const groups = new Map<string, MaskGroup>();
  for (const file of files) {
    const { concept, path } = read(file) ?? {};
    if (!concept || path === undefined) continue;
    const group = groups.get(path);
    if (group) group.files.push({ ...file, concept });
    else groups.set(path, { path, files: [{ ...file, concept }] });
  }
  return [...groups.values()];
}

function maskReader(
  path: string,
  format: string,
  classes: readonly LabelClass[],
  groups: readonly MaskGroup[],
  find: (image: ImageRef) => MaskGroup | undefined,
): LabelReader {
  return {
    source: { path, format },
    classes,
    problems: [],
    examples: groups.slice(0, 3).map((g) => g.files[0]!.name),
    async read(image) {
      const group = find(image);
      if (!group) return undefined;
      const objects = new Map<string, LabelObject[]>();
      const hashes: string[] = [];
      let size: { width: number; height: number } | undefined;
      for (const { path: at, name, concept } of group.files) {
        const bytes = await readBytes(at, name);
        hashes.push(concept, sha256(bytes));
        const mask = await binaryMask(bytes).catch((error: unknown) => error as Error);
        if (!(mask instanceof Error)) size ??= { width: mask.width, height: mask.height };
        const object: LabelObject = {
          where: name,
          crowd: false,
          paint(canvas) {
            if (mask instanceof Error)
              throw new SamesightError("invalid", reasonOf(mask), { hint: "Save the mask again as PNG." });
            if (mask.width !== canvas.width || mask.height !== canvas.height) {
              throw new SamesightError(
                "invalid",
                `has ${mask.width} x ${mask.height} pixels, other masks of the photograph ${canvas.width} x ${canvas.height}`,
                { hint: "Save all masks of a photograph at one size." },
              );
            }
            for (let i = 0; i < mask.data.length; i++) canvas.data[i]! |= mask.data[i]!;
          },
        };
        objects.set(concept, [...(objects.get(concept) ?? []), object]);
      }
      return { size, hash: sha256(JSON.stringify(hashes)), where: group.files[0]!.name, objects };
    },
  };
}

const PNG_COLOUR_TYPE = 25;

/**
 * 1 inside, 0 outside. A picture of two values, one of them 0 (0 and 1, 0 and 255), is inside where it is not 0; any other where it is brighter than half of its
 * brightest pixel. Throws what decoding throws.
 */
export async function binaryMask(bytes: Uint8Array): Promise<{ width: number; height: number; data: Uint8Array }> {
  const { width, height, data } = await greyValues(bytes);
  let most = 0;
  let other = false;
  for (let i = 0; i < data.length; i++) if (data[i]! > most) most = data[i]!;
  for (let i = 0; i < data.length && !other; i++) other = data[i] !== 0 && data[i] !== most;
  const above = other ? most / 2 : 0;
  return { width, height, data: Uint8Array.from(data, (v) => (v > above ? 1 : 0)) };
}

async function greyValues(
  bytes: Uint8Array,
): Promise<{ width: number; height: number; data: ArrayLike<number> & Iterable<number> }> {
  if (bytes[0] === 137 && bytes[1] === 80 && bytes[PNG_COLOUR_TYPE] === 0) return readIndexedPng(bytes);
  const { data, info } = await sharp(bytes, { failOn: "warning" })
    .flatten({ background: "#000000" })
    .toColourspace("b-w")
    .raw({ depth: "uchar" })
    .toBuffer({ resolveWithObject: true });
  if (info.channels === 1) return { width: info.width, height: info.height, data };
  return { width: info.width, height: info.height, data: data.filter((_, i) => i % info.channels === 0) };
}
