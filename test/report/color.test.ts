import { interpolateCividis, interpolateViridis } from "d3-scale-chromatic";
import { describe, expect, test } from "vitest";
import { CONTOUR, luminance, networkColor, scaleColor, shade, THEMES } from "../../src/report/render/color.js";

/** sRGB of a colour string, 0..1, linear. */
function linear(color: string): number[] {
  const rgb = color.startsWith("#")
    ? [1, 3, 5].map((i) => Number.parseInt(color.slice(i, i + 2), 16))
    : color.match(/\d+/g)!.map(Number);
  return rgb.slice(0, 3).map((v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
}

/** OKLab (Ottosson 2020). */
function oklab([r, g, b]: number[]): number[] {
  const l = Math.cbrt(0.4122214708 * r! + 0.5363325363 * g! + 0.0514459929 * b!);
  const m = Math.cbrt(0.2119034982 * r! + 0.6806995451 * g! + 0.1073969566 * b!);
  const s = Math.cbrt(0.0883024619 * r! + 0.2817188376 * g! + 0.6299787005 * b!);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

/** Machado, Oliveira and Fernandes 2009, severity 1, on linear RGB. */
const VISIONS: Record<string, number[]> = {
  usual: [1, 0, 0, 0, 1, 0, 0, 0, 1],
  protanopia: [0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998],
  deuteranopia: [0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.01182, 0.04294, 0.968881],
  tritanopia: [1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733, 0.691367, 0.3039],
};
const seen = (rgb: number[], m: number[]) =>
  [0, 1, 2].map((i) => Math.max(0, m[3 * i]! * rgb[0]! + m[3 * i + 1]! * rgb[1]! + m[3 * i + 2]! * rgb[2]!));

/** Distances of 16 equal steps of a scale. */
function steps(scale: (t: number) => string, vision = VISIONS.usual!): number[] {
  const labs = Array.from({ length: 17 }, (_, i) => oklab(seen(linear(scale(i / 16)), vision)));
  return labs.slice(1).map((lab, i) => Math.hypot(...lab.map((v, d) => v - labs[i]![d]!)));
}
const unevenness = (d: number[]) => {
  const mean = d.reduce((a, b) => a + b) / d.length;
  return Math.sqrt(d.reduce((s, v) => s + (v - mean) ** 2, 0) / d.length) / mean;
};

describe.each(Object.values(THEMES))("the scale on $name ground", (theme) => {
  const scale = (t: number) => scaleColor(t, theme);

  test("equal steps look equally large: more evenly than viridis and cividis, in OKLab", () => {
    const own = unevenness(steps(scale));
    expect(own).toBeLessThan(0.12);
    expect(own).toBeLessThan(unevenness(steps(interpolateViridis)));
    expect(own).toBeLessThan(unevenness(steps(interpolateCividis)));
  });

  test("lightness goes one way only, so it can be read without any colour", () => {
    const light = Array.from({ length: 33 }, (_, i) => luminance(scale(i / 32)));
    const way = theme.name === "light" ? -1 : 1;
    for (let i = 1; i < light.length; i++) expect(way * (light[i]! - light[i - 1]!)).toBeGreaterThan(0);
  });

  test.each(Object.keys(VISIONS))("steps stay apart for %s", (vision) => {
    expect(Math.min(...steps(scale, VISIONS[vision]!))).toBeGreaterThan(0.02);
  });

  test.each(Object.keys(VISIONS))("networks and the two of a pair are told apart by %s", (vision) => {
    const apart = (p: string, q: string) => {
      const [a, b] = [p, q].map((c) => oklab(seen(linear(c), VISIONS[vision]!)));
      return Math.hypot(...a!.map((v, d) => v - b![d]!));
    };
    const colors = Array.from({ length: 7 }, (_, n) => networkColor(n, theme));
    // 0.02 is a difference that is just seen (Ottosson)
    for (const [i, p] of colors.entries())
      for (const q of colors.slice(i + 1)) expect(apart(p, q)).toBeGreaterThan(0.09);
    expect(apart(theme.a, theme.b)).toBeGreaterThan(0.2);
    expect(apart(CONTOUR.a, CONTOUR.b)).toBeGreaterThan(0.2);
  });

  test("ink on every step has a contrast of 4.5 or more (WCAG AA)", () => {
    for (let i = 0; i <= 100; i++) {
      const { fill, ink } = shade(i / 100, 0, 1, theme);
      const [a, b] = [luminance(fill), luminance(ink)].sort((p, q) => q - p) as [number, number];
      expect((a + 0.05) / (b + 0.05)).toBeGreaterThanOrEqual(4.5);
    }
  });

  test("first and second layer of a pair, and words, stand out from the ground", () => {
    const networks = Array.from({ length: 7 }, (_, n) => networkColor(n, theme));
    for (const color of [theme.a, theme.b, theme.ink, theme.soft, theme.accent, ...networks]) {
      const [a, b] = [luminance(color), luminance(theme.ground)].sort((p, q) => q - p) as [number, number];
      expect((a + 0.05) / (b + 0.05)).toBeGreaterThanOrEqual(4.5);
    }
  });
});
