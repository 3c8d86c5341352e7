import { SamesightError } from "../errors.js";
import type { Engine } from "../numerics/engine.js";
import type { LogisticProblem, LogisticSettings } from "../numerics/logistic.js";
import type { Matrix } from "../numerics/types.js";
import type { PreparedRows, ShardSource } from "./proberows.js";
import { prepareRows } from "./proberows.js";
import { solveProblems } from "./probesolve.js";

export interface ProbeOptions {
  /** `bce`: class-balanced cross entropy, convex. `dice`: plus the Dice loss, for small parts; starts at the optimum of bce. */
  readonly loss?: "bce" | "dice";
  /** Penalty of the standardised vector; METHOD.md: 1e-3. */
  readonly lambda?: number;
  /** Stop when the next steps promise less than this share of the loss. */
  readonly tolerance?: number;
  readonly maxIterations?: number;
  /** Rows kept in memory; beyond it every pass reads the shards again. */
  readonly holdBytes?: number;
  /** false: plain L-BFGS, as for layers too wide to be whitened. */
  readonly whiten?: boolean;
  /** Names for messages. */
  readonly names?: readonly string[];
  /** Fewest images that show a concept. */
  readonly fewestImages?: number;
  /** An earlier fit of the same layer: changes the steps, not the optimum. */
  readonly start?: Pick<ProbeFit, "vectors" | "bias">;
}

export const PROBE_DEFAULTS = {
  loss: "bce",
  lambda: 1e-3,
  tolerance: 1e-6,
  maxIterations: 500,
  holdBytes: 512 * 2 ** 20,
  fewestImages: 1,
} as const;

/** Probes of one layer: score = vector . a + bias on raw activations; probability = sigma(score). */
export interface ProbeFit {
  /** k x c. */
  readonly vectors: Matrix;
  readonly bias: Float64Array;
  /** 1 - mean target: the weight of cells in the mask. */
  readonly alpha: Float64Array;
  readonly loss: Float64Array;
  readonly iterations: Int32Array;
  readonly converged: readonly boolean[];
}

/** Rows and settings of a layer, for its fit and any number of refits. */
export async function fitProbes(shards: ShardSource, options: ProbeOptions, engine: Engine): Promise<ProbeFit> {
  return fitPrepared(await prepareRows(shards, options.holdBytes ?? PROBE_DEFAULTS.holdBytes), options, engine);
}

/** All concepts of a layer at once, every image counted once. Throws SamesightError `exhausted` with the count and the need. */
export async function fitPrepared(prepared: PreparedRows, options: ProbeOptions, engine: Engine): Promise<ProbeFit> {
  const draws = { data: new Float32Array(prepared.images).fill(1), rows: prepared.images, cols: 1 };
  const problems = problemsOf(prepared, draws);
  checkNeeds(prepared, problems, options);
  return (await fitDraws(prepared, draws, problems, options, engine))[0]!;
}

/** The same on draws of the images (n images x d columns: how often each counts), started at `fit`: one fit a draw. A concept a draw lacks keeps a vector of zeros. */
export async function refitPrepared(
  prepared: PreparedRows,
  draws: Matrix,
  options: ProbeOptions & { readonly start: Pick<ProbeFit, "vectors" | "bias"> },
  engine: Engine,
): Promise<ProbeFit[]> {
  return fitDraws(prepared, draws, problemsOf(prepared, draws), options, engine);
}

/** Every concept on every draw, draws outermost. */
export function problemsOf({ images, concepts: k, mass }: PreparedRows, draws: Matrix): LogisticProblem[] {
  const out: LogisticProblem[] = [];
  for (let draw = 0; draw < draws.cols; draw++) {
    const sums = new Float64Array(2 * k);
    for (let x = 0; x < images; x++)
      for (let j = 0; j < 2 * k; j++) sums[j]! += draws.data[x * draws.cols + draw]! * mass[x * 2 * k + j]!;
    for (let concept = 0; concept < k; concept++) {
      const [all, inside] = [sums[concept]!, sums[k + concept]!];
      out.push({ concept, draw, alpha: 1 - inside / all, norm: 1 / all, mass: inside });
    }
  }
  return out;
}

