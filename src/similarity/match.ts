import { maxAssignment } from "../numerics/assignment.js";
import type { Matrix64 } from "../numerics/types.js";

/** Partners of concepts in a ka x kb matrix M; -1 where a concept has none (it shows on no test image: its row or column is NaN). */
export interface Partners {
  /** argmax_j M_ij, ka values; the first of equals. */
  readonly bestForA: Int32Array;
  /** argmax_i M_ij, kb values. */
  readonly bestForB: Int32Array;
  /** Column assigned to each row in the one-to-one matching with the largest sum, ka values. */
  readonly assigned: Int32Array;
  /** Number of pairs that are each other's best. */
  readonly mutual: number;
}

export function partners(m: Matrix64): Partners {
  const bestForA = Int32Array.from({ length: m.rows }, (_, i) => bestOf(m.cols, (j) => m.data[i * m.cols + j]!));
  const bestForB = Int32Array.from({ length: m.cols }, (_, j) => bestOf(m.rows, (i) => m.data[i * m.cols + j]!));
  const mutual = bestForA.reduce((s, j, i) => s + (j >= 0 && bestForB[j] === i ? 1 : 0), 0);
  return { bestForA, bestForB, assigned: assign(m, bestForA, bestForB), mutual };
}

function bestOf(n: number, at: (i: number) => number): number {
  let best = -1;
  for (let i = 0; i < n; i++) if (!Number.isNaN(at(i)) && (best < 0 || at(i) > at(best))) best = i;
  return best;
}

/** Optimal assignment among the concepts that show at all. */
function assign(m: Matrix64, bestForA: Int32Array, bestForB: Int32Array): Int32Array {
  const rows = [...bestForA.keys()].filter((i) => bestForA[i]! >= 0);
  const cols = [...bestForB.keys()].filter((j) => bestForB[j]! >= 0);
  const out = new Int32Array(m.rows).fill(-1);
  const data = Float64Array.from({ length: rows.length * cols.length }, (_, at) => {
    const i = Math.floor(at / cols.length);
    return m.data[rows[i]! * m.cols + cols[at % cols.length]!]!;
  });
  maxAssignment({ data, rows: rows.length, cols: cols.length }).forEach((j, i) => {
    if (j >= 0) out[rows[i]!] = cols[j]!;
  });
  return out;
}
