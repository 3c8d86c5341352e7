/**
 * Non-negative matrix factorisation by hierarchical alternating least squares (Cichocki & Phan 2009).
 *   V  r x c data, >= 0      S  r x k scores, >= 0      P  k x c concepts, >= 0      minimise 0.5 ||V - S P||_F^2
 * A pass reads V once, in blocks that stay in the cache: V P^T and S^T V in onnxruntime, the sweeps over scores between them.
 */
import type { Engine } from "./engine.js";
import { gramOfRows, squaredNorm } from "./gram.js";
import { matmul } from "./matmul.js";
import { Sweeper } from "./sweeper.js";
import type { Matrix, Matrix64 } from "./types.js";

/** Sweeps over the coefficients between two passes over V: cheap beside the pass, and each lowers the objective. */
const INNER_SWEEPS = 3;
/** The stop looks back so many passes, so that one slow pass does not end the fit. */
const LOOK_BACK = 2;
/** Values of V in a block: 2 MB. */
const BLOCK = 1 << 19;
/** Momentum: first stride, and its factors after a pass that lowered the objective and after one that raised it. */
const RATE = 0.5;
const FASTER = 1.05;
const SLOWER = 0.5;

export interface NmfOptions {
  /** Relative fall of the objective over the last passes below which the fit stops. */
  readonly tolerance: number;
  readonly maxIterations: number;
  /** An objective that is good enough to stop. */
  readonly target?: number;
  /** Sweeps over the scores in the first pass: more where S starts from zero. */
  readonly firstSweeps?: number;
  /** ||V||_F^2, where the caller knows it already. */
  readonly energy?: number;
}

export interface NmfResult {
  readonly s: Matrix;
  readonly p: Matrix;
  /** 0.5 ||V - S P||_F^2 */
  readonly objective: number;
  /** S^T S, k x k. */
  readonly scoreGram: Matrix64;
  readonly iterations: number;
  readonly converged: boolean;
}

/** Writes into `s` and `p` of the start. After a pass that raised the objective, the next takes no momentum and lowers it. */
export async function nmfInto(
  engine: Engine,
  v: Matrix,
  start: { s: Matrix; p: Matrix },
  options: NmfOptions,
): Promise<NmfResult> {
  const { s, p } = start;
  const energy = options.energy ?? squaredNorm(v.data);
  const sweeper = new Sweeper(p.rows, Math.min(v.rows, Math.max(256, Math.floor(BLOCK / v.cols / 16) * 16)));
  const momentum = new Momentum(p);
  const history: number[] = [];
  for (let iteration = 1; ; iteration++) {
    const sweeps = iteration === 1 ? (options.firstSweeps ?? INNER_SWEEPS) : INNER_SWEEPS;
    const { sv, ss } = await passInto(engine, v, s, p, sweeper, sweeps);
    for (let i = 0; i < INNER_SWEEPS; i++) sweepConceptsInto(p, sv, ss);
    const objective = objectiveOf(energy, p, sv, ss);
    const rose = objective > (history.at(-1) ?? Number.POSITIVE_INFINITY);
    const before = history.at(-LOOK_BACK);
    const converged =
      objective <= Math.max(1e-12 * energy, options.target ?? 0) ||
      (!rose && history.length >= LOOK_BACK && before! - objective <= options.tolerance * before!);
    if (converged || iteration >= options.maxIterations)
      return { s, p, objective, scoreGram: ss, iterations: iteration, converged };
    history.push(objective);
    momentum.moveInto(p, rose);
  }
}

/** Carries the concepts on in the direction of their last step (Ang & Gillis 2019); the stride shrinks where the objective rose. */
class Momentum {
  #rate = RATE;
  readonly #last: Float32Array;

  constructor(p: Matrix) {
    this.#last = p.data.slice();
  }

