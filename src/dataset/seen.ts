import type { Preprocessing } from "../contract/preprocessing.js";
import { halfToFloat } from "../numerics/half.js";
import { planesOf } from "./planes.js";
import type { InputData } from "./preprocess.js";
import { preprocess } from "./preprocess.js";
import type { Picture } from "./types.js";

/** One photograph as a network receives it. */
export interface Seen {
  /** The tensor turned back into colours: what is cut, squeezed or padded shows. */
  readonly picture: Picture;
  /** The tensor's planes in the network's own order, each stretched from its least value (black) to its greatest (white). */
  readonly planes: readonly Picture[];
  /** Least and greatest value of each plane. */
  readonly ranges: readonly (readonly [least: number, greatest: number])[];
}

/** Runs the preprocessing and undoes its arithmetic, not its geometry. */
export function seenBy(photograph: Picture, p: Preprocessing): Seen {
  const { width, height } = p;
  const values = floatsOf(preprocess([photograph], p).input.data);
  const cells = width * height;
  const channels = planesOf(p);
  const at = (c: number, i: number) => values[p.layout === "NCHW" ? c * cells + i : i * channels + c]!;
  const data = new Uint8Array(cells * 3);
  const planes: Picture[] = [];
  const ranges: [number, number][] = [];
  for (let c = 0; c < channels; c++) {
    let [least, greatest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (let i = 0; i < cells; i++) {
      least = Math.min(least, at(c, i));
      greatest = Math.max(greatest, at(c, i));
    }
    const grey = new Uint8Array(cells * 3);
    const colour = p.channels === "BGR" ? 2 - c : c;
    for (let i = 0; i < cells; i++) {
      const value = at(c, i);
      const pixel = byte((value * p.std[c]! + p.mean[c]!) / p.scale);
      if (channels === 1) data.fill(pixel, i * 3, i * 3 + 3);
      else data[i * 3 + colour] = pixel;
      grey.fill(byte((255 * (value - least)) / (greatest - least || 1)), i * 3, i * 3 + 3);
    }
    planes.push({ width, height, data: grey });
    ranges.push([least, greatest]);
  }
  return { picture: { width, height, data }, planes, ranges };
}

function byte(value: number): number {
  return Math.min(255, Math.max(0, Math.round(value)));
}

function floatsOf(data: InputData): ArrayLike<number> {
  return data instanceof Uint16Array ? Float32Array.from(data, halfToFloat) : data;
}