async function fitDraws(
  prepared: PreparedRows,
  draws: Matrix,
  problems: readonly LogisticProblem[],
  options: ProbeOptions,
  engine: Engine,
): Promise<ProbeFit[]> {
  const { concepts: k, channels: c, mean, scale } = prepared;
  const dice = options.loss === "dice";
  const settings = (withDice: boolean): LogisticSettings => ({
    lambda: options.lambda ?? PROBE_DEFAULTS.lambda,
    dice: withDice,
    draws,
  });
  const able = problems.map((q, i) => (q.mass > 0 && q.alpha > 0 ? i : -1)).filter((i) => i >= 0);
  const solve = (starts: readonly Float64Array[], withDice: boolean) =>
    solveProblems(
      prepared,
      able.map((i) => problems[i]!),
      starts,
      settings(withDice),
      {
        tolerance: options.tolerance ?? PROBE_DEFAULTS.tolerance,
        maxIterations: options.maxIterations ?? PROBE_DEFAULTS.maxIterations,
        whiten: options.whiten ?? true,
      },
      engine,
    );
  const { start } = options;
  let solved = await solve(
    able.map((i) => (start ? standardised(start, problems[i]!.concept, mean, scale) : new Float64Array(c + 1))),
    dice && start !== undefined,
  );
  if (dice && !start) {
    const first = solved;
    solved = (
      await solve(
        first.map((s) => s.point),
        true,
      )
    ).map((s, i) => ({ ...s, iterations: s.iterations + first[i]!.iterations }));
  }
  return Array.from({ length: draws.cols }, (_, d) => {
    const fit = {
      vectors: { data: new Float32Array(k * c), rows: k, cols: c },
      bias: new Float64Array(k),
      alpha: Float64Array.from({ length: k }, (__, j) => problems[d * k + j]!.alpha),
      loss: new Float64Array(k).fill(Number.NaN),
      iterations: new Int32Array(k),
      converged: new Array<boolean>(k).fill(false),
    };
    able.forEach((at, s) => {
      const { concept: j, draw } = problems[at]!;
      if (draw !== d) return;
      const { point, value, iterations, converged } = solved[s]!;
      let bias = point[c]!;
      for (let i = 0; i < c; i++) {
        const raw = point[i]! * scale[i]!;
        fit.vectors.data[j * c + i] = raw;
        bias -= raw * mean[i]!;
      }
      fit.bias[j] = bias;
      fit.loss[j] = value;
      fit.iterations[j] = iterations;
      fit.converged[j] = converged;
    });
    return fit;
  });
}

/** A fit's concept as a point of the standardised problem. */
export function standardised(
  { vectors, bias }: Pick<ProbeFit, "vectors" | "bias">,
  j: number,
  mean: Float64Array,
  scale: Float64Array,
): Float64Array {
  const c = mean.length;
  const x = new Float64Array(c + 1);
  x[c] = bias[j]!;
  for (let i = 0; i < c; i++) {
    const v = vectors.data[j * c + i]!;
    x[i] = scale[i]! > 0 ? v / scale[i]! : 0;
    x[c]! += v * mean[i]!;
  }
  return x;
}

function checkNeeds(
  { images, concepts: k, mass }: PreparedRows,
  problems: readonly LogisticProblem[],
  options: ProbeOptions,
): void {
  const need = options.fewestImages ?? PROBE_DEFAULTS.fewestImages;
  for (let j = 0; j < k; j++) {
    const name = options.names?.[j] ?? String(j);
    let have = 0;
    for (let x = 0; x < images; x++) if (mass[x * 2 * k + k + j]! > 0) have++;
    if (have < need) {
      throw new SamesightError(
        "exhausted",
        `concept '${name}': in ${have} images to learn from, at least ${need} are needed`,
        {
          hint: "Give more images of it, or leave the concept out.",
        },
      );
    }
    if (problems[j]!.alpha <= 0) {
      throw new SamesightError(
        "exhausted",
        `concept '${name}': covers every cell of every image, there is nothing to tell it from`,
        {
          hint: "Add images without it.",
        },
      );
    }
  }
}
