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

export function networkCounts(
  shards: readonly { file: TensorFile; truth: Truth }[],
  taps: number,
  k: number,
): NetworkCounts {
  const n = shards.reduce((s, { truth }) => s + truth.label.n, 0);
  const m = taps * k;
  const empty = (): { -readonly [K in keyof MaskCounts]: MaskCounts[K] } => ({
    n,
    m,
    both: new Uint32Array(n * m),
    predicted: new Uint32Array(n * m),
    labelled: new Uint32Array(n * m),
  });
  const out = { half: empty(), calibrated: empty(), filter: empty() };
  const places = [
    [out.half, COUNT.half],
    [out.calibrated, COUNT.calibrated],
    [out.filter, COUNT.filter],
  ] as const;
  let first = 0;
  for (const { file, truth } of shards) {
    const areas = areasOf(truth.label);
    for (let t = 0; t < taps; t++) {
      const counts = file.tensors[`counts/${t}`]!.data as Int32Array;
      for (let x = 0; x < truth.label.n; x++) {
        for (let j = 0; j < k; j++) {
          const from = (x * k + j) * COUNTS;
          const to = (first + x) * m + t * k + j;
          for (const [table, place] of places) {
            table.both[to] = counts[from + place]!;
            table.predicted[to] = counts[from + place + 1]!;
            table.labelled[to] = areas[x * k + j]!;
          }
        }
      }
    }
    first += truth.label.n;
  }
  return out;
}

export function areasOf(masks: BitMasks): Uint32Array {
  const counter = new BitCounter();
  return counter.areas(counter.load(masks));
}

/** The same masks (1 x k) held against every image's labels: n x k. */
export function fixedCounts(masks: BitMasks, truths: readonly Truth[]): MaskCounts {
  const { k } = masks;
  const n = truths.reduce((s, t) => s + t.label.n, 0);
  const out = {
    n,
    m: k,
    both: new Uint32Array(n * k),
    predicted: new Uint32Array(n * k),
    labelled: new Uint32Array(n * k),
  };
  let first = 0;
  for (const { label, known } of truths) {
    const own = (other: BitMasks) => {
      const data = other.data.slice();
      for (let i = 0; i < data.length; i++) data[i]! &= masks.data[i % masks.data.length]!;
      return areasOf({ ...other, data });
    };
    out.both.set(own(label), first * k);
    out.predicted.set(own(known), first * k);
    out.labelled.set(areasOf(label), first * k);
    first += label.n;
  }
  return out;
}
