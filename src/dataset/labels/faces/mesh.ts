import type { Picture } from "../../types.js";
import type { FaceBox } from "./detect.js";

/** Side of FaceMesh's input, and how many landmarks it gives. */
export const MESH_SIDE = 192;
export const LANDMARKS = 468;

/** A square patch of a photograph, turned: `angle` in radians from its x axis to the patch's. All in pixels of the photograph. */
export interface Patch {
  readonly cx: number;
  readonly cy: number;
  readonly side: number;
  readonly angle: number;
}

/** MediaPipe widens the detector's box so much, and turns it so that the eyes lie level. */
const WIDER = 1.5;

export function patchOfBox({ x0, y0, x1, y1, eyes }: FaceBox): Patch {
  const [[rx, ry], [lx, ly]] = eyes as [[number, number], [number, number]];
  return {
    cx: (x0 + x1) / 2,
    cy: (y0 + y1) / 2,
    side: WIDER * Math.max(x1 - x0, y1 - y0),
    angle: Math.atan2(ly - ry, lx - rx),
  };
}

/** Outer corners of the subject's right and left eye. */
const EYE_CORNERS = [33, 263] as const;

/** The patch around landmarks already found (x, y pairs in the photograph): the second look is better centred. */
export function patchOfLandmarks(points: Float32Array): Patch {
  const [a, b] = EYE_CORNERS;
  const angle = Math.atan2(points[2 * b + 1]! - points[2 * a + 1]!, points[2 * b]! - points[2 * a]!);
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  let [u0, u1, v0, v1] = [Infinity, -Infinity, Infinity, -Infinity];
  for (let i = 0; i < points.length; i += 2) {
    const u = points[i]! * cos + points[i + 1]! * sin;
    const v = points[i + 1]! * cos - points[i]! * sin;
    [u0, u1, v0, v1] = [Math.min(u0, u), Math.max(u1, u), Math.min(v0, v), Math.max(v1, v)];
  }
  const [u, v] = [(u0 + u1) / 2, (v0 + v1) / 2];
  return { cx: u * cos - v * sin, cy: u * sin + v * cos, side: WIDER * Math.max(u1 - u0, v1 - v0), angle };
}

/** Nose tip, and the edges of the face before the subject's right and left ear. */
const TURN = { tip: 1, right: 234, left: 454 } as const;

/**
 * How far a face is turned aside: where the tip of the nose lies between the two edges of the face, 0 at one, 1 at the other, 0.5 seen from the front. In profile it is
 * beyond them, and the hidden half of the mesh is a guess.
 */
export function noseBetweenEdges(points: Float32Array): number {
  const at = (i: number) => [points[2 * i]!, points[2 * i + 1]!] as const;
  const [tip, a, b] = [at(TURN.tip), at(TURN.right), at(TURN.left)];
  const [dx, dy] = [b[0] - a[0], b[1] - a[1]];
  return ((tip[0] - a[0]) * dx + (tip[1] - a[1]) * dy) / (dx * dx + dy * dy);
}

/**
 * Samples a patch to `size` x `size`, planes RGB of value * scale + offset; bilinear, and averaged over as many samples as the patch has pixels for one. Outside the photograph 0.
 * Writes 3 * size * size values at `to`.
 */
export function samplePatchInto(
  out: Float32Array,
  to: number,
  picture: Picture,
  patch: Patch,
  size: number,
  scale: number,
  offset: number,
): void {
  const n = Math.max(1, Math.round(patch.side / size));
  const [cos, sin] = [Math.cos(patch.angle), Math.sin(patch.angle)];
  const sum = [0, 0, 0];
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      sum.fill(0);
      for (let k = 0; k < n * n; k++) {
        const u = ((x + ((k % n) + 0.5) / n) / size - 0.5) * patch.side;
        const v = ((y + (Math.floor(k / n) + 0.5) / n) / size - 0.5) * patch.side;
        addBilinear(sum, picture, patch.cx + u * cos - v * sin - 0.5, patch.cy + u * sin + v * cos - 0.5);
      }
      for (let c = 0; c < 3; c++) out[to + (c * size + y) * size + x] = (sum[c]! / (n * n)) * scale + offset;
    }
  }
}

function addBilinear(sum: number[], { width, height, data }: Picture, x: number, y: number): void {
  const [x0, y0] = [Math.floor(x), Math.floor(y)];
  for (let dy = 0; dy < 2; dy++) {
    const py = y0 + dy;
    if (py < 0 || py >= height) continue;
    const wy = dy === 0 ? y0 + 1 - y : y - y0;
    for (let dx = 0; dx < 2; dx++) {
      const px = x0 + dx;
      if (px < 0 || px >= width) continue;
      const w = wy * (dx === 0 ? x0 + 1 - x : x - x0);
      const at = (py * width + px) * 3;
      for (let c = 0; c < 3; c++) sum[c]! += w * data[at + c]!;
    }
  }
}

/** Landmarks of FaceMesh (x, y, z in pixels of its input, 468 times) -> x, y in the photograph. */
export function landmarksInPhoto(mesh: Float32Array, patch: Patch): Float32Array {
  const out = new Float32Array(2 * LANDMARKS);
  const [cos, sin] = [Math.cos(patch.angle), Math.sin(patch.angle)];
  for (let i = 0; i < LANDMARKS; i++) {
    const u = (mesh[3 * i]! / MESH_SIDE - 0.5) * patch.side;
    const v = (mesh[3 * i + 1]! / MESH_SIDE - 0.5) * patch.side;
    out[2 * i] = patch.cx + u * cos - v * sin;
    out[2 * i + 1] = patch.cy + u * sin + v * cos;
  }
  return out;
}
