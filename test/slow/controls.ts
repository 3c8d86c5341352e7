/** The controls of METHOD.md section 3 as sums over samples, one pair at a time, in the words of the formulas. Double precision, no shared parts. */
import { maxAssignment } from "../../src/numerics/assignment.js";
import type { Matrix, Matrix64 } from "../../src/numerics/types.js";

type Rows = number[][];

export function rowsOfMatrix(m: Matrix | Matrix64): Rows {
  return Array.from({ length: m.rows }, (_, r) => Array.from(m.data.subarray(r * m.cols, (r + 1) * m.cols)));
}

const dot = (a: number[], b: number[]) => a.reduce((s, v, i) => s + v * b[i]!, 0);
const mean = (a: number[]) => a.reduce((s, v) => s + v, 0) / a.length;

function centred(x: Rows): Rows {
  const means = x[0]!.map((_, c) => mean(x.map((r) => r[c]!)));
  return x.map((r) => r.map((v, c) => v - means[c]!));
}

/** HSIC_1 as the U-statistic it is: the mean of a kernel over all quadruples of different samples, here in the trace form of Song et al. */
export function slowHsic1(x: Rows, y: Rows): number {
  const n = x.length;
  const k = x.map((a, i) => x.map((b, j) => (i === j ? 0 : dot(a, b))));
  const l = y.map((a, i) => y.map((b, j) => (i === j ? 0 : dot(a, b))));
  let trace = 0;
  let cross = 0;
  let sumK = 0;
  let sumL = 0;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      trace += k[i]![j]! * l[j]![i]!;
      sumK += k[i]![j]!;
      sumL += l[i]![j]!;
      for (let m = 0; m < n; m++) cross += k[i]![j]! * l[j]![m]!;
    }
  }
  return (trace + (sumK * sumL) / ((n - 1) * (n - 2)) - (2 * cross) / (n - 2)) / (n * (n - 3));
}

export function slowCka(x: Rows, y: Rows): number {
  return slowHsic1(x, y) / Math.sqrt(slowHsic1(x, x) * slowHsic1(y, y));
}

/** Minibatch CKA: each HSIC averaged over batches, weighted by their samples. */
export function slowStream(batches: readonly (readonly [Rows, Rows])[]): number {
  const sums = [0, 0, 0];
  for (const [x, y] of batches) {
    sums[0]! += x.length * slowHsic1(x, y);
    sums[1]! += x.length * slowHsic1(x, x);
    sums[2]! += x.length * slowHsic1(y, y);
  }
  return sums[0]! / Math.sqrt(sums[1]! * sums[2]!);
}

export function slowKnn(x: Rows, y: Rows, k: number): number {
  const neighbours = (m: Rows) => {
    const rows = centred(m);
    return rows.map((a, i) =>
      rows
        .map((b, j) => ({ j, s: dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b)) }))
        .filter((e) => e.j !== i)
        .sort((p, q) => q.s - p.s)
        .slice(0, k)
        .map((e) => e.j),
    );
  };
  const a = neighbours(x);
  const b = neighbours(y);
  return mean(a.map((own, i) => own.filter((j) => b[i]!.includes(j)).length / k));
}

export function slowMatching(x: Rows, y: Rows): number {
  const pearson = (a: number[], b: number[]) => {
    const [p, q] = [a.map((v) => v - mean(a)), b.map((v) => v - mean(b))];
    return dot(p, q) / Math.sqrt(dot(p, p) * dot(q, q));
  };
  const col = (m: Rows, c: number) => m.map((r) => r[c]!);
  const table = x[0]!.map((_, i) => y[0]!.map((_, j) => pearson(col(x, i), col(y, j))));
  const best = maxAssignment({ data: Float64Array.from(table.flat()), rows: table.length, cols: table[0]!.length });
  return mean([...best].flatMap((j, i) => (j < 0 ? [] : [table[i]![j]!])));
}

/** Mean |tanh(gamma (a - b) / (min(a, b) + 1))| over ordered pairs, a and b the ranks of Euclidean distance. */
export function slowRankDifference(x: Rows, y: Rows, gamma: number): number {
  const ranks = (m: Rows) =>
    m.map((a, i) => {
      const distance = m.map((b) => Math.hypot(...a.map((v, c) => v - b[c]!)));
      return m.map((_, j) => (i === j ? 0 : distance.filter((d, o) => o !== i && d < distance[j]!).length + 1));
    });
  const [a, b] = [ranks(x), ranks(y)];
  const values: number[] = [];
  for (let i = 0; i < x.length; i++)
    for (let j = 0; j < x.length; j++)
      if (i !== j) {
        const [p, q] = [a[i]![j]!, b[i]![j]!];
        values.push(Math.abs(Math.tanh((gamma * (p - q)) / (Math.min(p, q) + 1))));
      }
  return mean(values);
}
