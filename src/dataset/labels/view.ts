import { SamesightError } from "../../errors.js";
import { cropBox } from "../geometry.js";
import type { Rect } from "../types.js";

/** How a photograph is stored: the size of its pixel rows, and the EXIF orientation (1..8) that turns it upright. */
export interface StoredPhoto {
  readonly width: number;
  readonly height: number;
  readonly orientation: number;
}

const MOST_PIXELS = 2 ** 28;

/** Orientations from 5 on swap the sides. */
export function uprightSize({ width, height, orientation }: StoredPhoto): { width: number; height: number } {
  return orientation >= 5 ? { width: height, height: width } : { width, height };
}

/** Which stored pixel stands at (x, y) of the upright picture of `w` x `h`; EXIF 2.32, tag Orientation. */
function storedAt(orientation: number, x: number, y: number, w: number, h: number): [x: number, y: number] {
  switch (orientation) {
    case 2:
      return [w - 1 - x, y];
    case 3:
      return [w - 1 - x, h - 1 - y];
    case 4:
      return [x, h - 1 - y];
    case 5:
      return [y, x];
    case 6:
      return [y, w - 1 - x];
    case 7:
      return [h - 1 - y, w - 1 - x];
    case 8:
      return [h - 1 - y, x];
    default:
      return [x, y];
  }
}

/** How the pixels of an image of a study are found on the canvas its labels are drawn on. */
export interface View {
  /** Size of the canvas to draw on. */
  readonly canvas: { readonly width: number; readonly height: number };
  /** Size of the image. */
  readonly width: number;
  readonly height: number;
  /** Canvas pixel of each pixel of the image; undefined where they are the same. */
  readonly from: Int32Array | undefined;
  /** The part of the canvas that the image shows, in canvas pixels; undefined where it is all, or the canvas is turned. */
  readonly window: { readonly x0: number; readonly y0: number; readonly x1: number; readonly y1: number } | undefined;
  /** Whether the labels were drawn on a picture of another size. */
  readonly scaled: boolean;
}

/**
 * Labels of `size` (undefined: shares of the picture) on a photograph -> the view of one image, its crop applied. With `auto`, labels that state the stored
 * size of a photograph that EXIF turns by a quarter lie on the stored picture; otherwise, and where the size does not tell, on the upright one.
 * Labels of another size but the same shape (to the rounding of one pixel) are scaled, nearest pixel.
 * Throws SamesightError `invalid` when the shapes differ or the labels' picture is larger than 2^28 pixels.
 */
export function viewOf(
  size: { readonly width: number; readonly height: number } | undefined,
  photo: StoredPhoto,
  crop: Rect | undefined,
  orientation: "auto" | "upright" | "stored",
): View {
  const upright = uprightSize(photo);
  const onStored = orientation === "stored" || (orientation === "auto" && saysStored(size, photo, upright));
  const turn = onStored ? photo.orientation : 1;
  const expected = turn === 1 ? upright : photo;
  const canvas = size ?? { width: expected.width, height: expected.height };
  if (!sameShape(canvas, expected)) {
    throw new SamesightError(
      "invalid",
      `drawn on ${canvas.width} x ${canvas.height} pixels, the photograph has ${expected.width} x ${expected.height}`,
      { hint: "Labels must have the size of the photograph, or its shape." },
    );
  }
  if (canvas.width * canvas.height > MOST_PIXELS) {
    throw new SamesightError("invalid", `drawn on ${canvas.width} x ${canvas.height} pixels, too many`, {
      hint: "Give labels of the photograph's size.",
    });
  }
  const box = crop
    ? cropBox(crop, upright.width, upright.height)
    : { left: 0, top: 0, width: upright.width, height: upright.height };
  const scaled = canvas.width !== expected.width || canvas.height !== expected.height;
  const { width, height } = box;
  if (!crop && turn === 1 && !scaled) return { canvas, width, height, from: undefined, window: undefined, scaled };
  const index = (x: number, y: number) => {
    const [sx, sy] = storedAt(turn, x + box.left, y + box.top, upright.width, upright.height);
    const cx = Math.floor(((sx + 0.5) * canvas.width) / expected.width);
    const cy = Math.floor(((sy + 0.5) * canvas.height) / expected.height);
    return cy * canvas.width + cx;
  };
  // x moves along one side of the canvas and y along the other, so their parts of the index add up
  const alongX = Int32Array.from({ length: width }, (_, x) => index(x, 0) - index(0, 0));
  const from = new Int32Array(width * height);
  for (let y = 0, i = 0; y < height; y++) {
    const start = index(0, y);
    for (let x = 0; x < width; x++, i++) from[i] = start + alongX[x]!;
  }
  const [kx, ky] = [canvas.width / expected.width, canvas.height / expected.height];
  const window =
    crop && turn === 1
      ? { x0: box.left * kx, y0: box.top * ky, x1: (box.left + width) * kx, y1: (box.top + height) * ky }
      : undefined;
  return { canvas, width, height, from, window, scaled };
}

interface Size {
  readonly width: number;
  readonly height: number;
}

function saysStored(size: Size | undefined, photo: StoredPhoto, upright: Size): boolean {
  return size !== undefined && !sameShape(size, upright) && sameShape(size, photo);
}

/** Whether one size is the other scaled, both sides rounded to whole pixels. */
function sameShape(a: Size, b: Size): boolean {
  const [small, large] = a.width * a.height < b.width * b.height ? [a, b] : [b, a];
  const scale = Math.max(small.width / large.width, small.height / large.height);
  return Math.abs(small.width - large.width * scale) < 1 && Math.abs(small.height - large.height * scale) < 1;
}

/** A canvas as the image sees it: the same array where nothing changes. */
export function seen(data: Uint8Array, { from }: View): Uint8Array {
  if (!from) return data;
  const out = new Uint8Array(from.length);
  for (let i = 0; i < from.length; i++) out[i] = data[from[i]!]!;
  return out;
}
