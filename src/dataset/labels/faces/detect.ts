/** A face found by BlazeFace, in pixels of the photograph. */
export interface FaceBox {
  /** 0..1. */
  readonly score: number;
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
  /** Centres of the eyes, the subject's right one (to the left in the picture) first. */
  readonly eyes: readonly [x: number, y: number][];
}

/** Square part of a photograph, in its pixels; may reach beyond it. */
export interface Tile {
  readonly left: number;
  readonly top: number;
  readonly side: number;
}

/** Side of BlazeFace's input (the long-range model), and its anchors: two in each cell of 16 x 16, six in each of 8 x 8, all of no size. */
export const DETECTOR_SIDE = 256;
const ANCHORS = [
  { cells: 16, each: 2 },
  { cells: 8, each: 6 },
] as const;
/** Numbers a box: centre, size, then six points of which the first two are the eyes. */
const NUMBERS = 16;

/**
 * Tiles that cover a photograph: the whole of it, then squares of the given shares of its longer side, half overlapping, so that small faces are seen large.
 */
export function faceTiles(width: number, height: number, shares: readonly number[]): Tile[] {
  const long = Math.max(width, height);
  const whole = { left: (width - long) / 2, top: (height - long) / 2, side: long };
  return [
    whole,
    ...shares.flatMap((share) => {
      const side = Math.round(long * share);
      return starts(height, side).flatMap((top) => starts(width, side).map((left) => ({ left, top, side })));
    }),
  ];
}

function starts(length: number, side: number): number[] {
  if (length <= side) return [(length - side) / 2];
  const steps = Math.ceil((length - side) / (side / 2));
  return Array.from({ length: steps + 1 }, (_, i) => Math.round(((length - side) * i) / steps));
}

/** One level of BlazeFace's outputs for one tile: logits (anchors) and boxes (anchors x 16), as MediaPipe decodes them. */
export interface DetectorLevel {
  readonly logits: Float32Array;
  readonly boxes: Float32Array;
}

/** Faces of one tile with a score of at least `least`. Offsets are in pixels of the network's input, from the anchor's cell centre. */
export function decodeFaces(levels: readonly DetectorLevel[], tile: Tile, least: number): FaceBox[] {
  const out: FaceBox[] = [];
  for (const { cells, each } of ANCHORS) {
    const level = levels.find((l) => l.logits.length === cells * cells * each)!;
    for (let a = 0; a < level.logits.length; a++) {
      const score = 1 / (1 + Math.exp(-level.logits[a]!));
      if (score < least) continue;
      const cell = Math.floor(a / each);
      const [ax, ay] = [((cell % cells) + 0.5) / cells, (Math.floor(cell / cells) + 0.5) / cells];
      const at = (k: number, anchor: number) => level.boxes[a * NUMBERS + k]! / DETECTOR_SIDE + anchor;
      const x = (v: number) => tile.left + v * tile.side;
      const y = (v: number) => tile.top + v * tile.side;
      const [w, h] = [at(2, 0), at(3, 0)];
      out.push({
        score,
        x0: x(at(0, ax) - w / 2),
        y0: y(at(1, ay) - h / 2),
        x1: x(at(0, ax) + w / 2),
        y1: y(at(1, ay) + h / 2),
        eyes: [
          [x(at(4, ax)), y(at(5, ay))],
          [x(at(6, ax)), y(at(7, ay))],
        ],
      });
    }
  }
  return out;
}

/** Each face once, best score first: a box that overlaps a better one by more than `overlap` (IoU), or lies in it, is the same face. */
export function distinctFaces(faces: readonly FaceBox[], overlap: number): FaceBox[] {
  const kept: FaceBox[] = [];
  for (const face of [...faces].sort((a, b) => b.score - a.score || a.x0 - b.x0 || a.y0 - b.y0)) {
    if (
      kept.every(
        (k) =>
          sharedArea(k, face) <= overlap * (areaOf(k) + areaOf(face) - sharedArea(k, face)) &&
          sharedArea(k, face) < 0.6 * Math.min(areaOf(k), areaOf(face)),
      )
    )
      kept.push(face);
  }
  return kept;
}

function areaOf({ x0, y0, x1, y1 }: FaceBox): number {
  return Math.max(0, x1 - x0) * Math.max(0, y1 - y0);
}

function sharedArea(a: FaceBox, b: FaceBox): number {
  const w = Math.min(a.x1, b.x1) - Math.max(a.x0, b.x0);
  const h = Math.min(a.y1, b.y1) - Math.max(a.y0, b.y0);
  return Math.max(0, w) * Math.max(0, h);
}
