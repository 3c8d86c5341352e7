import { join } from "node:path";
import type { LabelsConfig } from "../../contract/labels.js";
import type { Canvas } from "../../dataset/labels/canvas.js";
import type { ClassList, PixelMeaning } from "../../dataset/labels/classes.js";
import { pixelMeaning } from "../../dataset/labels/classes.js";
import { finder } from "../../dataset/labels/match.js";
import type { LabelObject, LabelReader, PhotoLabels } from "../../dataset/labels/photo.js";
import { isSamesightError, SamesightError } from "../../errors.js";
import { sha256 } from "../store.js";
import { classListOf, findClassList, readClassList } from "./classlist.js";
import { filesBelow, isFolder, readBytes } from "./files.js";
import type { IndexedPng } from "./png.js";
import { readIndexedPng } from "./png.js";

const VOC =
  "background aeroplane bicycle bird boat bottle bus car cat chair cow diningtable dog horse motorbike person pottedplant sheep sofa train tvmonitor";

/** PNGs of one channel or a palette whose values are class ids, below a folder, and their class list. */
export async function semanticReader(path: string, config: LabelsConfig): Promise<LabelReader> {
  return pixelReader(path, path, "semantic", (await classListOf(path, config.classes)).list, config);
}

/** Pascal VOC: the palette PNGs of SegmentationClass; 255, the seam between objects, is ignored. The 20 classes of VOC unless a list is given or lies there. */
export async function vocReader(path: string, config: LabelsConfig): Promise<LabelReader> {
  const inner = join(path, "SegmentationClass");
  const file = config.classes ?? (await findClassList(path));
  const list = file ? await readClassList(file) : new Map(VOC.split(" ").map((name, id) => [id, name]));
  return pixelReader(path, (await isFolder(inner)) ? inner : path, "voc", list, config);
}

async function pixelReader(
  path: string,
  folder: string,
  format: "semantic" | "voc",
  list: ClassList,
  config: LabelsConfig,
): Promise<LabelReader> {
  const files = await filesBelow(folder, [".png"]);
  if (files.length === 0)
    throw new SamesightError("missing", `${folder}: no .png in it`, { hint: "Give the folder of the label pictures." });
  const meaning = pixelMeaning(list, config.ignore);
  const find = finder(files, (f) => f.path);
  return {
    source: { path, format },
    classes: [...new Set(meaning.classes.values())].map((name) => ({ name })),
    problems: [],
    examples: files.slice(0, 3).map((f) => f.name),
    async read(image) {
      const file = find(image.path);
      if (!file) return undefined;
      const bytes = await readBytes(file.path, file.name);
      return pixelLabels(
        decoded(bytes, file.name),
        meaning,
        file.name,
        sha256(JSON.stringify([sha256(bytes), [...list]])),
      );
    },
  };
}

function decoded(bytes: Uint8Array, name: string): IndexedPng {
  try {
    return readIndexedPng(bytes);
  } catch (error) {
    if (!isSamesightError(error)) throw error;
    throw new SamesightError(error.code, `${name}: ${error.message}`, { hint: error.hint, cause: error });
  }
}

/** Throws SamesightError `unknown` for a value that no class has, with the pixel. */
function pixelLabels(
  { width, height, data }: IndexedPng,
  meaning: PixelMeaning,
  where: string,
  hash: string,
): PhotoLabels {
  const present = new Set<number>();
  let before = -1;
  for (let i = 0; i < data.length; i++) {
    const id = data[i]!;
    if (id === before) continue;
    before = id;
    if (present.has(id)) continue;
    present.add(id);
    if (!meaning.classes.has(id) && !meaning.background.has(id) && !meaning.ignored.has(id)) {
      throw new SamesightError(
        "unknown",
        `${where}: pixel (${i % width}, ${Math.floor(i / width)}) has class ${id}, which the class list lacks`,
        { hint: `Give the class list of these labels, or ignore such pixels: labels.ignore [${id}].` },
      );
    }
  }
  const idsOf = new Map<string, Set<number>>();
  for (const id of [...present].sort((a, b) => a - b)) {
    const name = meaning.classes.get(id);
    if (name !== undefined) idsOf.set(name, new Set([...(idsOf.get(name) ?? []), id]));
  }
  const painter = (ids: ReadonlySet<number>) => {
    const table = new Uint8Array(65536);
    for (const id of ids) table[id] = 1;
    return ({ data: out }: Canvas) => {
      for (let i = 0; i < data.length; i++) out[i]! |= table[data[i]!]!;
    };
  };
  const object = (ids: ReadonlySet<number>): LabelObject => ({ where, crowd: false, paint: painter(ids) });
  const ignored = new Set([...present].filter((id) => meaning.ignored.has(id)));
  return {
    size: { width, height },
    hash,
    where,
    objects: new Map([...idsOf].map(([name, ids]) => [name, [object(ids)]])),
    ...(ignored.size > 0 ? { paintIgnored: painter(ignored) } : {}),
  };
}
