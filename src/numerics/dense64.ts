/** Dense algebra in double precision: products by onnxruntime (about 20 GFLOP/s a core, some 20 times a loop in JavaScript), the rest in loops. */
import { modelBytes, node, valueInfo } from "../onnx/build.js";
import type { Engine } from "./engine.js";
import type { Matrix, Matrix64 } from "./types.js";

/** A (or its transpose) times B (or its transpose), double precision. Shapes must fit: the engine throws otherwise. */
export async function matmul64(
  engine: Engine,
  a: Matrix64,
  b: Matrix64,
  transpose: { a?: boolean; b?: boolean } = {},
): Promise<Matrix64> {
  const ta = transpose.a ? 1 : 0;
  const tb = transpose.b ? 1 : 0;
  const kernel = await engine.shared(`gemm64-${ta}${tb}`, () =>
    modelBytes({
      nodes: [node("Gemm", ["a", "b"], ["y"], { transA: ta, transB: tb })],
      inputs: [valueInfo("a", "float64", ["ar", "ac"]), valueInfo("b", "float64", ["br", "bc"])],
      outputs: [valueInfo("y", "float64", ["yr", "yc"])],
    }),
  );
  const { y } = await kernel.run({
    a: { type: "float64", dims: [a.rows, a.cols], data: a.data },
    b: { type: "float64", dims: [b.rows, b.cols], data: b.data },
  });
  return { data: y!.data as Float64Array, rows: ta ? a.cols : a.rows, cols: tb ? b.rows : b.cols };
}

export function columnMeans(m: Matrix | Matrix64): Float64Array {
  const means = new Float64Array(m.cols);
  for (let r = 0; r < m.rows; r++) for (let c = 0; c < m.cols; c++) means[c]! += m.data[r * m.cols + c]!;
  for (let c = 0; c < m.cols; c++) means[c]! /= m.rows;
  return means;
}

/** A copy with each column's mean removed. */
export function centredColumns(m: Matrix | Matrix64): Matrix64 {
  const means = columnMeans(m);
  const data = new Float64Array(m.data.length);
  for (let r = 0, i = 0; r < m.rows; r++) for (let c = 0; c < m.cols; c++, i++) data[i] = m.data[i]! - means[c]!;
  return { data, rows: m.rows, cols: m.cols };
}

export function transposed(m: Matrix64): Matrix64 {
  const data = new Float64Array(m.data.length);
  for (let r = 0; r < m.rows; r++) for (let c = 0; c < m.cols; c++) data[c * m.rows + r] = m.data[r * m.cols + c]!;
  return { data, rows: m.cols, cols: m.rows };
}

export function frobenius(m: Matrix64): number {
  let sum = 0;
  for (const v of m.data) sum += v * v;
  return Math.sqrt(sum);
}

/** Sum of products of two equally long arrays. */
export function dot64(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

/** Rows `keep` of a matrix, in that order. */
export function rowsOf(m: Matrix64, keep: readonly number[]): Matrix64 {
  const data = new Float64Array(keep.length * m.cols);
  keep.forEach((r, i) => {
    data.set(m.data.subarray(r * m.cols, (r + 1) * m.cols), i * m.cols);
  });
  return { data, rows: keep.length, cols: m.cols };
}
