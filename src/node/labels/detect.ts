import { stat } from "node:fs/promises";
import { basename, extname, join, resolve } from "node:path";
import type { LabelFormat } from "../../contract/labels.js";
import { stemOf } from "../../dataset/labels/match.js";
import { SamesightError } from "../../errors.js";
import { findClassList } from "./classlist.js";
import { filesBelow, isFolder, readText } from "./files.js";
import { CELEBA_PARTS, MASK_ENDINGS } from "./masks.js";

export const FACEPARTS = "zoo:faceparts";

/**
 * The format of labels by what lies there. Throws SamesightError `missing` for a path that is not there or holds no labels, `ambiguous` where more than one format fits.
 */
export async function detectFormat(path: string): Promise<LabelFormat> {
  if (path === FACEPARTS) return "faceparts";
  const info = await stat(path).catch(() => undefined);
  if (!info) throw new SamesightError("missing", `no labels at ${path}`, { hint: "Give a folder or a COCO .json." });
  if (!info.isDirectory()) {
    if (extname(path).toLowerCase() === ".json") return "coco";
    throw new SamesightError("unsupported", `${path}: a file of labels must be a COCO .json`, {
      hint: "Other formats are folders: give the folder.",
    });
  }
  if (basename(resolve(path)) === "SegmentationClass" || (await isFolder(join(path, "SegmentationClass"))))
    return "voc";
  if (await isFolder(join(path, "CelebAMask-HQ-mask-anno"))) return "celebamask";
  const files = await filesBelow(path, [".json", ".txt", ...MASK_ENDINGS]);
  const ending = (f: { name: string }) => extname(f.name).toLowerCase();
  const pictures = files.filter((f) => MASK_ENDINGS.includes(ending(f)));
  const celeba = new RegExp(`^\\d{5}_(${CELEBA_PARTS.join("|")})$`);
  if (pictures.length > 0 && pictures.every((f) => celeba.test(stemOf(f.name)))) return "celebamask";
  const fits: LabelFormat[] = [];
  if (
    await anyOf(
      files.filter((f) => ending(f) === ".json"),
      (text) => /"annotations"\s*:/.test(text),
    )
  )
    fits.push("coco");
  if (
    await anyOf(
      files.filter((f) => ending(f) === ".txt"),
      (text) => /^\s*\d+(\s+[-+.\deE]+){4,}\s*$/m.test(text),
    )
  )
    fits.push("yolo");
  const pngs = pictures.filter((f) => ending(f) === ".png");
  if (pngs.length > 0) fits.push(...(await pictureFormats(path, pngs)));
  if (fits.length === 1) return fits[0]!;
  if (fits.length === 0) {
    throw new SamesightError("missing", `${path}: no labels of a known format`, {
      hint: "Known are COCO json, class-id PNG with a class list, YOLO txt, Pascal VOC, CelebAMask-HQ and folders of masks; name one with labels.format.",
    });
  }
  throw new SamesightError("ambiguous", `${path}: could be ${fits.join(" or ")}`, {
    hint: `Say which: labels.format ${fits[0]}, --label-format ${fits[0]}.`,
  });
}

/** Pictures are class ids where a class list lies beside them, else masks, a folder or a name a concept. */
async function pictureFormats(path: string, pngs: readonly { name: string }[]): Promise<LabelFormat[]> {
  if (!(await findClassList(path))) return ["masks"];
  // one photograph in several folders speaks for a folder a concept, the list for class ids
  const stems = new Set(pngs.map((f) => stemOf(f.name)));
  return stems.size === pngs.length ? ["semantic"] : ["semantic", "masks"];
}

/** Whether one of the first few files says so. */
async function anyOf(
  files: readonly { path: string; name: string }[],
  says: (text: string) => boolean,
): Promise<boolean> {
  for (const file of files.slice(0, 20)) if (says(await readText(file.path, file.name).catch(() => ""))) return true;
  return false;
}
