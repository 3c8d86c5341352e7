import type { Engine } from "../numerics/engine.js";
import { matmul } from "../numerics/matmul.js";
import { permutations } from "../numerics/permutation.js";
import type { Matrix, Matrix64, Random, Tensor4 } from "../numerics/types.js";
import { subtractNull } from "./nulls.js";
import { meanBest } from "./similarity.js";

/** Permutations behind the null of the position check; each is one product of all maps with all maps. */
const PERMUTATIONS = 20;

/**
 * The position check (METHOD.md M2, Rosetta's Pearson): concept maps of all layers on one grid (each m x k x h x w, the same images and grid), the mean
 * over the images removed at every position, then Pearson correlation over images and cells, mean of best partners both ways, less the same with images
 * permuted on one side: (R - N) / (1 - N). What two maps share because both light up at the border of every image is gone. Layers x layers; NaN where a
 * layer's maps do not vary. Memory: all maps twice.
 */
export async function positionFree(layers: readonly Tensor4[], random: Random, engine: Engine): Promise<Matrix64> {
  const first = layers[0]!;
  const units = unitMaps(layers);
  const starts = layers.map((_, l) => layers.slice(0, l).reduce((s, x) => s + x.c, 0));
  const bestOf = (correlations: Matrix): Float64Array => {
    const out = new Float64Array(layers.length ** 2);
    for (const [a, from] of starts.entries()) {
      for (const [b, to] of starts.entries()) {
        const [ka, kb] = [layers[a]!.c, layers[b]!.c];
        const m = Float64Array.from({ length: ka * kb }, (_, at) => {
          const [i, j] = [from + Math.floor(at / kb), to + (at % kb)];
          return units.varies[i] && units.varies[j] ? correlations.data[i * correlations.cols + j]! : Number.NaN;
        });
        const { forward, backward } = meanBest(m, ka, kb);
        out[a * layers.length + b] = (forward + backward) / 2;
      }
    }
    return out;
  };
  const observed = bestOf(await matmul(engine, units.maps, units.maps, { b: true }));
  const chance = new Float64Array(observed.length);
  const cells = first.h * first.w;
  for (const order of permutations(first.n, PERMUTATIONS, random)) {
    const moved = bestOf(await matmul(engine, units.maps, imagesMoved(units.maps, order, cells), { b: true }));
    for (let at = 0; at < chance.length; at++) chance[at]! += moved[at]! / PERMUTATIONS;
  }
  const data = observed.map((r, at) => subtractNull(r, chance[at]!));
  return { data, rows: layers.length, cols: layers.length };
}

/** One row a concept: its maps without each position's mean, of length 1. */
function unitMaps(layers: readonly Tensor4[]): { maps: Matrix; varies: Uint8Array } {
  const { n, h, w } = layers[0]!;
  const cells = h * w;
  const rows = layers.reduce((s, l) => s + l.c, 0);
  const maps: Matrix = { data: new Float32Array(rows * n * cells), rows, cols: n * cells };
  const varies = new Uint8Array(rows);
  let row = 0;
  for (const layer of layers) {
    for (let c = 0; c < layer.c; c++, row++) {
      const out = maps.data.subarray(row * maps.cols, (row + 1) * maps.cols);
      let before = 0;
      for (let x = 0; x < n; x++) {
        const plane = layer.data.subarray((x * layer.c + c) * cells, (x * layer.c + c + 1) * cells);
        out.set(plane, x * cells);
        for (const v of plane) before += v * v;
      }
      let after = 0;
      for (let p = 0; p < cells; p++) {
        let sum = 0;
        for (let x = 0; x < n; x++) sum += out[x * cells + p]!;
        for (let x = 0; x < n; x++) {
          out[x * cells + p]! -= sum / n;
          after += out[x * cells + p]! ** 2;
        }
      }
      varies[row] = after > 1e-10 * before ? 1 : 0;
      const scale = varies[row] ? 1 / Math.sqrt(after) : 0;
      for (let i = 0; i < out.length; i++) out[i]! *= scale;
    }
  }
  return { maps, varies };
}

function imagesMoved(maps: Matrix, order: Int32Array, cells: number): Matrix {
  const data = new Float32Array(maps.data.length);
  for (let row = 0; row < maps.rows; row++) {
    const from = row * maps.cols;
    order.forEach((x, at) => {
      data.set(maps.data.subarray(from + x * cells, from + (x + 1) * cells), from + at * cells);
    });
  }
  return { ...maps, data };
}
