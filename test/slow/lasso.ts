import type { Matrix64 } from "../../src/numerics/types.js";

/** Minimises 1/2 w'Gw - c'w + alpha |w|_1 by proximal gradient steps of length 1/trace(G): slow, sure, and nothing like coordinate descent. */
export function slowLasso(g: Matrix64, c: Float64Array, alpha: number): Float64Array {
  const d = g.rows;
  let trace = 0;
  for (let j = 0; j < d; j++) trace += g.data[j * d + j]!;
  let w = new Float64Array(d);
  for (let step = 0; step < 200_000; step++) {
    const next = Float64Array.from({ length: d }, (_, j) => {
      let gradient = -c[j]!;
      for (let i = 0; i < d; i++) gradient += g.data[j * d + i]! * w[i]!;
      const u = w[j]! - gradient / trace;
      return Math.sign(u) * Math.max(0, Math.abs(u) - alpha / trace);
    });
    const moved = Math.max(...next.map((v, j) => Math.abs(v - w[j]!)));
    w = next;
    if (moved < 1e-12) break;
  }
  return w;
}
