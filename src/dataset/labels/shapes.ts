import { SamesightError } from "../../errors.js";
import type { Canvas } from "./canvas.js";
import { paintRun } from "./canvas.js";

/** COCO draws boundaries on a grid this much finer than the pixels. */
const FINER = 5;

/**
 * Sets the pixels inside a polygon, x and y alternating, in pixels from the top left corner of the picture (a pixel covers 0..1). COCO's rule, so that masks equal
 * those of its API: corners snap to a grid five times as fine, edges are walked on it by their longer axis, each crossing of a column's centre toggles
 * the column from there on down; parts that overlap themselves cancel. Parts outside the canvas are cut.
 * Throws SamesightError `invalid` for fewer than three corners, numbers that are not finite, and corners more than one picture away.
 */
export function paintPolygon(canvas: Canvas, xy: ArrayLike<number>): void {
  checkCorners(canvas, xy);
  const { width, height } = canvas;
  const n = xy.length / 2;
  const toggles: number[] = [];
  const fine = (v: number) => Math.trunc(FINER * v + 0.5);
  // the walk of all edges, one after the other; a point where u changes is a crossing of a fine column
  let before: { u: number; v: number } | undefined;
  for (let e = 0; e < n; e++) {
    const f = (e + 1) % n;
    let [xs, ys, xe, ye] = [fine(xy[2 * e]!), fine(xy[2 * e + 1]!), fine(xy[2 * f]!), fine(xy[2 * f + 1]!)];
    const dx = Math.abs(xe - xs);
    const dy = Math.abs(ye - ys);
    const flip = (dx >= dy && xs > xe) || (dx < dy && ys > ye);
    if (flip) [xs, ys, xe, ye] = [xe, ye, xs, ys];
    const steps = Math.max(dx, dy);
    const slope = dx >= dy ? (ye - ys) / dx : (xe - xs) / dy;
    for (let d = 0; d <= steps; d++) {
      const t = flip ? steps - d : d;
      const u = dx >= dy ? t + xs : Math.trunc(xs + slope * t + 0.5);
      // an edge of no length has no slope: both its points are the corner
      const v = dx >= dy ? (dx === 0 ? ys : Math.trunc(ys + slope * t + 0.5)) : t + ys;
      if (before && u !== before.u) {
        const x = ((u < before.u ? u : u - 1) + 0.5) / FINER - 0.5;
        if (Number.isInteger(x) && x >= 0 && x < width) {
          const y = (Math.min(v, before.v) + 0.5) / FINER - 0.5;
          toggles.push(x * height + Math.ceil(Math.min(height, Math.max(0, y))));
        }
      }
      before = { u, v };
    }
  }
  // an odd crossing at the right border: inside to the end
  if (toggles.length % 2 === 1) toggles.push(width * height);
  toggles.sort((a, b) => a - b);
  for (let i = 0; i < toggles.length; i += 2) paintRun(canvas, toggles[i]!, toggles[i + 1]!);
}

function checkCorners({ width, height }: Canvas, xy: ArrayLike<number>): void {
  const refuse = (why: string) =>
    new SamesightError("invalid", `polygon ${why}`, { hint: "Draw it again, or remove the annotation." });
  if (xy.length % 2 !== 0) throw refuse(`of ${xy.length} numbers, expected pairs of x and y`);
  if (xy.length < 6) throw refuse(`of ${xy.length / 2} points, at least 3 are needed`);
  for (let i = 0; i < xy.length; i++) {
    const side = i % 2 === 0 ? width : height;
    if (!(typeof xy[i] === "number" && Number.isFinite(xy[i]))) throw refuse(`number ${i + 1} is ${xy[i]}`);
    if (xy[i]! < -side || xy[i]! > 2 * side)
      throw refuse(`${i % 2 === 0 ? "x" : "y"} ${xy[i]} lies far outside the picture of ${width} x ${height}`);
  }
}

/** A box by COCO's rule: the polygon of its corners. Sizes in pixels. */
export function paintBox(canvas: Canvas, x: number, y: number, w: number, h: number): void {
  paintPolygon(canvas, [x, y, x, y + h, x + w, y + h, x + w, y]);
}

/** The ellipse inscribed in a box: pixels whose centre lies in it. */
export function paintEllipse({ width, height, data }: Canvas, x: number, y: number, w: number, h: number): void {
  const [cx, cy] = [x + w / 2, y + h / 2];
  for (let py = Math.max(0, Math.floor(y)); py < Math.min(height, Math.ceil(y + h)); py++) {
    const dy = (py + 0.5 - cy) / (h / 2);
    for (let px = Math.max(0, Math.floor(x)); px < Math.min(width, Math.ceil(x + w)); px++) {
      const dx = (px + 0.5 - cx) / (w / 2);
      if (dx * dx + dy * dy <= 1) data[py * width + px] = 1;
    }
  }
}
