import { roughTopEigen } from "./eigen.js";
import type { Engine } from "./engine.js";
import { matmul } from "./matmul.js";
import type { Matrix, Random } from "./types.js";

/** Entries of the start below this are taken for zero, as in scikit-learn. */
const SMALL = 1e-6;

/**
 * NNDSVDa (Boutsidis & Gallopoulos 2008): non-negative start from the truncated SVD, zeros filled with the mean of V.
 * V: r x c, not negative. Returns S: r x k and P: k x c, not normalised; V ~ S P.
 */
export async function nndsvda(engine: Engine, v: Matrix, k: number, random: Random): Promise<{ s: Matrix; p: Matrix }> {
  const gram = await matmul(engine, v, v, { a: true });
  const { values, vectors } = await roughTopEigen(engine, gram, k, random);
  const right: Matrix = { data: Float32Array.from(vectors.data), rows: k, cols: v.cols };
  const left = await matmul(engine, v, right, { b: true }); // r x k, column j is u_j times sigma_j
  const s: Matrix = { data: new Float32Array(v.rows * k), rows: v.rows, cols: k };
  const p: Matrix = { data: new Float32Array(k * v.cols), rows: k, cols: v.cols };
  let mean = 0;
  for (let i = 0; i < v.data.length; i++) mean += v.data[i]!;
  mean /= v.data.length;
  for (let j = 0; j < k; j++) {
    const sigma = Math.sqrt(values[j]!) || 1e-12;
    const x = Float64Array.from({ length: v.rows }, (_, i) => left.data[i * k + j]! / sigma);
    const y = Float64Array.from({ length: v.cols }, (_, c) => right.data[j * v.cols + c]!);
    const sign = j === 0 ? 0 : heavierSign(x, y);
    const part = (t: number) => (sign === 0 ? Math.abs(t) : Math.max(0, sign * t));
    const nx = sign === 0 ? 1 : norm(x, part);
    const ny = sign === 0 ? 1 : norm(y, part);
    const scale = Math.sqrt(sigma * nx * ny);
    for (let i = 0; i < v.rows; i++) s.data[i * k + j] = fill((scale * part(x[i]!)) / (nx || 1), mean);
    for (let c = 0; c < v.cols; c++) p.data[j * v.cols + c] = fill((scale * part(y[c]!)) / (ny || 1), mean);
  }
  return { s, p };
}

function fill(value: number, mean: number): number {
  return value < SMALL ? mean : value;
}

function norm(x: Float64Array, part: (t: number) => number): number {
  let sum = 0;
  for (const t of x) sum += part(t) ** 2;
  return Math.sqrt(sum);
}

/** Which sign of the singular pair carries more energy in its positive parts: 1 or -1. */
function heavierSign(x: Float64Array, y: Float64Array): 1 | -1 {
  const plus = (t: number) => Math.max(0, t);
  const minus = (t: number) => Math.max(0, -t);
  return norm(x, plus) * norm(y, plus) > norm(x, minus) * norm(y, minus) ? 1 : -1;
}
