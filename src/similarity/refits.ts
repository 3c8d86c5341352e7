/** A pair of layers, its S' and the S' of the same layers with concepts from resampled fit images; `refit` NaN where there is none. */
export interface RefitCell {
  readonly a: number;
  readonly b: number;
  readonly value: number;
  readonly refit: number;
}

/**
 * Variance of S' from the images to fit, a value a cell. One refit a layer gives one difference a cell, which alone says little; so the squares of all
 * cells that share a layer with this one are averaged (their refits are the same ones): mean over x of (S'(a', x') - S'(a, x) - shift)^2 and the same
 * for b. `shift`, the mean difference over all cells, is taken out: a resample holds fewer different images, so refits are a little worse throughout,
 * which is no doubt about the fit. NaN where no cell has a refit.
 */
export function refitVariances(cells: readonly RefitCell[]): Float64Array {
  const sums = new Map<number, { sum: number; count: number }>();
  const take = (layer: number, square: number) => {
    const at = sums.get(layer) ?? { sum: 0, count: 0 };
    sums.set(layer, { sum: at.sum + square, count: at.count + 1 });
  };
  const known = cells.filter(({ a, b, value, refit }) => a !== b && !Number.isNaN(refit - value));
  const layers = new Set(known.flatMap(({ a, b }) => [a, b])).size;
  // of two layers' parts the shift takes 2 / layers of the variance with it
  const [removed, scale] = layers > 2 ? [1, layers / (layers - 2)] : [0, 1];
  const shift = known.length > 0 ? (removed * known.reduce((s, c) => s + c.refit - c.value, 0)) / known.length : 0;
  for (const { a, b, value, refit } of cells) {
    const square = scale * (refit - value - shift) ** 2;
    if (a === b || Number.isNaN(square)) continue;
    take(a, square);
    take(b, square);
  }
  return Float64Array.from(cells, ({ a, b }) => {
    const [x, y] = [sums.get(a), sums.get(b)];
    if (!x || !y) return Number.NaN;
    return (x.sum + y.sum) / (x.count + y.count);
  });
}
