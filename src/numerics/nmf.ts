/**
 * Non-negative matrix factorisation by hierarchical alternating least squares (Cichocki & Phan 2009).
 *   V  r x c data, >= 0      S  r x k scores, >= 0      P  k x c concepts, >= 0      minimise 0.5 ||V - S P||_F^2
 * The large products V P^T and S^T V run in onnxruntime; the sweeps over coefficients are exact minimisations of one coordinate.
 */
import type { Engine } from "./engine.js";
import { gramOfColumns, gramOfRows, squaredNorm } from "./gram.js";
import { matmul } from "./matmul.js";
import type { Matrix, Matrix64 } from "./types.js";

/** Sweeps over the coefficients between two passes over V: cheap beside the pass, and each lowers the objective. */
const INNER_SWEEPS = 3;
/** The stop looks back so many passes, so that one slow pass does not end the fit. */
const LOOK_BACK = 2;

export interface NmfResult {
  readonly s: Matrix;
  readonly p: Matrix;
  readonly objective: number;
  readonly iterations: number;
  readonly converged: boolean;
}

/**
 * Writes into `s` and `p` of the start. Stops when the objective fell by less than `tolerance` (relative) over the last passes.
 */
export async function nmfInto(
  engine: Engine,
  v: Matrix,
  start: { s: Matrix; p: Matrix },
  options: { tolerance: number; maxIterations: number },
): Promise<NmfResult> {
  const { s, p } = start;
  const energy = squaredNorm(v.data);
  const history: number[] = [];
  for (let iteration = 1; iteration <= options.maxIterations; iteration++) {
    const b = await matmul(engine, v, p, { b: true });
    const g = gramOfRows(p);
    sweepRowsInto(s, b, g, INNER_SWEEPS);
    const sv = await matmul(engine, s, v, { a: true });
    const ss = gramOfColumns(s);
    for (let i = 0; i < INNER_SWEEPS; i++) sweepConceptsInto(p, sv, ss);
    const objective = objectiveOf(energy, p, sv, ss);
    history.push(objective);
    const before = history[history.length - 1 - LOOK_BACK];
    if (objective <= 1e-12 * energy || (before !== undefined && before - objective <= options.tolerance * before)) {
      return { s, p, objective, iterations: iteration, converged: true };
    }
  }
  return { s, p, objective: history.at(-1) ?? 0.5 * energy, iterations: options.maxIterations, converged: false };
}

/** One sweep over all coefficients of S: s_c <- max(0, s_c + (b_c - (s G)_c) / G_cc). B = V P^T, G = P P^T. Works on one row at a time, held apart. */
export function sweepRowsInto(s: Matrix, b: Matrix, g: Matrix64, sweeps = 1): void {
  const k = s.cols;
  const gram = g.data;
  const scores = s.data;
  const products = b.data;
  const row = new Float64Array(k);
  for (let at = 0; at < scores.length; at += k) {
    for (let c = 0; c < k; c++) row[c] = scores[at + c]!;
    for (let sweep = 0; sweep < sweeps; sweep++) {
      for (let c = 0, from = 0; c < k; c++, from += k) {
        const diagonal = gram[from + c]!;
        let sum = products[at + c]!;
        for (let j = 0; j < k; j++) sum -= row[j]! * gram[from + j]!;
        const next = diagonal > 0 ? row[c]! + sum / diagonal : 0;
        // values that only rounding keeps alive would crawl as subnormals
        row[c] = next > 1e-30 ? next : 0;
      }
    }
    for (let c = 0; c < k; c++) scores[at + c] = row[c]!;
  }
}

/** One sweep over the concepts: P_c <- max(0, P_c + ((S^T V)_c - (S^T S P)_c) / (S^T S)_cc). */
export function sweepConceptsInto(p: Matrix, sv: Matrix, ss: Matrix64): void {
  const { rows: k, cols } = p;
  const delta = new Float64Array(cols);
  for (let c = 0; c < k; c++) {
    const diagonal = ss.data[c * k + c]!;
    if (diagonal <= 0) continue;
    for (let x = 0; x < cols; x++) delta[x] = sv.data[c * cols + x]!;
    for (let j = 0; j < k; j++) {
      const w = ss.data[c * k + j]!;
      if (w !== 0) for (let x = 0; x < cols; x++) delta[x]! -= w * p.data[j * cols + x]!;
    }
    for (let x = 0; x < cols; x++) {
      const next = p.data[c * cols + x]! + delta[x]! / diagonal;
      p.data[c * cols + x] = Math.max(next, 0);
    }
  }
}

/** 0.5 ||V - S P||^2 = 0.5 (||V||^2 - 2 <S^T V, P> + <S^T S, P P^T>), without forming S P. */
function objectiveOf(energy: number, p: Matrix, sv: Matrix, ss: Matrix64): number {
  const g = gramOfRows(p);
  let cross = 0;
  for (let i = 0; i < p.data.length; i++) cross += sv.data[i]! * p.data[i]!;
  let square = 0;
  for (let i = 0; i < g.data.length; i++) square += g.data[i]! * ss.data[i]!;
  return Math.max(0, 0.5 * (energy - 2 * cross + square));
}
