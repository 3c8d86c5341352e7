import type { Engine } from "../numerics/engine.js";
import { completeLinkage } from "../numerics/linkage.js";
import type { Matrix } from "../numerics/types.js";
import { refitPrepared } from "./probe.js";
import type { ProbeShard } from "./proberows.js";
import { prepareRows } from "./proberows.js";

/** Cosine distance at which sub-clusters are cut (ours), and the most images a concept ([LOCE]: 500 a category). */
export const LOCE = { cut: 0.5, mostImages: 500, tolerance: 1e-4 } as const;

/** Local concept embeddings of a layer: one vector an image and concept. */
export interface Locations {
  /** n x c, of length 1. */
  readonly vectors: Matrix;
  /** n: the concept of each. */
  readonly concept: Int32Array;
}

/**
 * A vector for each concept of each image, fitted on that image's cells alone (METHOD.md 1.2.1, column LoCE). Differs from the published: the convex
 * class-balanced cross entropy with a bias and penalty lambda, solved with L-BFGS from zero, in place of 50 AdamW steps on the linear loss; the layer's own cells
 * in place of 100 x 100. `shards`: one an image. Images that show none of a concept, or nothing else, give no vector.
 */
export async function fitLocations(
  shards: Iterable<ProbeShard>,
  concepts: number,
  lambda: number,
  engine: Engine,
): Promise<Locations> {
  const found: { readonly concept: number; readonly vector: Float32Array }[] = [];
  const counts = new Int32Array(concepts);
  let c = 0;
  for (const shard of shards) {
    const { rows, cols } = shard.rows;
    if (rows === 0 || (shard.weights && !shard.weights.some((w) => w > 0))) continue;
    c = cols;
    if (!shard.targets.some((m, i) => m > 0 && counts[i % concepts]! < LOCE.mostImages)) continue;
    const own = await prepareRows([{ ...shard, images: new Int32Array(rows) }], Number.POSITIVE_INFINITY);
    const start = { vectors: zeros(concepts, c), bias: new Float64Array(concepts) };
    const once: Matrix = { data: Float32Array.of(1), rows: 1, cols: 1 };
    // no whitening: an image has fewer cells than a layer has channels
    const options = { lambda, tolerance: LOCE.tolerance, whiten: false, start };
    const [fit] = await refitPrepared(own, once, options, engine);
    for (let j = 0; j < concepts; j++) {
      const vector = fit!.vectors.data.slice(j * c, (j + 1) * c);
      const length = Math.hypot(...vector);
      if (!(length > 0) || counts[j]! >= LOCE.mostImages) continue;
      counts[j]!++;
      found.push({ concept: j, vector: vector.map((v) => v / length) });
    }
  }
  const vectors = zeros(found.length, c);
  found.forEach(({ vector }, i) => {
    vectors.data.set(vector, i * c);
  });
  return { vectors, concept: Int32Array.from(found, (f) => f.concept) };
}

const zeros = (rows: number, cols: number): Matrix => ({ data: new Float32Array(rows * cols), rows, cols });

/** How the vectors of one concept lie. */
export interface LocationSummary {
  /** Images with a vector. */
  readonly images: number;
  /** Mean cosine distance to the direction of their mean; NaN below 2 images. */
  readonly spread: number;
  /** Sizes of sub-clusters, largest first: complete linkage on cosine distance, cut at `LOCE.cut`. */
  readonly clusters: readonly number[];
  /** Share of the vectors whose nearest other vector, by cosine, is of another concept; NaN below 2 images or where no other concept has any. */
  readonly overlap: number;
  /** overlap expected of vectors that do not know their concept. */
  readonly overlapChance: number;
}

/** The distribution of each concept's vectors. Memory: n_j^2 distances of one concept at a time. */
export function summarizeLocations({ vectors, concept }: Locations, concepts: number, cut: number = LOCE.cut) {
  const { data, rows: n, cols: c } = vectors;
  const dot = (a: number, b: number) => {
    let sum = 0;
    for (let i = 0; i < c; i++) sum += data[a * c + i]! * data[b * c + i]!;
    return sum;
  };
  return Array.from({ length: concepts }, (_, j): LocationSummary => {
    const own = [...concept.keys()].filter((i) => concept[i] === j);
    const m = own.length;
    const distance = new Float64Array(m * m);
    const mean = new Float64Array(c);
    let foreign = 0;
    own.forEach((a, x) => {
      for (let i = 0; i < c; i++) mean[i]! += data[a * c + i]! / m;
      let near = Number.NEGATIVE_INFINITY;
      let nearest = j;
      for (let b = 0, y = 0; b < n; b++) {
        const cos = dot(a, b);
        if (concept[b] === j) distance[x * m + y++] = 1 - cos;
        if (b === a || cos <= near) continue;
        near = cos;
        nearest = concept[b]!;
      }
      if (nearest !== j) foreign++;
    });
    // each vector has length 1: the mean of their cosines with the mean's direction is the mean's length
    const spread = m < 2 ? Number.NaN : Math.max(0, 1 - Math.hypot(...mean));
    const sizes: number[] = [];
    for (const to of completeLinkage(distance, m, cut)) sizes[to] = (sizes[to] ?? 0) + 1;
    const comparable = m > 1 && n > m;
    return {
      images: m,
      spread,
      clusters: sizes.sort((a, b) => b - a),
      overlap: comparable ? foreign / m : Number.NaN,
      overlapChance: comparable ? (n - m) / (n - 1) : Number.NaN,
    };
  });
}
