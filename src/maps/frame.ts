import type { Geometry, Rect } from "../dataset/types.js";
import { SamesightError } from "../errors.js";

/**
 * Where the common frame of an image (`frame`, unit coordinates of the photograph: what every network of the study sees) lies in one network's
 * tensor, in unit coordinates of the tensor. Never reaches into padding. Throws SamesightError `invalid` when the frame has no area or
 * sticks out of what the network sees.
 */
export function frameWindow({ visible, content }: Geometry, frame: Rect): Rect {
  if (!(frame.x1 > frame.x0 && frame.y1 > frame.y0)) {
    throw new SamesightError("invalid", "frame: the networks of the study see no common part of an image", {
      hint: "Use preprocessings that overlap: stretch or letterbox instead of different crops.",
      details: { frame },
    });
  }
  const [x0, x1] = axis(visible.x0, visible.x1, content.x0, content.x1, frame.x0, frame.x1);
  const [y0, y1] = axis(visible.y0, visible.y1, content.y0, content.y1, frame.y0, frame.y1);
  return { x0, y0, x1, y1 };
}

const SLACK = 1e-9;

/** Photograph -> tensor along one axis; ends that meet are kept bit by bit, so that an unchanged frame stays exact. */
function axis(v0: number, v1: number, c0: number, c1: number, lo: number, hi: number): [number, number] {
  if (lo < v0 - SLACK || hi > v1 + SLACK) {
    throw new SamesightError("invalid", `frame: [${lo}, ${hi}] is not inside the visible part [${v0}, ${v1}]`, {
      hint: "Build the frame with commonFrame over the geometries of all networks.",
    });
  }
  const scale = (c1 - c0) / (v1 - v0);
  return [lo <= v0 ? c0 : c0 + (lo - v0) * scale, hi >= v1 ? c1 : c0 + (hi - v0) * scale];
}
