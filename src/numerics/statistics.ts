/** Arithmetic mean; NaN of nothing. */
export function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum / values.length;
}

/** Sample standard deviation (n - 1); NaN for fewer than two values. */
export function standardDeviation(values: ArrayLike<number>): number {
  const m = mean(values);
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += (values[i]! - m) ** 2;
  return values.length < 2 ? Number.NaN : Math.sqrt(sum / (values.length - 1));
}

/** (1 + number of null values at least as high as `observed`) / (1 + number of null values); never 0 (Phipson and Smyth 2010). */
export function permutationP(observed: number, nullValues: ArrayLike<number>): number {
  let high = 0;
  for (let i = 0; i < nullValues.length; i++) if (nullValues[i]! >= observed - 1e-12) high++;
  return (1 + high) / (1 + nullValues.length);
}

/** Distribution function of the standard normal, to about 1e-15: series near 0, continued fraction of the tail beyond 3. */
export function normalCdf(z: number): number {
  const x = Math.abs(z);
  if (x > 38) return z < 0 ? 0 : 1;
  const density = Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
  if (x < 3) {
    let term = x;
    let sum = x;
    for (let i = 3; term > sum * 1e-17; i += 2) {
      term *= (x * x) / i;
      sum += term;
    }
    return z < 0 ? 0.5 - density * sum : 0.5 + density * sum;
  }
  let fraction = x;
  for (let i = 80; i > 0; i--) fraction = x + i / fraction;
  const tail = density / fraction;
  return z < 0 ? tail : 1 - tail;
}

/** Inverse of `normalCdf`, p from about 1e-300: Newton steps on log cdf, which is concave, so that tails converge as fast as the middle. */
export function normalQuantile(p: number): number {
  if (!(p > 0 && p < 1)) return p === 0 ? Number.NEGATIVE_INFINITY : p === 1 ? Number.POSITIVE_INFINITY : Number.NaN;
  if (p > 0.5) return -normalQuantile(1 - p);
  let z = p > 0.1 ? 0 : -Math.sqrt(-2 * Math.log(p));
  for (let i = 0; i < 50; i++) {
    const cdf = normalCdf(z);
    const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
    const step = (Math.log(cdf / p) * cdf) / density;
    z -= step;
    if (Math.abs(step) < 1e-14 * Math.max(1, Math.abs(z))) break;
  }
  return z;
}

/** Quantile of Student's t by the expansion around the normal one (Abramowitz and Stegun 26.7.5): within 1 % from 3 degrees of freedom on, at p = .975. */
export function studentQuantile(p: number, degrees: number): number {
  const z = normalQuantile(p);
  const v = degrees;
  return (
    z +
    (z ** 3 + z) / (4 * v) +
    (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * v ** 2) +
    (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / (384 * v ** 3) +
    (79 * z ** 9 + 776 * z ** 7 + 1482 * z ** 5 - 1920 * z ** 3 - 945 * z) / (92160 * v ** 4)
  );
}

/** Adjusted p-values of Benjamini and Hochberg (1995), in the order given: reject those <= the wanted false discovery rate. NaN stays out and NaN. */
export function benjaminiHochberg(pValues: ArrayLike<number>): Float64Array {
  const p = Float64Array.from(pValues);
  const order = Array.from(p.keys())
    .filter((i) => !Number.isNaN(p[i]!))
    .sort((a, b) => p[b]! - p[a]!);
  let least = 1;
  order.forEach((index, from) => {
    least = Math.min(least, (p[index]! * order.length) / (order.length - from));
    p[index] = least;
  });
  return p;
}
