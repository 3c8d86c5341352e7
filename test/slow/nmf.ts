/** Naive twins of src/numerics/{sweeper,nmf,nnls}: loops in double precision that follow the formulas. Matrices are arrays of rows. */

type Rows = readonly (readonly number[])[];

const product = (a: readonly number[], b: readonly number[]) => a.reduce((sum, x, i) => sum + x * b[i]!, 0);

/** `sweeps` times s_c <- max(0, s_c + (b_c - sum_j g_cj s_j) / g_cc), c = 1..k, for one row; a concept with g_cc = 0 gets 0. */
export function sweepRow(s: readonly number[], b: readonly number[], g: Rows, sweeps: number): number[] {
  const out = [...s];
  for (let i = 0; i < sweeps; i++)
    for (let c = 0; c < out.length; c++)
      out[c] = g[c]![c] === 0 ? 0 : Math.max(0, out[c]! + (b[c]! - product(g[c]!, out)) / g[c]![c]!);
  return out;
}

/** 0.5 ||V - S P||^2. */
export function objective(v: Rows, s: Rows, p: Rows): number {
  let sum = 0;
  v.forEach((row, r) => {
    row.forEach((x, c) => {
      sum += (x - s[r]!.reduce((t, w, j) => t + w * p[j]![c]!, 0)) ** 2;
    });
  });
  return sum / 2;
}

/** argmin_{s >= 0} 0.5 s^T G s - b^T s by trying every set of positive concepts: the one that meets all conditions of the optimum best. */
export function nnlsByAllSets(g: Rows, b: readonly number[]): number[] {
  const k = b.length;
  let best: number[] = new Array(k).fill(0);
  let lowest = 0;
  for (let set = 1; set < 1 << k; set++) {
    const on = Array.from({ length: k }, (_, i) => i).filter((i) => set & (1 << i));
    const x = solve(
      on.map((i) => on.map((j) => g[i]![j]!)),
      on.map((i) => b[i]!),
    );
    if (x.some((value) => !(value >= 0))) continue;
    const s: number[] = new Array(k).fill(0);
    on.forEach((i, at) => {
      s[i] = x[at]!;
    });
    const value = s.reduce((sum, si, i) => sum + si * (0.5 * product(g[i]!, s) - b[i]!), 0);
    if (value < lowest) {
      lowest = value;
      best = s;
    }
  }
  return best;
}

/** Gauss's elimination with pivots. */
function solve(a: Rows, b: readonly number[]): number[] {
  const n = b.length;
  const m = a.map((row, i) => [...row, b[i]!]);
  for (let c = 0; c < n; c++) {
    let pivot = c;
    for (let r = c + 1; r < n; r++) if (Math.abs(m[r]![c]!) > Math.abs(m[pivot]![c]!)) pivot = r;
    [m[c], m[pivot]] = [m[pivot]!, m[c]!];
    for (let r = 0; r < n; r++) {
      if (r === c) continue;
      const f = m[r]![c]! / m[c]![c]!;
      for (let j = c; j <= n; j++) m[r]![j]! -= f * m[c]![j]!;
    }
  }
  return m.map((row, i) => row[n]! / row[i]!);
}
