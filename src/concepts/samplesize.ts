import type { Engine } from "../numerics/engine.js";
import { permutation } from "../numerics/random.js";
import type { Matrix, Random } from "../numerics/types.js";
import type { ProbeFit, ProbeOptions } from "./probe.js";
import { refitPrepared } from "./probe.js";
import type { PreparedRows } from "./proberows.js";
import { cosine } from "./vectors.js";

/** Shares of the images in each draw; two disjoint draws fit up to a half. */
export const SIZE_SHARES = [0.125, 0.25, 0.5] as const;
const REPEATS = 3;
/** Numbers kept for each share and concept: images with the concept in a draw, cosine of disjoint draws, cosine with the fit on all. */
export const SIZE_NUMBERS = 3;

/**
 * Is the set of images large enough (METHOD.md 1.2.3)? Vectors of disjoint draws of the images, for growing draws: shares x k x 3, means over repeats;
 * NaN where a draw lacks the concept.
 */
export async function sampleSizes(
  prepared: PreparedRows,
  fit: ProbeFit,
  random: Random,
  options: ProbeOptions,
  engine: Engine,
): Promise<Float64Array> {
  const { images: n, concepts: k, mass } = prepared;
  const columns = SIZE_SHARES.length * REPEATS * 2;
  const draws: Matrix = { data: new Float32Array(n * columns), rows: n, cols: columns };
  for (let repeat = 0, d = 0; repeat < REPEATS; repeat++) {
    const order = permutation(n, random);
    for (const share of SIZE_SHARES) {
      const size = Math.floor(share * n);
      for (const half of [0, 1]) {
        for (let i = half * size; i < (half + 1) * size; i++) draws.data[order[i]! * columns + d] = 1;
        d++;
      }
    }
  }
  const fits = await refitPrepared(prepared, draws, { ...options, start: fit, tolerance: 1e-4 }, engine);
  const shown = (d: number, j: number) => {
    let count = 0;
    for (let x = 0; x < n; x++) if (draws.data[x * columns + d]! > 0 && mass[x * 2 * k + k + j]! > 0) count++;
    return count;
  };
  const out = new Float64Array(SIZE_SHARES.length * k * SIZE_NUMBERS);
  for (let repeat = 0; repeat < REPEATS; repeat++) {
    for (let s = 0; s < SIZE_SHARES.length; s++) {
      const d = (repeat * SIZE_SHARES.length + s) * 2;
      const [a, b] = [fits[d]!.vectors, fits[d + 1]!.vectors];
      for (let j = 0; j < k; j++) {
        const to = (s * k + j) * SIZE_NUMBERS;
        out[to]! += (shown(d, j) + shown(d + 1, j)) / 2 / REPEATS;
        out[to + 1]! += cosine(a, j, b, j) / REPEATS;
        out[to + 2]! += (cosine(a, j, fit.vectors, j) + cosine(b, j, fit.vectors, j)) / 2 / REPEATS;
      }
    }
  }
  return out;
}

export const SIZE_DRAWS = 2 * REPEATS;
