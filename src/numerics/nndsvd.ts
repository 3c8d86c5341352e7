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
    const x = new Float64Array(v.rows);
    for (let i = 0; i < v.rows; i++) x[i] = left.data[i * k + j]! / sigma;
    const y = Float64Array.from(right.data.subarray(j * v.cols, (j + 1) * v.cols));
    if (j === 0) for (const u of [x, y]) for (let i = 0; i < u.length; i++) u[i] = Math.abs(u[i]!);
    const sign = j === 0 ? 1 : heavierSign(x, y);
    const [nx, ny] = j === 0 ? [1, 1] : [normOf(x, sign), normOf(y, sign)];
    const scale = Math.sqrt(sigma * nx * ny);
    for (let i = 0; i < v.rows; i++) s.data[i * k + j] = filled((scale * Math.max(0, sign * x[i]!)) / (nx || 1), mean);
    for (let c = 0; c < v.cols; c++)
      p.data[j * v.cols + c] = filled((scale * Math.max(0, sign * y[c]!)) / (ny || 1), mean);
  }
  return { s, p };
}

function filled(value: number, mean: number): number {
  return value < SMALL ? mean : value;
}

/** Length of the part of x that has the sign. */
function normOf(x: Float64Array, sign: 1 | -1): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) {
    const t = Math.max(0, sign * x[i]!);
    sum += t * t;
  }
  return Math.sqrt(sum);
}

/** Which sign of the singular pair carries more energy in its positive parts. */
function heavierSign(x: Float64Array, y: Float64Array): 1 | -1 {
  return normOf(x, 1) * normOf(y, 1) > normOf(x, -1) * normOf(y, -1) ? 1 : -1;
}
