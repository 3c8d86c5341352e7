/**
 * L-BFGS (Nocedal & Wright, algorithm 7.5) as a state that is told values and says where to look next, so that many problems can share their
 * passes over the data: x = state.point; state.tell(f(x), gradient(x)); until state.done.
 */
export interface LbfgsOptions {
  /** Stop when the model promises less than this share of |f|: -g d / 2 <= tolerance |f|. */
  readonly tolerance: number;
  readonly maxIterations: number;
  /** Scale of the first step's inverse Hessian. */
  readonly firstScale: number;
  readonly memory?: number;
}

/** Values nearer than this (relative) cannot be told apart: sums of single-precision terms. */
const NOISE = 2e-7;
const ARMIJO = 1e-4;
const MOST_TRIALS = 20;

export class Lbfgs {
  /** Where value and gradient are wanted next; the best point found once `done`. */
  point: Float64Array;
  value = Number.NaN;
  done = false;
  converged = false;
  iterations = 0;
  #x: Float64Array;
  #gradient: Float64Array | undefined;
  #direction = new Float64Array(0);
  #slope = 0;
  #step = 1;
  #trials = 0;
  readonly #pairs: { s: Float64Array; y: Float64Array; rho: number }[] = [];
  readonly #options: LbfgsOptions;

  constructor(start: Float64Array, options: LbfgsOptions) {
    this.#x = start;
    this.point = start;
    this.#options = options;
  }

  /** Value and gradient at `point`; the arrays become the state's own. */
  tell(value: number, gradient: Float64Array): void {
    if (this.done) return;
    const before = this.#gradient;
    if (before && !this.#accepted(value)) return;
    if (before) {
      this.iterations++;
      this.#remember(this.point, gradient, before);
    }
    this.#x = this.point;
    this.value = value;
    this.#gradient = gradient;
    this.#direct();
    // the model's promise; below it, or below rounding, nothing is left to gain
    if (-this.#slope / 2 <= Math.max(this.#options.tolerance, NOISE * NOISE) * Math.abs(value)) this.#stop(true);
    else if (this.iterations >= this.#options.maxIterations) this.#stop(false);
    else this.#try(1);
  }

  #accepted(value: number): boolean {
    const slack = NOISE * Math.abs(this.value);
    if (value <= this.value + ARMIJO * this.#step * this.#slope + slack) return true;
    if (++this.#trials > MOST_TRIALS) {
      // no descent that rounding would let us see
      this.point = this.#x;
      this.#stop(-this.#slope * this.#step <= 1e3 * slack);
      return false;
    }
    const bend = value - this.value - this.#step * this.#slope;
    const best = bend > 0 ? (-this.#slope * this.#step * this.#step) / (2 * bend) : 0;
    this.#try(Math.min(0.5 * this.#step, Math.max(0.1 * this.#step, best)), false);
    return false;
  }

  #try(step: number, fresh = true): void {
    if (fresh) this.#trials = 0;
    this.#step = step;
    this.point = this.#x.map((v, i) => v + step * this.#direction[i]!);
  }

  #stop(converged: boolean): void {
    this.point = this.#x;
    this.done = true;
    this.converged = converged;
  }

  #remember(point: Float64Array, gradient: Float64Array, before: Float64Array): void {
    const s = point.map((v, i) => v - this.#x[i]!);
    const y = gradient.map((v, i) => v - before[i]!);
    const sy = dot(s, y);
    if (sy <= 1e-12 * Math.sqrt(dot(s, s) * dot(y, y))) return;
    this.#pairs.push({ s, y, rho: 1 / sy });
    if (this.#pairs.length > (this.#options.memory ?? 12)) this.#pairs.shift();
  }

  #direct(): void {
    const q = this.#gradient!.slice();
    const weights: number[] = [];
    for (let i = this.#pairs.length - 1; i >= 0; i--) {
      const { s, y, rho } = this.#pairs[i]!;
      weights[i] = rho * dot(s, q);
      addScaled(q, -weights[i]!, y);
    }
    const last = this.#pairs.at(-1);
    const scale = last ? 1 / (last.rho * dot(last.y, last.y)) : this.#options.firstScale;
    for (let i = 0; i < q.length; i++) q[i]! *= scale;
    this.#pairs.forEach(({ s, y, rho }, i) => {
      addScaled(q, weights[i]! - rho * dot(y, q), s);
    });
    for (let i = 0; i < q.length; i++) q[i] = -q[i]!;
    this.#direction = q;
    this.#slope = dot(q, this.#gradient!);
  }
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

function addScaled(out: Float64Array, by: number, v: Float64Array): void {
  for (let i = 0; i < out.length; i++) out[i]! += by * v[i]!;
}
