import type { Preprocessing } from "../contract/preprocessing.js";
import { roundHalfEven } from "../numerics/round.js";
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
 * Size and place of the resized photograph, w x h in a W x H tensor; all rounding is half to even, as Python's `round`.
 * - letterbox as Ultralytics: ratio r = min(W/w, H/h), new size round(w r) x round(h r), padding d split at round(d/2 - 0.1).
 * - crop as torchvision and timm: the side that limits is resized to floor(size / cropFraction), the other cut to whole pixels, the centre kept.
 */
export function placement(p: Preprocessing, width: number, height: number): Placement {
  if (p.resize === "stretch") return { width: p.width, height: p.height, left: 0, top: 0 };
  if (p.resize === "letterbox") {
    const ratio = Math.min(p.width / width, p.height / height, p.scaleUp ? Number.POSITIVE_INFINITY : 1);
    const w = Math.max(1, roundHalfEven(width * ratio));
    const h = Math.max(1, roundHalfEven(height * ratio));
    const before = (rest: number) => (p.anchor === "centre" ? Math.max(0, roundHalfEven(rest / 2 - 0.1)) : 0);
    return { width: w, height: h, left: before(p.width - w), top: before(p.height - h) };
  }
  // 299 / 0.934375 is 320, whatever its last bit says
  const [fillW, fillH] = [p.width, p.height].map((side) => Math.floor(side / p.cropFraction + 1e-6)) as [
    number,
    number,
  ];
  const byWidth = fillW * height >= fillH * width;
  const w = byWidth ? fillW : Math.max(p.width, Math.trunc((fillH * width) / height));
  const h = byWidth ? Math.max(p.height, Math.trunc((fillW * height) / width)) : fillH;
  return {
    width: w,
    height: h,
    left: 0 - roundHalfEven((w - p.width) / 2),
    top: 0 - roundHalfEven((h - p.height) / 2),
  };
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

/** A point of the photograph in the tensor's frame; both in unit coordinates. Outside 0..1 where the network does not see it. */
export function imageToTensor({ visible, content }: Geometry, x: number, y: number): [x: number, y: number] {
  return mapped(visible, content, x, y);
}

/** A point of the tensor in the photograph's frame; outside `Geometry.visible` where it lies in the padding. */
export function tensorToImage({ visible, content }: Geometry, x: number, y: number): [x: number, y: number] {
  return mapped(content, visible, x, y);
}

/** Pixel bounds of a crop in a picture of that size: inside it, and at least one pixel each way. */
export function cropBox(crop: Rect, width: number, height: number) {
  const left = Math.min(Math.round(crop.x0 * width), width - 1);
  const top = Math.min(Math.round(crop.y0 * height), height - 1);
  return {
    left,
    top,
    width: Math.max(1, Math.min(Math.round(crop.x1 * width), width) - left),
    height: Math.max(1, Math.min(Math.round(crop.y1 * height), height) - top),
  };
}

function mapped(from: Rect, to: Rect, x: number, y: number): [number, number] {
  return [
    to.x0 + ((x - from.x0) / (from.x1 - from.x0)) * (to.x1 - to.x0),
    to.y0 + ((y - from.y0) / (from.y1 - from.y0)) * (to.y1 - to.y0),
  ];
}
