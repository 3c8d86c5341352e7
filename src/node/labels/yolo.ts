import type { LabelsConfig } from "../../contract/labels.js";
import { finder } from "../../dataset/labels/match.js";
import type { LabelReader } from "../../dataset/labels/photo.js";
import { parseYolo } from "../../dataset/labels/yolo.js";
import { SamesightError } from "../../errors.js";
import { sha256 } from "../store.js";
import { classListOf } from "./classlist.js";
import { filesBelow, readText } from "./files.js";

/** YOLO text files, polygons or boxes, below a folder; an empty file is a photograph without any object. */
export async function yoloReader(path: string, config: LabelsConfig): Promise<LabelReader> {
  const files = await filesBelow(path, [".txt"]);
  if (files.length === 0)
    throw new SamesightError("missing", `${path}: no .txt in it`, { hint: "Give the folder of the YOLO label files." });
  const { list } = await classListOf(path, config.classes);
  const find = finder(files, (f) => f.path);
  return {
    source: { path, format: "yolo" },
    classes: [...new Set(list.values())].map((name) => ({ name })),
    problems: [],
    examples: files.slice(0, 3).map((f) => f.name),
    async read(image) {
      const file = find(image.path);
      if (!file) return undefined;
      const text = await readText(file.path, file.name);
      return {
        size: undefined,
        hash: sha256(JSON.stringify([text, [...list]])),
        where: file.name,
        objects: parseYolo(text, list, config.boxes, file.name),
      };
    },
  };
}
