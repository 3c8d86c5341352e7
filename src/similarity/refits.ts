import { mean } from "../numerics/statistics.js";
import type { Halves, RefitHalves } from "./halves.js";

/** A pair of layers, its S' and, where concepts were mined again from resampled fit images, S' of both on halves of the test images. */
export interface RefitCell {
  readonly a: number;
  readonly b: number;
  readonly value: number;
  readonly halves: RefitHalves | undefined;
}

/** A variance from refits, and of how many degrees of freedom. */
export interface RefitVariance {
  readonly variance: number;
  readonly freedom: number;
}

const NONE: RefitVariance = { variance: 0, freedom: Number.POSITIVE_INFINITY };

/** What the refit changes on each half. */
export function changes({ own, refit }: RefitHalves): Halves {
  return [refit[0] - own[0], refit[1] - own[1]];
}

/**
 * Variance of S' from the images to fit, a value a cell. The square of what a refit changes holds the doubt of the test images on which the two are
 * compared, which resampling these counts already; the product of the changes on two halves of them does not. One refit a layer gives one product a
 * cell, which alone says little; so products of all cells that share a layer with this one are taken together (their refits are the same ones), each in
 * units of its size: changes grow with S' (as their standard deviation does, about, over 1,700 cells of three detectors and their twins: .006 to .010
 * where S' is near 0, .018 to .024 where it is .16), so that a cell has the share of its own (m + S')^2, m the mean S' of the study. The mean change of
 * the study is taken out: a resample holds fewer different images, so refits are a little worse throughout, which is no doubt about the fit.
 * NaN where no cell has a refit.
 */
export function refitVariances(cells: readonly RefitCell[]): RefitVariance[] {
  const known = cells.flatMap((c) => {
    const change = c.a !== c.b && c.halves ? changes(c.halves) : undefined;
    return change && !Number.isNaN(change[0] + change[1]) ? [{ a: c.a, b: c.b, value: c.value, change }] : [];
  });
  const layers = new Set(known.flatMap(({ a, b }) => [a, b])).size;
  if (known.length === 0) return cells.map(() => ({ ...NONE, variance: Number.NaN }));
  // of two layers' parts the shift takes 2 / layers of the variance with it
  const [removed, scale] = layers > 2 ? [1, layers / (layers - 2)] : [0, 1];
  const shift = ([0, 1] as const).map((h) => removed * mean(known.map((c) => c.change[h])));
  const usual = mean(known.map((c) => Math.max(0, c.value)));
  const size = (value: number) => (usual + Math.max(0, value)) ** 2;
  const sums = new Map<number, { products: number; sizes: number }>();
  for (const { a, b, value, change } of known) {
    const product = scale * (change[0] - shift[0]!) * (change[1] - shift[1]!);
    for (const layer of [a, b]) {
      const at = sums.get(layer) ?? { products: 0, sizes: 0 };
      sums.set(layer, at);
      at.products += product;
      at.sizes += size(value);
    }
  }
  // of (r_a^2 + r_b^2) / 2 + mean r^2, which this is where every change is a layer's own, the worst case: two single draws and the mean of all
  const freedom = 8 / (1 + 2 / layers);
  return cells.map(({ a, b, value }) => {
    const [x, y] = [sums.get(a), sums.get(b)];
    if (!x || !y) return { ...NONE, variance: Number.NaN };
    return {
      variance: size(value) * Math.max(0, (x.products + y.products) / (x.sizes + y.sizes)),
      freedom,
    };
  });
}
