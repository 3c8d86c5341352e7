import { projectPlanes } from "../../concepts/project.js";
import type { TensorFile } from "../../contract/safetensors.js";
import type { Geometry, Rect } from "../../dataset/types.js";
import { toFrame } from "../../maps/resample.js";
import { strideOf } from "../../numerics/bits.js";
import type { Engine } from "../../numerics/engine.js";
import type { Matrix, Tensor4 } from "../../numerics/types.js";
import type { Sight } from "../look.js";
import type { LayerProbes } from "./fit.js";
import { binarised } from "./published.js";
import type { Truth } from "./truth.js";

/** Places of a count among those kept for each image and concept. */
export const COUNT = { half: 0, halfArea: 1, calibrated: 2, calibratedArea: 3, filter: 4, filterArea: 5 } as const;
export const COUNTS = 6;

/** Score maps of vectors on the evaluation grid of one image's frame: k x grid x grid, logits. */
export async function scoresOnFrame(
  activations: Tensor4,
  vectors: Matrix,
  bias: ArrayLike<number>,
  geometry: Geometry,
  frame: Rect,
  grid: number,
  engine: Engine,
): Promise<Float32Array> {
  const maps = await projectPlanes(activations, vectors, engine);
  const framed = toFrame(maps, [geometry], [frame], { h: grid, w: grid });
  const cells = grid * grid;
  for (let j = 0; j < vectors.rows; j++) {
    const b = bias[j]!;
    for (let i = j * cells; i < (j + 1) * cells; i++) framed.data[i]! += b;
  }
  return framed.data;
}

/** Predictions of every tap on some test images, seen one after the other: bits at the calibrated threshold, counts against the labels for all. */
export class Predictions {
  readonly #bits: Uint8Array[];
  readonly #counts: Int32Array[];
  readonly #k: number;
  readonly #grid: number;

  constructor(
    readonly layers: readonly LayerProbes[],
    readonly truth: Truth,
    grid: number,
  ) {
    this.#k = truth.label.k;
    this.#grid = grid;
    const { n } = truth.label;
    this.#bits = layers.map(() => new Uint8Array(n * this.#k * strideOf(grid * grid)));
    this.#counts = layers.map(() => new Int32Array(n * this.#k * COUNTS));
  }

  /** Image `x` of these. */
  async add(x: number, seen: Sight, frame: Rect, engine: Engine): Promise<void> {
    const k = this.#k;
    for (const [t, layer] of this.layers.entries()) {
      const { geometry } = seen;
      const activations = seen.activations[t]!;
      const onto = (a: Tensor4, vectors: Matrix, bias: ArrayLike<number>) =>
        scoresOnFrame(a, vectors, bias, geometry, frame, this.#grid, engine);
      if (layer.cut.length > 0) {
        const probe = await onto(binarised(activations, layer.cut), layer.vectors, layer.bias);
        const filter = await onto(activations, layer.filterVectors, layer.filterBias);
        const scores = new Float32Array(probe.length + filter.length);
        scores.set(probe);
        scores.set(filter, probe.length);
        for (let j = 0; j < k; j++) this.#count(t, x, j, scores, logit(layer.threshold[j]!));
        continue;
      }
      const both: Matrix = {
        data: new Float32Array(2 * k * layer.vectors.cols),
        rows: 2 * k,
        cols: layer.vectors.cols,
      };
      both.data.set(layer.vectors.data);
      both.data.set(layer.filterVectors.data, layer.vectors.data.length);
      const bias = [...layer.bias, ...layer.filterBias];
      const scores = await scoresOnFrame(seen.activations[t]!, both, bias, seen.geometry, frame, this.#grid, engine);
      for (let j = 0; j < k; j++) this.#count(t, x, j, scores, logit(layer.threshold[j]!));
    }
  }

  #count(t: number, x: number, j: number, scores: Float32Array, cut: number): void {
    const { label, known } = this.truth;
    const { stride, cells } = label;
    const bits = this.#bits[t]!;
    const counts = new Int32Array(COUNTS);
    const plane = (x * this.#k + j) * stride;
    const [probe, filter] = [j * cells, (this.#k + j) * cells];
    for (let i = 0; i < cells; i++) {
      const bit = 1 << (i & 7);
      const byte = plane + (i >> 3);
      if (!(known.data[byte]! & bit)) continue;
      const is = label.data[byte]! & bit ? 1 : 0;
      const score = scores[probe + i]!;
      if (score > 0) {
        counts[COUNT.halfArea]!++;
        counts[COUNT.half]! += is;
      }
      if (score > cut) {
        counts[COUNT.calibratedArea]!++;
        counts[COUNT.calibrated]! += is;
        bits[byte]! |= bit;
      }
      if (scores[filter + i]! > 0) {
        counts[COUNT.filterArea]!++;
        counts[COUNT.filter]! += is;
      }
    }
    this.#counts[t]!.set(counts, (x * this.#k + j) * COUNTS);
  }

  file(): TensorFile {
    const { n, k, stride } = this.truth.label;
    return {
      tensors: Object.fromEntries(
        this.layers.flatMap((_, t) => [
          [`bits/${t}`, { type: "uint8" as const, dims: [n, k, stride], data: this.#bits[t]! }],
          [`counts/${t}`, { type: "int32" as const, dims: [n, k, COUNTS], data: this.#counts[t]! }],
        ]),
      ),
      metadata: {},
    };
  }
}

export function logit(p: number): number {
  return Math.log(p / (1 - p));
}
