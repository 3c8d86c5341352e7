import { SamesightError } from "../errors.js";
import { squaredNorm } from "../numerics/gram.js";
import type { Matrix, Matrix64 } from "../numerics/types.js";
import type { ConceptFit } from "./method.js";

/** V divided by its global RMS (METHOD.md M6). Throws what `checkedEnergy` throws. */
export function scaledRows(rows: Matrix, k: number): Matrix {
  return scaled(rows, 1 / Math.sqrt(checkedEnergy(rows, k) / rows.data.length));
}

/** A scaled copy. */
export function scaled(rows: Matrix, scale: number): Matrix {
  const data = new Float32Array(rows.data.length);
  for (let i = 0; i < data.length; i++) data[i] = rows.data[i]! * scale;
  return { ...rows, data };
}

/** ||V||_F^2. Throws SamesightError `invalid` when V is all zero, not finite, or too small for k. */
export function checkedEnergy(rows: Matrix, k: number): number {
  const most = Math.min(rows.rows, rows.cols);
  if (k > most) {
    throw new SamesightError(
      "invalid",
      `concepts: k = ${k} exceeds what ${rows.rows} rows of ${rows.cols} channels can hold (${most})`,
      {
        hint: `Use --concepts ${most} or less, leave the layer out, or give more images.`,
      },
    );
  }
  const energy = squaredNorm(rows.data);
  if (!Number.isFinite(energy)) {
    throw new SamesightError("invalid", "concepts: the layer's activations are not finite", {
      hint: "The network overflows on these images; check its preprocessing (--preprocess).",
    });
  }
  if (energy === 0) {
    throw new SamesightError("invalid", "concepts: the layer is zero on every sampled pixel", {
      hint: "The layer is dead or tapped before a non-linearity that only passes negatives; choose another layer.",
      details: { dead: true },
    });
  }
  return energy;
}

/** Unit rows, scale moved to the scores, concepts sorted by energy e_c = ||S_c P_c||^2 / sum. S enters as its Gram matrix S^T S. */
export function finishFit(
  p: Matrix,
  scoreGram: Matrix64,
  rest: Pick<ConceptFit, "explainedVariance" | "objective" | "iterations" | "converged">,
): ConceptFit {
  const { rows: k, cols } = p;
  const norms = Array.from({ length: k }, (_, c) => Math.sqrt(squaredNorm(p.data.subarray(c * cols, (c + 1) * cols))));
  const raw = norms.map((norm, c) => norm ** 2 * scoreGram.data[c * k + c]!);
  const total = raw.reduce((a, b) => a + b, 0) || 1;
  const order = raw.map((_, c) => c).sort((a, b) => raw[b]! - raw[a]! || a - b);
  const vectors: Matrix = { data: new Float32Array(k * cols), rows: k, cols };
  order.forEach((from, to) => {
    for (let x = 0; x < cols; x++)
      vectors.data[to * cols + x] = norms[from] ? p.data[from * cols + x]! / norms[from]! : 0;
  });
  return { vectors, energy: Float64Array.from(order, (c) => raw[c]! / total), ...rest };
}
