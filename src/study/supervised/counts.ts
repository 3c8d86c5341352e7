import type { TensorFile } from "../../contract/safetensors.js";
import type { BitMasks } from "../../numerics/bits.js";
import { BitCounter } from "../../numerics/bits.js";
import type { MaskCounts } from "../../similarity/quality.js";
import { COUNT, COUNTS } from "./predict.js";
import type { Truth } from "./truth.js";

/** Counts of one network over all test images: n x (taps * k), tap by tap. */
export interface NetworkCounts {
  readonly half: MaskCounts;
  readonly calibrated: MaskCounts;
  readonly filter: MaskCounts;
}

/** Labels of the test images as areas, n x k: cells in the concept, and cells where it is known. */
export interface TruthAreas {
  readonly label: Uint32Array;
  readonly known: Uint32Array;
}

/** Tables of n images x m, filled shard by shard, so that only counts are held of all images. */
export class NetworkTables {
  readonly counts: NetworkCounts;
  #first = 0;

  constructor(
    readonly images: number,
    readonly taps: number,
    readonly concepts: number,
  ) {
    this.counts = {
      half: empty(images, taps * concepts),
      calibrated: empty(images, taps * concepts),
      filter: empty(images, taps * concepts),
    };
  }

  /** The next images: their predictions, and the areas of all images' labels. */
  add(file: TensorFile, { label }: TruthAreas): void {
    const { taps, concepts: k } = this;
    const { half, calibrated, filter } = this.counts;
    const places = [
      [half, COUNT.half],
      [calibrated, COUNT.calibrated],
      [filter, COUNT.filter],
    ] as const;
    const n = file.tensors["counts/0"]!.dims[0]!;
    for (let t = 0; t < taps; t++) {
      const counts = file.tensors[`counts/${t}`]!.data as Int32Array;
      for (let x = 0; x < n; x++) {
        const image = this.#first + x;
        for (let j = 0; j < k; j++) {
          const from = (x * k + j) * COUNTS;
          const to = image * taps * k + t * k + j;
          for (const [table, place] of places) {
            table.both[to] = counts[from + place]!;
            table.predicted[to] = counts[from + place + 1]!;
            table.labelled[to] = label[image * k + j]!;
          }
        }
      }
    }
    this.#first += n;
  }
}

function empty(n: number, m: number): MaskCounts {
  return { n, m, both: new Uint32Array(n * m), predicted: new Uint32Array(n * m), labelled: new Uint32Array(n * m) };
}

export function areasOf(masks: BitMasks): Uint32Array {
  const counter = new BitCounter();
  return counter.areas(counter.load(masks));
}

/** Areas of all labels, and the same masks (1 x k) held against every image's labels, n x k; the labels are read shard by shard. */
export async function truthCounts(
  masks: BitMasks,
  images: number,
  shards: AsyncIterable<Truth>,
): Promise<{ areas: TruthAreas; fixed: MaskCounts }> {
  const { k } = masks;
  const fixed = empty(images, k);
  const areas = { label: fixed.labelled, known: new Uint32Array(images * k) };
  let first = 0;
  for await (const { label, known } of shards) {
    const own = (other: BitMasks) => {
      const data = other.data.slice();
      for (let i = 0; i < data.length; i++) data[i]! &= masks.data[i % masks.data.length]!;
      return areasOf({ ...other, data });
    };
    fixed.both.set(own(label), first * k);
    fixed.predicted.set(own(known), first * k);
    areas.label.set(areasOf(label), first * k);
    areas.known.set(areasOf(known), first * k);
    first += label.n;
  }
  return { areas, fixed };
}
