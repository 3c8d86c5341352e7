/** The replacement test from its formula, in plain loops: every image's coefficients as a list of cells, normal equations by Gauss, no sums kept by fold. */
export interface SlowImage {
  /** Scores of the source, d x cells; own coefficients, t x cells. */
  readonly x: readonly (readonly number[])[];
  readonly y: readonly (readonly number[])[];
  readonly fold: number;
}

/** y = a + W x by ridge regression with a penalty of `share` times the mean variance of x, on the images outside `fold`. */
export function slowRegression(images: readonly SlowImage[], fold: number, share = 1e-3) {
  const rows = images
    .filter((i) => i.fold !== fold)
    .flatMap((i) => i.x[0]!.map((_, p) => ({ x: i.x.map((r) => r[p]!), y: i.y.map((r) => r[p]!) })));
  const [d, t] = [rows[0]!.x.length, rows[0]!.y.length];
  const average = (of: (r: (typeof rows)[number]) => number) => rows.reduce((s, r) => s + of(r), 0) / rows.length;
  const mx = Array.from({ length: d }, (_, i) => average((r) => r.x[i]!));
  const my = Array.from({ length: t }, (_, j) => average((r) => r.y[j]!));
  const cov = (f: (r: (typeof rows)[number]) => number, g: (r: (typeof rows)[number]) => number) =>
    average((r) => f(r) * g(r));
  const g = mx.map((_, i) =>
    mx.map((__, k) =>
      cov(
        (r) => r.x[i]! - mx[i]!,
        (r) => r.x[k]! - mx[k]!,
      ),
    ),
  );
  const penalty = (share * g.reduce((s, row, i) => s + row[i]!, 0)) / d;
  const w = my.map((_, j) => {
    const left = g.map((row, i) => row.map((v, k) => v + (i === k ? penalty : 0)));
    const right = mx.map((__, i) =>
      cov(
        (r) => r.x[i]! - mx[i]!,
        (r) => r.y[j]! - my[j]!,
      ),
    );
    return gauss(left, right);
  });
  return {
    mx,
    my,
    w,
    predict: (x: readonly number[]) =>
      w.map((row, j) => Math.max(0, my[j]! + row.reduce((s, v, i) => s + v * (x[i]! - mx[i]!), 0))),
  };
}

/** left^-1 right by elimination with pivots. */
export function gauss(left: number[][], right: number[]): number[] {
  const n = right.length;
  const a = left.map((row, i) => [...row, right[i]!]);
  for (let c = 0; c < n; c++) {
    let pivot = c;
    for (let r = c + 1; r < n; r++) if (Math.abs(a[r]![c]!) > Math.abs(a[pivot]![c]!)) pivot = r;
    [a[c], a[pivot]] = [a[pivot]!, a[c]!];
    for (let r = 0; r < n; r++) {
      if (r === c) continue;
      const f = a[r]![c]! / a[c]![c]!;
      for (let k = c; k <= n; k++) a[r]![k]! -= f * a[c]![k]!;
    }
  }
  return a.map((row, i) => row[n]! / row[i]!);
}
