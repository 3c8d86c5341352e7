import { partialCorrelation, pearson } from "../numerics/correlation.js";
import { permutation } from "../numerics/random.js";
import { permutationP } from "../numerics/statistics.js";
import type { Matrix64, Random } from "../numerics/types.js";

export interface MantelResult {
  /** Correlation over the cells. */
  readonly r: number;
  /** Share of permuted layers with a correlation at least as high (one-sided), (1 + high) / (1 + permutations). */
  readonly p: number;
  readonly cells: number;
}

export interface MantelOptions {
  readonly random: Random;
  readonly permutations: number;
  /** Third matrix, whose linear effect is removed from both: the partial Mantel test. */
  readonly control?: Matrix64;
  /** Rows and columns are the same layers: cells above the diagonal only, one permutation for both. */
  readonly symmetric?: boolean;
}

/**
 * Mantel test between layer x layer matrices: do cells with high x have high y? The layers of x are permuted (rows and columns apart unless
 * `symmetric`), so whole rows stay together, as single cells are not independent. NaN cells of x are left out.
 */
export function mantel(x: Matrix64, y: Matrix64, options: MantelOptions): MantelResult {
  const { random, control, symmetric = false } = options;
  const rowsAsTheyAre = Int32Array.from({ length: x.rows }, (_, i) => i);
  const colsAsTheyAre = Int32Array.from({ length: x.cols }, (_, j) => j);
  const at = (rows: Int32Array, cols: Int32Array) => {
    const lists: [number[], number[], number[]] = [[], [], []];
    for (let i = 0; i < x.rows; i++) {
      for (let j = symmetric ? i + 1 : 0; j < x.cols; j++) {
        const value = x.data[rows[i]! * x.cols + cols[j]!]!;
        if (Number.isNaN(value)) continue;
        lists[0].push(value);
        lists[1].push(y.data[i * x.cols + j]!);
        lists[2].push(control?.data[i * x.cols + j] ?? 0);
      }
    }
    return { cells: lists[0].length, r: control ? partialCorrelation(...lists) : pearson(lists[0], lists[1]) };
  };
  const { r, cells } = at(rowsAsTheyAre, colsAsTheyAre);
  const values: number[] = [];
  for (let k = 0; k < options.permutations; k++) {
    const rows = permutation(x.rows, random);
    const value = at(rows, symmetric ? rows : permutation(x.cols, random)).r;
    if (!Number.isNaN(value)) values.push(value);
  }
  return { r, p: Number.isNaN(r) ? Number.NaN : permutationP(r, values), cells };
}
