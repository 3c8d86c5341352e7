import { SamesightError } from "../errors.js";
import type { QuantilePrefix, UpperQuantile } from "../numerics/quantile.js";
import { floatBelow, upperQuantile } from "../numerics/quantile.js";
import type { Tensor4 } from "../numerics/types.js";

/** Thresholds of the k concepts of a layer on one grid, over all test images. */
export interface Thresholds {
  /** t_c; the mask is s > t_c. */
  readonly values: Float32Array;
  /**
   * p_c: share of cells with s > t_c: p, or what ties allow. A concept that is 0 on more than 1 - p of the cells has t_c = 0 and p_c < p; one
   * that rests at its ceiling on more than p of them has t_c just below the ceiling and p_c > p.
   */
  readonly density: Float64Array;
  /** Whether ties keep p_c away from p, so that other images would not move the threshold. */
  readonly tied: Uint8Array;
}

/**
 * Finds t_c = the (1 - p)-quantile of a concept's scores over the data set (METHOD.md 1.1.3, mode `quantile`; the order statistic that numpy calls
 * "inverted_cdf", so t_c is a score that occurs). Three passes over the maps, in any order and any cut:
 *
 *     const search = thresholdPasses(k, p);
 *     do { for (const shard of shards) search.add(shard) } while (search.next());
 *     const { values, density } = search.result();
 *
 * Workers may count apart: start theirs from `prefix`, send `histogram` home, `merge` it here.
 */
export interface ThresholdPasses {
  readonly pass: number;
  readonly prefix: QuantilePrefix;
  readonly histogram: Float64Array;
  /** Maps n x k x h x w of some images. Throws SamesightError `invalid` at NaN or another k. */
  add(maps: Tensor4): void;
  merge(histogram: Float64Array): void;
  /** Ends a pass over all maps; true when another one is needed. */
  next(): boolean;
  /** Throws SamesightError `defect` before the last pass has ended. */
  result(): Thresholds;
}

export function thresholdPasses(k: number, p: number, prefix?: QuantilePrefix): ThresholdPasses {
  const search = upperQuantile(k, p, prefix);
  return {
    get pass() {
      return search.pass;
    },
    get prefix() {
      return search.prefix;
    },
    histogram: search.histogram,
    add({ data, n, c, h, w }) {
      if (c !== k) throw new SamesightError("invalid", `threshold: maps of ${c} concepts, ${k} expected`);
      const cells = h * w;
      for (let plane = 0; plane < n * c; plane++) {
        search.add(plane % c, data.subarray(plane * cells, (plane + 1) * cells));
      }
    },
    merge: (histogram) => search.merge(histogram),
    next: () => search.next(),
    result() {
      if (search.pass < 3) throw new SamesightError("defect", "threshold: result asked for before the last pass");
      return settled(search, p);
    },
  };
}

/**
 * Ties at t_c are outside, as METHOD.md has it, unless that leaves less than half of p: then s >= t_c where its share is nearer to p (as a ratio)
 * and not everything, so that a saturated concept keeps a mask and the background never becomes one.
 */
function settled({ values, above, ties, total }: UpperQuantile, p: number): Thresholds {
  const out = { values: values.slice(), density: new Float64Array(values.length), tied: new Uint8Array(values.length) };
  for (let c = 0; c < values.length; c++) {
    const over = above[c]! / total[c]!;
    const from = (above[c]! + ties[c]!) / total[c]!;
    const include = over < p / 2 && from < 1 && Math.abs(Math.log(from / p)) < Math.abs(Math.log(over / p));
    if (include) out.values[c] = floatBelow(values[c]!);
    out.density[c] = include ? from : over;
    out.tied[c] = ties[c]! > 1 && Math.abs(out.density[c]! - p) * total[c]! > 1 ? 1 : 0;
  }
  return out;
}

/** Thresholds of maps that are in memory. */
export function thresholds(maps: Tensor4, p: number): Thresholds {
  const search = thresholdPasses(maps.c, p);
  do search.add(maps);
  while (search.next());
  return search.result();
}
