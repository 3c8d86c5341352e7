import { readFileSync } from "node:fs";

export interface ResizeCase {
  readonly input: [number, number, number];
  readonly output: [number, number];
  readonly data: number[];
}

/** Made by make_maps.py, which holds the reference calls. */
export const golden = JSON.parse(readFileSync(new URL("./maps.json", import.meta.url), "utf8")) as {
  resize: (ResizeCase & { bilinear: number[] })[];
  area: (ResizeCase & { area: number[] })[];
  quantile: { values: number[]; inverted_cdf: Record<string, number>; linear: Record<string, number> };
  iou: {
    n: number;
    ka: number;
    kb: number;
    a: number[];
    b: number[];
    ta: number[];
    tb: number[];
    order: number[];
    areas: number[];
    packed: number[];
    intersections: number[];
    permuted: number[];
  };
  statistics: {
    x: number[];
    y: number[];
    z: number[];
    pearson: number;
    spearman: number;
    ranks: number[];
    partial: number;
    cdf: [number, number][];
    ppf: [number, number][];
    t975: [number, number][];
  };
};
