import { CholeskyDecomposition, Matrix as Dense } from "ml-matrix";
import type { Matrix64 } from "../../src/numerics/types.js";

const MOST_CACHED = 4096;

/**
 * Exact non-negative least squares for many right-hand sides with one Gram matrix:
 * argmin_{s >= 0} 0.5 s^T G s - b^T s, by block principal pivoting (Kim & Park 2011) with the inverse of each passive set kept.
 * A pixel starts from the passive set of the pixel before: neighbours see the same things, so most pixels need one solve.
 */
export class SlowNnls {
  private readonly k: number;
  private readonly inverses = new Map<string, Float64Array>();
  private readonly slack: Float64Array;

  /** G: k x k = P P^T. Where concepts nearly coincide a ridge of 1e-10 of the trace keeps the solution unique. */
  constructor(private readonly g: Matrix64) {
    this.k = g.rows;
    const ridge =
      1e-10 *
      (Array.from({ length: this.k }, (_, i) => g.data[i * this.k + i]!).reduce((a, b) => a + b, 0) / this.k || 1);
    this.g = { ...g, data: g.data.slice() };
    for (let i = 0; i < this.k; i++) this.g.data[i * this.k + i]! += ridge;
    this.slack = Float64Array.from({ length: this.k }, (_, i) => 1e-9 * Math.sqrt(this.g.data[i * this.k + i]!));
  }

  /**
   * B (k x cells, planes from `offset` on) -> S in place, same layout. The first cell starts from the empty set, so a plane's result does not
   * depend on what was solved before it.
   */
  solvePlanesInto(b: Float32Array, offset: number, cells: number): void {
    const { k } = this;
    const passive = new Uint8Array(k);
    const rhs = new Float64Array(k);
    const s = new Float64Array(k);
    for (let p = 0; p < cells; p++) {
      let top = 0;
      for (let i = 0; i < k; i++) {
        rhs[i] = b[offset + i * cells + p]!;
        if (rhs[i]! > top) top = rhs[i]!;
      }
      if (top <= 0) s.fill(0);
      else this.solveInto(s, rhs, passive, top);
      for (let i = 0; i < k; i++) b[offset + i * cells + p] = s[i]!;
    }
  }

  private solveInto(s: Float64Array, rhs: Float64Array, passive: Uint8Array, scale: number): void {
    const { k, g } = this;
    let fewest = k + 1;
    let patience = 3;
    const dual = new Float64Array(k);
    for (let round = 0; round < 100 * k; round++) {
      this.primalInto(s, rhs, passive);
      let wrong = 0;
      let last = -1;
      for (let i = 0; i < k; i++) {
        let y = -rhs[i]!;
        for (let j = 0; j < k; j++) if (passive[j]) y += g.data[i * k + j]! * s[j]!;
        dual[i] = y;
        if (this.violates(i, s, dual, passive, scale)) {
          wrong++;
          last = i;
        }
      }
      if (wrong === 0) break;
      if (wrong < fewest) {
        fewest = wrong;
        patience = 3;
      } else patience--;
      // full exchange while it helps, else the last offender alone, which cannot cycle
      for (let i = 0; i < k; i++) {
        if ((patience > 0 || i === last) && this.violates(i, s, dual, passive, scale)) passive[i] = passive[i] ? 0 : 1;
      }
    }
    for (let i = 0; i < k; i++) if (!passive[i] || s[i]! < 0) s[i] = 0;
  }

  private violates(i: number, s: Float64Array, dual: Float64Array, passive: Uint8Array, scale: number): boolean {
    return passive[i] ? s[i]! < -1e-12 * scale : dual[i]! < -this.slack[i]! * scale;
  }

  private primalInto(s: Float64Array, rhs: Float64Array, passive: Uint8Array): void {
    const { k } = this;
    const inverse = this.inverseOf(passive);
    for (let i = 0; i < k; i++) {
      let sum = 0;
      if (passive[i]) for (let j = 0; j < k; j++) sum += inverse[i * k + j]! * rhs[j]!;
      s[i] = sum;
    }
  }

  /** (G_FF)^-1 laid into k x k, zero elsewhere. */
  private inverseOf(passive: Uint8Array): Float64Array {
    const key = String.fromCharCode(...passive);
    let inverse = this.inverses.get(key);
    if (inverse) return inverse;
    const { k, g } = this;
    const set = Array.from({ length: k }, (_, i) => i).filter((i) => passive[i]);
    inverse = new Float64Array(k * k);
    if (set.length > 0) {
      const part = new Dense(set.map((i) => set.map((j) => g.data[i * k + j]!)));
      const solved = new CholeskyDecomposition(part).solve(Dense.eye(set.length));
      set.forEach((i, a) => {
        set.forEach((j, b) => {
          inverse![i * k + j] = solved.get(a, b);
        });
      });
    }
    if (this.inverses.size >= MOST_CACHED) this.inverses.clear();
    this.inverses.set(key, inverse);
    return inverse;
  }
}
