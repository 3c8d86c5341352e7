import { basename, join } from "node:path";
import type { LabelsConfig } from "../../contract/labels.js";
import type { CocoFile, CocoPhoto } from "../../dataset/labels/coco.js";
import { cocoObjects, parseCoco } from "../../dataset/labels/coco.js";
import { finder } from "../../dataset/labels/match.js";
import type { LabelReader } from "../../dataset/labels/photo.js";
import { SamesightError } from "../../errors.js";
import { sha256 } from "../store.js";
import { filesBelow, isFolder, readJson } from "./files.js";

/** COCO JSON: one file, or a folder of them (those called instances_* where there are such). */
export async function cocoReader(path: string, config: LabelsConfig): Promise<LabelReader> {
  const files = await cocoFiles(path);
  const photos: { photo: CocoPhoto; file: CocoFile; name: string }[] = [];
  const classes = new Map<string, CocoFile["classes"][number]>();
  const problems: CocoFile["problems"][number][] = [];
  for (const { path: at, name } of files) {
    const file = parseCoco(await readJson(at, name), name);
    for (const c of file.classes) if (!classes.has(c.name)) classes.set(c.name, c);
    for (const photo of file.photos) photos.push({ photo, file, name });
    problems.push(...file.problems);
  }
  const find = finder(photos, (p) => p.photo.fileName);
  return {
    source: { path, format: "coco" },
    classes: [...classes.values()],
    problems,
    examples: photos.slice(0, 3).map((p) => p.photo.fileName),
    async read(image) {
      const found = find(image.path);
      if (!found) return undefined;
      const { photo, file, name } = found;
      return {
        size: photo.size,
        hash: sha256(JSON.stringify([photo.size, photo.annotations, [...file.names]])),
        where: photo.where,
        objects: cocoObjects(photo, file, config.boxes, name),
      };
    },
  };
}

export async function cocoFiles(path: string): Promise<{ path: string; name: string }[]> {
  if (!(await isFolder(path))) return [{ path, name: basename(path) }];
  const dir = (await isFolder(join(path, "annotations"))) ? join(path, "annotations") : path;
  const all = await filesBelow(dir, [".json"]);
  const instances = all.filter((f) => basename(f.name).startsWith("instances"));
  const files = instances.length > 0 ? instances : all;
  if (files.length > 0) return files;
  throw new SamesightError("missing", `${path}: no .json in it`, { hint: "Give the file of the COCO annotations." });
}
