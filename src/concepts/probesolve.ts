import type { Engine } from "../numerics/engine.js";
import { Lbfgs } from "../numerics/lbfgs.js";
import type { LogisticProblem, LogisticSettings } from "../numerics/logistic.js";
import { LogisticPasses } from "../numerics/logistic.js";
import { matmul } from "../numerics/matmul.js";
import type { Matrix, Matrix64 } from "../numerics/types.js";
import { cholesky, inverseLower } from "../numerics/whiten.js";
import type { PreparedRows } from "./proberows.js";

export interface Solved {
  /** c + 1: standardised weights, then bias. */
  readonly point: Float64Array;
  readonly value: number;
  readonly iterations: number;
  readonly converged: boolean;
}

/** Wider layers are solved without whitening: its cost grows with the cube of the channels. */
const WIDEST = 1024;
/** Rows of the Gram matrix, a channel: only the shape of the problem is needed. */
const ROWS_A_CHANNEL = 12;
const FEWEST_ROWS = 4096;

/**
 * All problems at once: each has its own L-BFGS state, one pass over the rows serves all that are not done. Steps are taken in coordinates y with
 * w = R y, R = L^-T, G + (lambda / h) I = L L^T, G the Gram matrix of the standardised rows: there the Hessian is about h I, h = alpha (1 - alpha) / 2.
 */
export async function solveProblems(
  prepared: PreparedRows,
  problems: readonly LogisticProblem[],
  starts: readonly Float64Array[],
  settings: LogisticSettings,
  stop: { readonly tolerance: number; readonly maxIterations: number; readonly whiten: boolean },
  engine: Engine,
): Promise<Solved[]> {
  if (problems.length === 0) return [];
  const c = prepared.channels;
  const curvature = problems.map((q) => (q.alpha * (1 - q.alpha)) / 2);
  const middle = [...curvature].sort((a, b) => a - b)[problems.length >> 1]!;
  const frame =
    stop.whiten && c <= WIDEST
      ? await whitening(prepared, settings.lambda / Math.max(middle, 1e-12), engine)
      : undefined;
  const inside = frame ? await apply(engine, starts, frame.back) : starts;
  const states = problems.map(
    (_, i) =>
      new Lbfgs(inside[i]!, {
        // without the frame the model's promise is a rougher guess of what is left
        tolerance: frame ? stop.tolerance : stop.tolerance / 30,
        maxIterations: stop.maxIterations,
        firstScale: 1 / Math.max(curvature[i]!, 1e-12),
      }),
  );
  const passes = new LogisticPasses(engine, prepared.blocks, problems, settings);
  for (;;) {
    const open = states.flatMap((s, i) => (s.done ? [] : [i]));
    if (open.length === 0) break;
    const points = open.map((i) => states[i]!.point);
    const outer = frame ? await apply(engine, points, frame.out) : points;
    const found = await passes.at(open, outer);
    const gradients = frame
      ? await apply(
          engine,
          found.map((f) => f.gradient),
          frame.in,
        )
      : found.map((f) => f.gradient);
    open.forEach((i, at) => {
      states[i]!.tell(found[at]!.value, gradients[at]!);
    });
  }
  const ends = frame
    ? await apply(
        engine,
        states.map((s) => s.point),
        frame.out,
      )
    : states.map((s) => s.point);
  const width = c + 1;
  return states.map((s, i) => ({
    point: ends[i]!.slice(0, width),
    value: s.value,
    iterations: s.iterations,
    converged: s.converged,
  }));
}

/** Row vectors times these: points out of the frame (y -> w), gradients into it, points into it (w -> y). */
interface Frame {
  readonly out: Matrix;
  readonly in: Matrix;
  readonly back: Matrix;
}

async function whitening(prepared: PreparedRows, ridge: number, engine: Engine): Promise<Frame> {
  const g = await sampledGram(prepared, engine);
  const c = g.rows;
  for (let i = 0; i < c; i++) g.data[i * c + i]! += Math.max(ridge, 1e-5);
  const l = cholesky(g);
  const inverse = inverseLower(l);
  const single = (m: Matrix64): Matrix => ({ data: Float32Array.from(m.data), rows: c, cols: c });
  // w = L^-T y as rows: y L^-1; gradient of y = L^-1 gradient of w: as rows g L^-T; y = L^T w: as rows w L
  const li = single(inverse);
  return { out: li, in: transposedOf(li), back: single(l) };
}

function transposedOf(m: Matrix): Matrix {
  const data = new Float32Array(m.data.length);
  for (let r = 0; r < m.rows; r++) for (let c = 0; c < m.cols; c++) data[c * m.rows + r] = m.data[r * m.cols + c]!;
  return { data, rows: m.cols, cols: m.rows };
}

/** The first c numbers of each vector, as rows, times `by`; what is behind them (the bias) stays. */
async function apply(engine: Engine, vectors: readonly Float64Array[], by: Matrix): Promise<Float64Array[]> {
  const c = by.rows;
  const data = new Float32Array(vectors.length * c);
  vectors.forEach((v, i) => {
    data.set(v.subarray(0, c), i * c);
  });
  const y = await matmul(engine, { data, rows: vectors.length, cols: c }, by);
  return vectors.map((v, i) => {
    const out = new Float64Array(v.length);
    out.set(y.data.subarray(i * c, (i + 1) * c));
    out.set(v.subarray(c), c);
    return out;
  });
}

/** G = sum x x^T / n over the first rows of every block, the same share of each. */
async function sampledGram(prepared: PreparedRows, engine: Engine): Promise<Matrix64> {
  const c = prepared.channels;
  const share = Math.min(1, Math.max(FEWEST_ROWS, ROWS_A_CHANNEL * c) / prepared.rows);
  const sum = new Float64Array(c * c);
  let total = 0;
  for await (const { rows } of prepared.blocks) {
    const count = Math.ceil(share * rows.rows);
    total += count;
    const m: Matrix = { data: rows.data.subarray(0, count * c), rows: count, cols: c };
    const gram = await matmul(engine, m, m, { a: true });
    for (let i = 0; i < sum.length; i++) sum[i]! += gram.data[i]!;
  }
  return { data: sum.map((v) => v / total), rows: c, cols: c };
}
