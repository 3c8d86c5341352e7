import { describe, expect, it } from "vitest";
import { partialCorrelation, pearson, ranks, spearman } from "../../src/numerics/correlation.js";
import {
  benjaminiHochberg,
  normalCdf,
  normalQuantile,
  permutationP,
  standardDeviation,
  studentQuantile,
} from "../../src/numerics/statistics.js";
import { golden } from "../golden/maps.js";

const g = golden.statistics;

describe("correlation equals scipy.stats", () => {
  it("pearson, spearman with ties, ranks", () => {
    expect(pearson(g.x, g.y)).toBeCloseTo(g.pearson, 12);
    expect(spearman(g.x, g.y)).toBeCloseTo(g.spearman, 12);
    expect([...ranks(g.x)]).toEqual(g.ranks);
  });
  it("partial correlation is that of the residuals of both on z", () => {
    expect(partialCorrelation(g.x, g.y, g.z)).toBeCloseTo(g.partial, 12);
    expect(
      partialCorrelation(
        g.x,
        g.y,
        g.x.map(() => 1),
      ),
    ).toBe(pearson(g.x, g.y));
  });
  it("is NaN where a side is constant or too short", () => {
    expect(pearson([1, 1, 1], [1, 2, 3])).toBeNaN();
    expect(spearman([], [])).toBeNaN();
  });
});

describe("normal and Student's distribution equal scipy.stats", () => {
  it.each(g.cdf)("cdf(%f)", (z, p) => {
    expect(Math.abs(normalCdf(z) - p) / Math.min(p, 1)).toBeLessThan(1e-12);
  });
  it.each(g.ppf)("quantile(%f)", (p, z) => {
    expect(normalQuantile(p)).toBeCloseTo(z, 9);
  });
  it.each(g.t975)("t.ppf(.975, %i) within 1 %%", (v, t) => {
    expect(Math.abs(studentQuantile(0.975, v) / t - 1)).toBeLessThan(0.01);
  });
});

describe("p-values", () => {
  it("are never 0 and count ties as high", () => {
    expect(permutationP(5, [1, 2, 3])).toBe(0.25);
    expect(permutationP(3, [1, 2, 3])).toBe(0.5);
  });
  it("Benjamini and Hochberg by hand: p m / rank, made monotone from the largest", () => {
    const adjusted = benjaminiHochberg([0.01, 0.04, Number.NaN, 0.03, 0.5]);
    [0.04, 0.16 / 3, Number.NaN, 0.16 / 3, 0.5].forEach((v, i) => {
      if (Number.isNaN(v)) expect(adjusted[i]).toBeNaN();
      else expect(adjusted[i]).toBeCloseTo(v, 12);
    });
  });
  it("standard deviation divides by n - 1", () => {
    expect(standardDeviation([1, 2, 3, 4])).toBeCloseTo(Math.sqrt(5 / 3), 12);
    expect(standardDeviation([1])).toBeNaN();
  });
});
