import type { Matrix, Tensor4 } from "../numerics/types.js";

/** What methods for non-negative data are given: `none` as it is, `clip` max(A, 0), `split` [max(A, 0); max(-A, 0)] with twice the channels. */
export type NegativeMode = "none" | "clip" | "split";

/** rho = ||min(A, 0)||^2 / ||A||^2, the share of energy that is negative, 0..1. */
export function negativeEnergy(data: Float32Array): number {
  let negative = 0;
  let all = 0;
  for (let i = 0; i < data.length; i++) {
    const square = data[i]! * data[i]!;
    all += square;
    if (data[i]! < 0) negative += square;
  }
  return all > 0 ? negative / all : 0;
}

export function prepareRows(rows: Matrix, mode: NegativeMode): Matrix {
  if (mode === "none") return rows;
  if (mode === "clip") return { ...rows, data: clipped(rows.data) };
  const { cols } = rows;
  const data = new Float32Array(rows.data.length * 2);
  for (let i = 0; i < rows.data.length; i++) {
    const at = Math.floor(i / cols) * 2 * cols + (i % cols);
    data[at] = Math.max(0, rows.data[i]!);
    data[at + cols] = Math.max(0, -rows.data[i]!);
  }
  return { data, rows: rows.rows, cols: 2 * cols };
}

/** The same for planes n x c x h x w. */
export function preparePlanes(a: Tensor4, mode: NegativeMode): Tensor4 {
  if (mode === "none") return a;
  if (mode === "clip") return { ...a, data: clipped(a.data) };
  const image = a.c * a.h * a.w;
  const data = new Float32Array(a.data.length * 2);
  for (let i = 0; i < a.data.length; i++) {
    const at = Math.floor(i / image) * 2 * image + (i % image);
    data[at] = Math.max(0, a.data[i]!);
    data[at + image] = Math.max(0, -a.data[i]!);
  }
  return { ...a, data, c: 2 * a.c };
}

/** max(x, 0); what is not a number stays so, for whoever refuses it. */
function clipped(data: Float32Array): Float32Array {
  const out = new Float32Array(data.length);
  for (let i = 0; i < data.length; i++) {
    const x = data[i]!;
    out[i] = x < 0 ? 0 : x;
  }
  return out;
}