  moveInto(p: Matrix, rose: boolean): void {
    this.#rate = rose ? this.#rate * SLOWER : Math.min(1, this.#rate * FASTER);
    const rate = rose ? 0 : this.#rate;
    for (let i = 0; i < p.data.length; i++) {
      const now = p.data[i]!;
      p.data[i] = Math.max(0, now + rate * (now - this.#last[i]!));
      this.#last[i] = now;
    }
  }
}

/** Sweeps S for fixed P, block by block; S^T V and S^T S of the new S, summed over the blocks in double precision. */
async function passInto(
  engine: Engine,
  v: Matrix,
  s: Matrix,
  p: Matrix,
  sweeper: Sweeper,
  sweeps: number,
): Promise<{ sv: Matrix64; ss: Matrix64 }> {
  const { rows: k, cols } = p;
  const sv = { data: new Float64Array(k * cols), rows: k, cols };
  const ss = { data: new Float64Array(k * k), rows: k, cols: k };
  sweeper.setGram(gramOfRows(p));
  for (let from = 0; from < v.rows; from += sweeper.rows) {
    const rows = Math.min(sweeper.rows, v.rows - from);
    const part: Matrix = { data: v.data.subarray(from * cols, (from + rows) * cols), rows, cols };
    const scores: Matrix = { data: s.data.subarray(from * k, (from + rows) * k), rows, cols: k };
    const b = await matmul(engine, part, p, { b: true });
    sweeper.rowsInto(scores.data, b.data, sweeps, ss.data);
    const sum = await matmul(engine, scores, part, { a: true });
    for (let i = 0; i < sum.data.length; i++) sv.data[i]! += sum.data[i]!;
  }
  return { sv, ss };
}

/** One sweep over the concepts: P_c <- max(0, P_c + ((S^T V)_c - (S^T S P)_c) / (S^T S)_cc). A concept that no row uses stays as it is. */
export function sweepConceptsInto(p: Matrix, sv: Matrix64, ss: Matrix64): void {
  const { rows: k, cols } = p;
  const delta = new Float64Array(cols);
  for (let c = 0; c < k; c++) {
    const diagonal = ss.data[c * k + c]!;
    if (diagonal <= 0) continue;
    for (let x = 0; x < cols; x++) delta[x] = sv.data[c * cols + x]!;
    subtractRowsInto(delta, p, ss.data, c * k);
    for (let x = 0; x < cols; x++) {
      const next = p.data[c * cols + x]! + delta[x]! / diagonal;
      p.data[c * cols + x] = Math.max(next, 0);
    }
  }
}

/** delta - sum_j w_j P_j, w = `weights` from `at` on; four rows of P at a time, subtracted in order. */
function subtractRowsInto(delta: Float64Array, p: Matrix, weights: Float64Array, at: number): void {
  const { rows: k, cols, data } = p;
  const whole = k - (k % 4);
  for (let j = 0; j < whole; j += 4) {
    const [a, b, c, d] = [weights[at + j]!, weights[at + j + 1]!, weights[at + j + 2]!, weights[at + j + 3]!];
    const row = j * cols;
    for (let x = 0; x < cols; x++) {
      const i = row + x;
      const first = delta[x]! - a * data[i]! - b * data[i + cols]!;
      delta[x] = first - c * data[i + 2 * cols]! - d * data[i + 3 * cols]!;
    }
  }
  for (let j = whole; j < k; j++) {
    const w = weights[at + j]!;
    for (let x = 0; x < cols; x++) delta[x]! -= w * data[j * cols + x]!;
  }
}

/** 0.5 ||V - S P||^2 = 0.5 (||V||^2 - 2 <S^T V, P> + <S^T S, P P^T>), without forming S P. */
function objectiveOf(energy: number, p: Matrix, sv: Matrix64, ss: Matrix64): number {
  const g = gramOfRows(p);
  let cross = 0;
  for (let i = 0; i < p.data.length; i++) cross += sv.data[i]! * p.data[i]!;
  let square = 0;
  for (let i = 0; i < g.data.length; i++) square += g.data[i]! * ss.data[i]!;
  return Math.max(0, 0.5 * (energy - 2 * cross + square));
}
