import { SamesightError } from "../../errors.js";
import type { Canvas } from "./canvas.js";
import { isRecord } from "./classes.js";
import type { LabelClass, LabelObject } from "./photo.js";
import { paintRuns, runsFromCounts, runsFromText, short } from "./rle.js";
import { paintBox, paintEllipse, paintPolygon } from "./shapes.js";
import type { LabelProblem } from "./types.js";

type Annotation = Readonly<Record<string, unknown>>;

/** One picture of a COCO file with its annotations, as they stand. */
export interface CocoPhoto {
  readonly fileName: string;
  readonly size: { readonly width: number; readonly height: number } | undefined;
  readonly where: string;
  readonly annotations: Annotation[];
}

export interface CocoFile {
  readonly classes: readonly LabelClass[];
  /** Class name by category id. */
  readonly names: ReadonlyMap<unknown, string>;
  readonly photos: readonly CocoPhoto[];
  readonly problems: readonly LabelProblem[];
}

/**
 * Reads the structure of a COCO document. Pictures without id or name, and annotations of pictures that are not there, are left out and counted.
 * Throws SamesightError `invalid` when a list is missing or a category is not one, `unknown` for an annotation of a category that is not there.
 */
export function parseCoco(document: unknown, file: string): CocoFile {
  const list = (key: string): unknown[] => {
    const value = isRecord(document) ? document[key] : undefined;
    if (Array.isArray(value)) return value;
    throw new SamesightError("invalid", `${file}: no list '${key}'`, {
      hint: "A COCO file has the lists images, annotations and categories.",
    });
  };
  const problems: LabelProblem[] = [];
  const classes: LabelClass[] = [];
  const names = new Map<unknown, string>();
  for (const [i, c] of list("categories").entries()) {
    if (!isRecord(c) || !isId(c.id) || typeof c.name !== "string" || c.name.trim() === "") {
      throw new SamesightError("invalid", `${file}: categories[${i}] has no id or no name`, {
        hint: 'Write {"id": 1, "name": "person"}.',
      });
    }
    names.set(c.id, c.name);
    const above = typeof c.supercategory === "string" && c.supercategory ? { supercategory: c.supercategory } : {};
    classes.push({ name: c.name, ...above });
  }
  const photos = new Map<unknown, CocoPhoto>();
  for (const [i, p] of list("images").entries()) {
    const where = `${file}: images[${i}]`;
    if (!isRecord(p) || !isId(p.id) || typeof p.file_name !== "string" || p.file_name === "") {
      problems.push({ where, what: "has no id or no file_name" });
      continue;
    }
    if (photos.has(p.id)) problems.push({ where, what: `repeats the id ${short(p.id)}` });
    const stated = p.width !== undefined && p.width !== null;
    const whole = (v: unknown) => Number.isInteger(v) && (v as number) > 0 && (v as number) < 1e6;
    if (stated && !(whole(p.width) && whole(p.height))) {
      problems.push({ where, what: `has the size ${short(p.width)} x ${short(p.height)}` });
      continue;
    }
    const size = stated ? { width: p.width as number, height: p.height as number } : undefined;
    photos.set(p.id, { fileName: p.file_name, size, where, annotations: [] });
  }
  for (const [i, a] of list("annotations").entries()) {
    const where = placeOf(file, a, i);
    const photo = isRecord(a) ? photos.get(a.image_id) : undefined;
    if (!isRecord(a) || !photo) {
      problems.push({
        where,
        what: isRecord(a) ? `is of image ${short(a.image_id)}, which is not in images` : "is no object",
      });
      continue;
    }
    if (!names.has(a.category_id)) {
      throw new SamesightError("unknown", `${where}: no category has the id ${short(a.category_id)}`, {
        hint: `The file has ${names.size} categories; add the missing one, or remove the annotation.`,
      });
    }
    photo.annotations.push(a);
  }
  return { classes, names, photos: [...photos.values()], problems };
}

function isId(value: unknown): boolean {
  return typeof value === "number" || (typeof value === "string" && value !== "");
}

function placeOf(file: string, a: unknown, i: number): string {
  return isRecord(a) && isId(a.id) ? `${file}: annotation ${short(a.id)}` : `${file}: annotations[${i}]`;
}

/** Objects of one picture by class name; what is broken shows when it is painted. */
export function cocoObjects(
  photo: CocoPhoto,
  file: CocoFile,
  boxes: "rectangle" | "ellipse",
  name: string,
): Map<string, LabelObject[]> {
  const out = new Map<string, LabelObject[]>();
  for (const [i, annotation] of photo.annotations.entries()) {
    const label = file.names.get(annotation.category_id)!;
    const object: LabelObject = {
      where: placeOf(name, annotation, i),
      crowd: annotation.iscrowd === 1 || annotation.iscrowd === true,
      paint: (canvas) => paintAnnotation(canvas, annotation, boxes),
    };
    const same = out.get(label);
    if (same) same.push(object);
    else out.set(label, [object]);
  }
  return out;
}

/** Polygons (a list of them, or one flat list), RLE (text or lengths), or the box where there is neither. Throws SamesightError `invalid`. */
export function paintAnnotation(canvas: Canvas, annotation: Annotation, boxes: "rectangle" | "ellipse"): void {
  const { segmentation, bbox } = annotation;
  if (Array.isArray(segmentation) && segmentation.length > 0) {
    const polygons = typeof segmentation[0] === "number" ? [segmentation] : segmentation;
    for (const polygon of polygons) {
      if (!Array.isArray(polygon)) throw fault(`segmentation holds ${short(polygon)}, expected lists of x and y`);
      paintPolygon(canvas, polygon);
    }
    return;
  }
  if (isRecord(segmentation)) {
    paintRle(canvas, segmentation);
    return;
  }
  if (segmentation !== undefined && segmentation !== null && !Array.isArray(segmentation))
    throw fault(`segmentation is ${short(segmentation)}`);
  const box = Array.isArray(bbox) ? bbox : [];
  if (box.length !== 4 || !box.every((v) => typeof v === "number" && Number.isFinite(v)))
    throw fault(bbox === undefined ? "neither segmentation nor bbox" : "bbox is not four numbers");
  const [x, y, w, h] = box as [number, number, number, number];
  if (!(w > 0 && h > 0)) throw fault("bbox without area");
  if (boxes === "ellipse") paintEllipse(canvas, x, y, w, h);
  else paintBox(canvas, x, y, w, h);
}

function paintRle(canvas: Canvas, { size, counts }: Record<string, unknown>): void {
  const [h, w] = Array.isArray(size) ? size : [];
  if (h !== canvas.height || w !== canvas.width) {
    throw fault(`RLE of ${short(w)} x ${short(h)} pixels on a picture of ${canvas.width} x ${canvas.height}`);
  }
  const pixels = canvas.width * canvas.height;
  if (typeof counts === "string") paintRuns(canvas, runsFromText(counts, pixels));
  else if (Array.isArray(counts)) paintRuns(canvas, runsFromCounts(counts, pixels));
  else throw fault(`RLE counts are ${short(counts)}`);
}

function fault(what: string): SamesightError {
  return new SamesightError("invalid", what, { hint: "Mend the annotation, or remove it." });
}
