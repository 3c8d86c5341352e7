/** Naive twins of src/numerics/{resample,quantile,bits,iou} and src/similarity: loops that follow the formulas, no more. */

/** Exact mean of a piecewise constant row over [a, b] in source cells, by integrating on a fine raster of cell borders. */
export function areaMean(row: ArrayLike<number>, a: number, b: number): number {
  const cuts = [a, b];
  for (let c = 0; c <= row.length; c++) if (c > a && c < b) cuts.push(c);
  cuts.sort((x, y) => x - y);
  let sum = 0;
  for (let i = 1; i < cuts.length; i++) {
    const [from, to] = [cuts[i - 1]!, cuts[i]!];
    sum += (to - from) * row[Math.floor((from + to) / 2)]!;
  }
  return sum / (b - a);
}

/** Smallest value with at most `allowed` values above it, by sorting. */
export function upperOrderStatistic(values: ArrayLike<number>, allowed: number): { value: number; above: number } {
  const falling = Array.from(values).sort((a, b) => b - a);
  const value = falling[allowed]!;
  return { value, above: falling.filter((v) => v > value).length };
}

export function countBoth(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let both = 0;
  for (let i = 0; i < a.length; i++) if (a[i] && b[i]) both++;
  return both;
}

/** Best sum over all one-to-one assignments, by trying them all. */
export function bestAssignmentSum(m: readonly (readonly number[])[]): number {
  const [first, ...rest] = m;
  if (!first) return 0;
  if (m.length > first.length) return bestAssignmentSum(first.map((_, j) => m.map((row) => row[j]!)));
  return Math.max(
    ...first.map((v, j) => v + (rest.length ? bestAssignmentSum(rest.map((row) => row.filter((_, c) => c !== j))) : 0)),
  );
}

/** S straight from 0/1 masks [image][concept][cell]: J, J0, J*, mean of maxima both ways. */
export function similarityOfMasks(a: number[][][], b: number[][][]): number {
  const flat = (m: number[][][], c: number) => m.flatMap((image) => image[c]!);
  const ks = (m: number[][][]) => m[0]!.map((_, c) => flat(m, c));
  const [as, bs] = [ks(a), ks(b)];
  const corrected = as.map((x) =>
    bs.map((y) => {
      const both = countBoth(x, y);
      const [nx, ny] = [countBoth(x, x), countBoth(y, y)];
      const [p, q] = [nx / x.length, ny / y.length];
      const chance = (p * q) / (p + q - p * q);
      return (both / (nx + ny - both) - chance) / (1 - chance);
    }),
  );
  const forward = corrected.map((row) => Math.max(...row)).reduce((s, v) => s + v, 0) / as.length;
  const backward =
    bs.map((_, j) => Math.max(...corrected.map((row) => row[j]!))).reduce((s, v) => s + v, 0) / bs.length;
  return (forward + backward) / 2;
}

/** All orders of 0..n-1. */
export function allOrders(n: number): number[][] {
  if (n === 0) return [[]];
  return allOrders(n - 1).flatMap((o) =>
    Array.from({ length: n }, (_, at) => [...o.slice(0, at), n - 1, ...o.slice(at)]),
  );
}
