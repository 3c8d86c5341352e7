import { SamesightError } from "../../errors.js";
import type { ClassList } from "./classes.js";
import type { LabelObject } from "./photo.js";
import { short } from "./rle.js";
import { paintBox, paintEllipse, paintPolygon } from "./shapes.js";

/** Rounding of exporters may leave the picture by so much, in its own width or height. */
const SLACK = 0.01;

/**
 * A YOLO label file: an object a line, class id, then cx cy w h (a box) or x y pairs (a polygon), all in shares of the upright picture, 0..1. A line that
 * cannot be drawn throws when its object is painted. Throws SamesightError `invalid` for a line without a class id, `unknown` for an id that no class has.
 */
export function parseYolo(
  text: string,
  classes: ClassList,
  boxes: "rectangle" | "ellipse",
  file: string,
): Map<string, LabelObject[]> {
  const objects = new Map<string, LabelObject[]>();
  for (const [i, line] of text.split(/\r?\n/).entries()) {
    const [first, ...words] = line.trim().split(/\s+/);
    if (!first) continue;
    const where = `${file}:${i + 1}`;
    if (!/^\d{1,9}$/.test(first)) {
      throw new SamesightError("invalid", `${where}: ${short(first)} is not a class id`, {
        hint: "A line is a class id and numbers in 0..1: 0 0.5 0.5 0.2 0.3",
      });
    }
    const name = classes.get(Number(first));
    if (name === undefined) {
      const ids = [...classes.keys()].sort((a, b) => a - b);
      throw new SamesightError("unknown", `${where}: no class has the id ${first}`, {
        hint: `The class list has ${ids.length} classes, ids ${ids[0]} to ${ids.at(-1)}: give the list of these labels.`,
      });
    }
    const broken = fault(words);
    const numbers = words.map(Number);
    const object: LabelObject = {
      where,
      crowd: false,
      paint(canvas) {
        if (broken) throw new SamesightError("invalid", broken, { hint: "Mend the line, or remove it." });
        draw(canvas, numbers, boxes);
      },
    };
    const same = objects.get(name);
    if (same) same.push(object);
    else objects.set(name, [object]);
  }
  return objects;
}

function fault(words: readonly string[]): string | undefined {
  for (const [i, word] of words.entries()) {
    const n = word === "" ? Number.NaN : Number(word);
    if (!Number.isFinite(n)) return `number ${i + 1} is ${short(word)}`;
    if (n < -SLACK || n > 1 + SLACK) return `number ${i + 1} is ${n}, outside 0..1`;
  }
  if (words.length === 4) return Number(words[2]) > 0 && Number(words[3]) > 0 ? undefined : "box without area";
  if (words.length % 2 !== 0) return `${words.length} numbers: neither a box (4) nor pairs of x and y`;
  return words.length < 6 ? `polygon of ${words.length / 2} points, at least 3 are needed` : undefined;
}

function draw(canvas: Parameters<LabelObject["paint"]>[0], numbers: readonly number[], boxes: string): void {
  const { width, height } = canvas;
  if (numbers.length > 4) {
    paintPolygon(
      canvas,
      numbers.map((n, i) => n * (i % 2 === 0 ? width : height)),
    );
    return;
  }
  const [cx, cy, w, h] = numbers as [number, number, number, number];
  const paint = boxes === "ellipse" ? paintEllipse : paintBox;
  paint(canvas, (cx - w / 2) * width, (cy - h / 2) * height, w * width, h * height);
}
