import type { Preprocessing } from "../contract/preprocessing.js";
import type { Geometry, Rect } from "./types.js";

export const WHOLE: Rect = { x0: 0, y0: 0, x1: 1, y1: 1 };

/** Where the resized photograph lies in the tensor, in whole pixels; parts outside the tensor are cut (crop). */
export interface Placement {
  readonly width: number;
  readonly height: number;
  readonly left: number;
  readonly top: number;
}

/**
 * Size and place of the resized photograph.
 * letterbox: ratio r = min(W/w, H/h), new size round(w r) x round(h r), padding split by round(d/2 - 0.1) as Ultralytics does.
 * crop: the shorter side is resized to size / cropFraction, the centre is kept.
 */
export function placement(p: Preprocessing, width: number, height: number): Placement {
  if (p.resize === "stretch") return { width: p.width, height: p.height, left: 0, top: 0 };
  if (p.resize === "letterbox") {
    const ratio = Math.min(p.width / width, p.height / height, p.scaleUp ? Number.POSITIVE_INFINITY : 1);
    const w = Math.max(1, Math.round(width * ratio));
    const h = Math.max(1, Math.round(height * ratio));
    const half = (rest: number) => (p.anchor === "centre" ? Math.max(0, Math.round(rest / 2 - 0.1)) : 0);
    return { width: w, height: h, left: half(p.width - w), top: half(p.height - h) };
  }
  const scale = Math.max(p.width / p.cropFraction / width, p.height / p.cropFraction / height);
  const w = Math.max(p.width, Math.round(width * scale));
  const h = Math.max(p.height, Math.round(height * scale));
  return { width: w, height: h, left: -Math.round((w - p.width) / 2), top: -Math.round((h - p.height) / 2) };
}

/** Which part of the photograph the network sees, and where that part lies in its tensor. */
export function geometry(p: Preprocessing, width: number, height: number): Geometry {
  const at = placement(p, width, height);
  const content: Rect = {
    x0: Math.max(0, at.left) / p.width,
    y0: Math.max(0, at.top) / p.height,
    x1: Math.min(p.width, at.left + at.width) / p.width,
    y1: Math.min(p.height, at.top + at.height) / p.height,
  };
  const visible: Rect = {
    x0: Math.max(0, -at.left) / at.width,
    y0: Math.max(0, -at.top) / at.height,
    x1: Math.min(1, (p.width - at.left) / at.width),
    y1: Math.min(1, (p.height - at.top) / at.height),
  };
  return { visible, content };
}

/** The part of a photograph that every network sees: the frame in which their maps meet. */
export function commonFrame(geometries: readonly Geometry[]): Rect {
  return {
    x0: Math.max(...geometries.map((g) => g.visible.x0)),
    y0: Math.max(...geometries.map((g) => g.visible.y0)),
    x1: Math.min(...geometries.map((g) => g.visible.x1)),
    y1: Math.min(...geometries.map((g) => g.visible.y1)),
  };
}
