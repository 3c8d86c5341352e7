/** A mask being drawn: row-major, one byte a pixel, 0 or 1. Drawing only sets pixels, so that several shapes make a union. */
export interface Canvas {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

export function emptyCanvas(width: number, height: number): Canvas {
  return { width, height, data: new Uint8Array(width * height) };
}

/** Sets the pixels `from` to `to` - 1, counted down the columns, column after column. */
export function paintRun({ width, height, data }: Canvas, from: number, to: number): void {
  let x = Math.floor(from / height);
  let y = from - x * height;
  for (let i = from; i < to; i++) {
    data[y * width + x] = 1;
    if (++y === height) {
      y = 0;
      x++;
    }
  }
}

/** Pixels that are set. */
export function countSet(data: Uint8Array): number {
  let n = 0;
  for (let i = 0; i < data.length; i++) n += data[i]!;
  return n;
}
