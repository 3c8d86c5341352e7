import type { Matrix, Matrix64 } from "./types.js";

/** M M^T in double precision; M: k x c with small k. */
export function gramOfRows(m: Matrix): Matrix64 {
  const k = m.rows;
  const data = new Float64Array(k * k);
  for (let i = 0; i < k; i++) {
    for (let j = i; j < k; j++) {
      let sum = 0;
      for (let c = 0; c < m.cols; c++) sum += m.data[i * m.cols + c]! * m.data[j * m.cols + c]!;
      data[i * k + j] = sum;
      data[j * k + i] = sum;
    }
  }
  return { data, rows: k, cols: k };
}

/** M^T M in double precision; M: r x k with small k. */
export function gramOfColumns(m: Matrix): Matrix64 {
  const k = m.cols;
  const values = m.data;
  const data = new Float64Array(k * k);
  const row = new Float64Array(k);
  for (let at = 0; at < values.length; at += k) {
    for (let c = 0; c < k; c++) row[c] = values[at + c]!;
    for (let i = 0; i < k; i++) {
      const v = row[i]!;
      if (v === 0) continue;
      const to = i * k;
      for (let j = i; j < k; j++) data[to + j] = data[to + j]! + v * row[j]!;
    }
  }
  for (let i = 0; i < k; i++) for (let j = 0; j < i; j++) data[i * k + j] = data[j * k + i]!;
  return { data, rows: k, cols: k };
}

/** Sum of squares, in double precision: four sums side by side, so that the processor need not wait for each addition. */
export function squaredNorm(data: Float32Array): number {
  const whole = data.length - (data.length % 4);
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  for (let i = 0; i < whole; i += 4) {
    a += data[i]! * data[i]!;
    b += data[i + 1]! * data[i + 1]!;
    c += data[i + 2]! * data[i + 2]!;
    d += data[i + 3]! * data[i + 3]!;
  }
  for (let i = whole; i < data.length; i++) a += data[i]! * data[i]!;
  return a + b + (c + d);
}
