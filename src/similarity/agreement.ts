import type { BitMasks } from "../numerics/bits.js";
import { BitCounter } from "../numerics/bits.js";
import type { Interval } from "../numerics/bootstrap.js";
import { percentileInterval } from "../numerics/bootstrap.js";
import type { Engine } from "../numerics/engine.js";
import { iou } from "../numerics/iou.js";
import { matmul } from "../numerics/matmul.js";
import type { Matrix } from "../numerics/types.js";

/**
 * One concept seen by l layers on the same images: do their predicted masks agree, and do they agree beyond what the labels explain?
 *   S      = set IoU of B_a and B_b
 *   errors E = B xor M; observed IoU of E_a and E_b; expected, were errors independent given the label, image by image (METHOD.md M10):
 *            I0(x) = miss_a miss_b / |M| + false_a false_b / |known without M|
 *   kappa  = (observed - expected) / (1 - expected)
 * Pairs are in the order (0,0), (0,1), ... (0,l-1), (1,1), ...
 */
export interface AgreementCounts {
  readonly l: number;
  n: number;
  /** Tables n x pairs: cells in both predictions; in both errors; expected in both errors. */
  readonly both: number[][];
  readonly errors: number[][];
  readonly expected: number[][];
  /** n x l: cells predicted, in error. */
  readonly predicted: number[][];
  readonly wrong: number[][];
  /** l x cells: in how many images a cell is predicted. */
  readonly frequency: Float32Array;
  readonly cells: number;
}

export function emptyAgreement(l: number, cells: number): AgreementCounts {
  return {
    l,
    n: 0,
    both: [],
    errors: [],
    expected: [],
    predicted: [],
    wrong: [],
    frequency: new Float32Array(l * cells),
    cells,
  };
}

export function pairIndex(l: number, a: number, b: number): number {
  const [i, j] = a <= b ? [a, b] : [b, a];
  return i * l - (i * (i - 1)) / 2 + (j - i);
}

/** Adds some images. `masks` n x l (predictions of each layer, known cells only), `label` and `known` n x 1 on the same cells. */
export function addAgreement(
  into: AgreementCounts,
  masks: BitMasks,
  label: BitMasks,
  known: BitMasks,
  counter = new BitCounter(),
): void {
  const { l } = into;
  counter.clear();
  const wrong = xorEach(masks, label);
  const held = counter.load(masks);
  const heldWrong = counter.load(wrong);
  const heldLabel = counter.load(label);
  const both = counter.intersections(held, held);
  const errors = counter.intersections(heldWrong, heldWrong);
  const predicted = counter.areas(held);
  const wrongs = counter.areas(heldWrong);
  const misses = counter.intersections(heldWrong, heldLabel);
  const inside = counter.areas(heldLabel);
  const all = counter.areas(counter.load(known));
  for (let x = 0; x < masks.n; x++) {
    const rows = { both: [] as number[], errors: [] as number[], expected: [] as number[] };
    for (let a = 0; a < l; a++) {
      for (let b = a; b < l; b++) {
        const at = (x * l + a) * l + b;
        rows.both.push(both[at]!);
        rows.errors.push(errors[at]!);
        const [ma, mb] = [misses[x * l + a]!, misses[x * l + b]!];
        const [fa, fb] = [wrongs[x * l + a]! - ma, wrongs[x * l + b]! - mb];
        const outside = all[x]! - inside[x]!;
        rows.expected.push((inside[x]! > 0 ? (ma * mb) / inside[x]! : 0) + (outside > 0 ? (fa * fb) / outside : 0));
      }
    }
    into.both.push(rows.both);
    into.errors.push(rows.errors);
    into.expected.push(rows.expected);
    into.predicted.push(Array.from(predicted.subarray(x * l, (x + 1) * l)));
    into.wrong.push(Array.from(wrongs.subarray(x * l, (x + 1) * l)));
  }
  addFrequencies(into, masks);
  into.n += masks.n;
}

function addFrequencies({ frequency, cells, l }: AgreementCounts, masks: BitMasks): void {
  for (let plane = 0; plane < masks.n * l; plane++) {
    const from = plane * masks.stride;
    const to = (plane % l) * cells;
    for (let byte = 0; byte < masks.stride; byte++) {
      let bits = masks.data[from + byte]!;
      for (let i = byte * 8; bits !== 0; i++, bits >>= 1) if (bits & 1) frequency[to + i]!++;
    }
  }
}

/** Each layer's mask XOR the image's label. */
function xorEach(masks: BitMasks, label: BitMasks): BitMasks {
  const { stride, k } = masks;
  const data = new Uint8Array(masks.data.length);
  for (let plane = 0; plane < masks.n * k; plane++) {
    const own = plane * stride;
    const other = Math.floor(plane / k) * stride;
    for (let i = 0; i < stride; i++) data[own + i] = masks.data[own + i]! ^ label.data[other + i]!;
  }
  return { ...masks, data };
}

export interface Agreement {
  readonly iou: number;
  readonly interval: Interval;
  readonly resampled: Float64Array;
  /** Mean of the set IoU over all ways of pairing images with other images. */
  readonly nullIou: number;
  readonly errorIou: number;
  readonly errorExpected: number;
  /** NaN where neither layer errs. */
  readonly kappa: number;
  readonly kappaInterval: Interval;
}

/** One value a pair. `bootstrap`: resamples x n. */
export async function agreement(counts: AgreementCounts, bootstrap: Matrix, engine: Engine): Promise<Agreement[]> {
  const { l, n, cells } = counts;
  // every image once, then the resamples
  const weights: Matrix = { data: new Float32Array(n + bootstrap.data.length), rows: 1 + bootstrap.rows, cols: n };
  weights.data.fill(1, 0, n);
  weights.data.set(bootstrap.data, n);
  const sum = async (table: readonly (readonly number[])[]) => {
    const cols = table[0]?.length ?? 0;
    return (await matmul(engine, weights, { data: Float32Array.from(table.flat()), rows: n, cols })).data;
  };
  const [both, errors, expected] = [await sum(counts.both), await sum(counts.errors), await sum(counts.expected)];
  const [predicted, wrong] = [await sum(counts.predicted), await sum(counts.wrong)];
  const f: Matrix = { data: counts.frequency, rows: l, cols: cells };
  const product = await matmul(engine, f, f, { b: true });
  const pairs = (l * (l + 1)) / 2;
  const out: Agreement[] = [];
  for (let a = 0; a < l; a++) {
    for (let b = a; b < l; b++) {
      const at = out.length;
      const value = (r: number, table: Float32Array, areas: Float32Array) =>
        iou(table[r * pairs + at]!, areas[r * l + a]!, areas[r * l + b]!);
      const kappa = (r: number) => {
        const e = value(r, expected, wrong);
        return e < 1 ? (value(r, errors, wrong) - e) / (1 - e) : Number.NaN;
      };
      const rows = Array.from({ length: bootstrap.rows }, (_, r) => r + 1);
      const resampled = Float64Array.from(rows, (r) => value(r, both, predicted));
      // every image with every other one, n (n - 1) pairings, as often as the n of one permutation
      const permuted = n > 1 ? (product.data[a * l + b]! - both[at]!) / (n - 1) : Number.NaN;
      out.push({
        iou: value(0, both, predicted),
        interval: percentileInterval(resampled),
        resampled,
        nullIou: iou(permuted, predicted[a]!, predicted[b]!),
        errorIou: value(0, errors, wrong),
        errorExpected: value(0, expected, wrong),
        kappa: kappa(0),
        kappaInterval: percentileInterval(rows.map(kappa)),
      });
    }
  }
  return out;
}
