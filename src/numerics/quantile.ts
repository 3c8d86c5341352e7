import { SamesightError } from "../errors.js";

/**
 * Quantile R-7 (numpy's default "linear") of values in memory: linear between order statistics at (n - 1) q. NaN for no values or where a value
 * is NaN. Does not change its argument.
 */
export function quantile(values: ArrayLike<number>, q: number): number {
  return quantileSorted(Float64Array.from(values).sort(), q);
}

/** The same for values already ascending (NaN last, as typed arrays sort). */
export function quantileSorted(sorted: ArrayLike<number>, q: number): number {
  const n = sorted.length;
  if (n === 0 || Number.isNaN(sorted[n - 1]!)) return Number.NaN;
  const at = (n - 1) * q;
  const low = Math.floor(at);
  const a = sorted[low]!;
  return low + 1 < n && at > low ? a + (at - low) * (sorted[low + 1]! - a) : a;
}

const SHIFT = [21, 10, 0] as const;
const BINS = 2048;

/**
 * Exact upper order statistics of `k` streams of float32 that are too long to hold: three passes over the same data (11, 11 and 10 bits of the
 * value's ordered bit pattern, most significant first). Counting does not depend on order or on how the data is cut, so shards may be counted
 * apart and merged.
 *
 *     const search = upperQuantile(k, p);
 *     do { for (const shard of shards) for (c...) search.add(c, scores) } while (search.next());
 *     search.values, search.above
 */
export interface UpperQuantile {
  /** 0, 1, 2; 3 when done. */
  readonly pass: number;
  /** Histograms of this pass, k x 2048: what a worker sends home. Valid until `next`. */
  readonly histogram: Float64Array;
  /** t_c: the smallest value with at most p n values above it, once `pass` is 3. */
  readonly values: Float32Array;
  /** Number of values > t_c, and of all values, for each stream. */
  readonly above: Float64Array;
  /** Number of values equal to t_c. */
  readonly ties: Float64Array;
  readonly total: Float64Array;
  /** Counts values of stream `c`. Throws SamesightError `invalid` at NaN. */
  add(c: number, values: Float32Array): void;
  /** Adds the histogram of another search that stands at the same pass. */
  merge(histogram: Float64Array): void;
  /** Ends the pass; false when the result is there. Throws SamesightError `invalid` when a stream is empty. */
  next(): boolean;
  /** What a worker needs to count the current pass elsewhere; give it to `upperQuantile` as `prefix`. */
  readonly prefix: QuantilePrefix;
}

export interface QuantilePrefix {
  readonly pass: number;
  /** Bits of the wanted value that are known so far, for each stream. */
  readonly bits: Uint32Array;
}

/** `p`: largest share of values above t, 0 < p < 1; at least one value is let above where values differ. Ties at t are not above it. */
export function upperQuantile(k: number, p: number, prefix?: QuantilePrefix): UpperQuantile {
  let pass = prefix?.pass ?? 0;
  const bits = prefix ? prefix.bits.slice() : new Uint32Array(k);
  const histogram = new Float64Array(k * BINS);
  // values still to be passed over from the top before t is reached
  const rank = new Float64Array(k);
  const above = new Float64Array(k);
  const ties = new Float64Array(k);
  const total = new Float64Array(k);
  const values = new Float32Array(k);
  return {
    get pass() {
      return pass;
    },
    get prefix() {
      return { pass, bits: bits.slice() };
    },
    histogram,
    values,
    above,
    ties,
    total,
    add(c, scores) {
      countInto(histogram.subarray(c * BINS, (c + 1) * BINS), scores, pass, bits[c]!);
    },
    merge(other) {
      for (let i = 0; i < histogram.length; i++) histogram[i]! += other[i]!;
    },
    next() {
      for (let c = 0; c < k; c++) {
        const counts = histogram.subarray(c * BINS, (c + 1) * BINS);
        if (pass === 0) {
          let sum = 0;
          for (let bin = 0; bin < BINS; bin++) sum += counts[bin]!;
          if (sum === 0) throw new SamesightError("invalid", `quantile: stream ${c} has no values`);
          total[c] = sum;
          rank[c] = Math.min(sum - 1, Math.max(1, Math.floor(p * sum * (1 + 1e-12))));
        }
        const most = rank[c]!;
        let over = above[c]!;
        let bin = BINS - 1;
        while (bin > 0 && over + counts[bin]! <= most) over += counts[bin--]!;
        above[c] = over;
        ties[c] = counts[bin]!; // after the last pass: values with all bits of t
        bits[c] = (bits[c]! | (bin << SHIFT[pass]!)) >>> 0;
      }
      histogram.fill(0);
      pass++;
      if (pass < SHIFT.length) return true;
      for (let c = 0; c < k; c++) values[c] = fromOrdered(bits[c]!);
      return false;
    },
  };
}

/** float32 bits -> uint32 that sorts like the number; -0 and 0 are one value. */
export function orderedBits(bits: number): number {
  if (bits === 0x80000000) return 0x80000000;
  return (bits & 0x80000000 ? ~bits : bits | 0x80000000) >>> 0;
}

/** The largest float32 below a finite one: values above it are those >= `value`. */
export function floatBelow(value: number): number {
  const raw = new Uint32Array(Float32Array.of(value).buffer)[0]!;
  return fromOrdered(orderedBits(raw) - 1);
}

function fromOrdered(bits: number): number {
  const raw = Uint32Array.of(bits & 0x80000000 ? bits & 0x7fffffff : ~bits);
  return new Float32Array(raw.buffer)[0]!;
}

function countInto(counts: Float64Array, values: Float32Array, pass: number, known: number): void {
  const words = new Int32Array(values.buffer, values.byteOffset, values.length);
  if (pass === 0) countTopInto(counts, words);
  else countBelowInto(counts, words, SHIFT[pass]!, (pass === 2 ? BINS / 2 : BINS) - 1, SHIFT[pass - 1]!, known);
}

/** Bins of the first pass. Words are signed here: unsigned ones would not stay whole numbers of the machine. */
function countTopInto(counts: Float64Array, words: Int32Array): void {
  for (let i = 0; i < words.length; i++) {
    const raw = words[i]!;
    if ((raw & 0x7fffffff) > 0x7f800000) {
      throw new SamesightError("invalid", "quantile: a concept map holds NaN", {
        hint: "The network or its preprocessing yields values that are not numbers; inspect the layer's activations.",
      });
    }
    counts[ordered(raw) >>> SHIFT[0]]!++;
  }
}

/** Bins of a later pass, of the words whose higher bits are those of `known`. */
function countBelowInto(
  counts: Float64Array,
  words: Int32Array,
  shift: number,
  mask: number,
  fixed: number,
  known: number,
): void {
  const wanted = known >>> fixed;
  for (let i = 0; i < words.length; i++) {
    const b = ordered(words[i]!);
    if (b >>> fixed === wanted) counts[(b >>> shift) & mask]!++;
  }
}

/** `orderedBits` as a signed word. */
function ordered(raw: number): number {
  return raw >= 0 ? raw | 0x80000000 : raw === -0x80000000 ? raw : ~raw;
}
