import type { Engine } from "../numerics/engine.js";
import { constantsOf, net2vecGraph } from "../numerics/net2vecgraph.js";
import { permutation } from "../numerics/random.js";
import type { Random } from "../numerics/types.js";

/**
 * Net2Vec as published (Fong & Vedaldi 2018, METHOD.md 1.2.1): inputs binarised at each channel's upper .005 quantile, no bias, predictions upsampled to
 * the masks' size, loss -(1/n) sum [alpha M s + (1 - alpha)(1 - M)(1 - s)] without a logarithm over a batch of n images, SGD with momentum.
 */
export const NET2VEC = { quantile: 0.005, rate: 1e-4, momentum: 0.9, epochs: 30, batch: 16 } as const;

/** Images that show one concept. */
export interface Net2vecImages {
  readonly n: number;
  readonly c: number;
  readonly h: number;
  readonly w: number;
  /** Side of the masks. */
  readonly size: number;
  /** 1 - mean share of the concept over the images. */
  readonly alpha: number;
  /** Writes image i: c x h x w of 0 and 1, size x size mask, size x size of what is known. */
  load(i: number, x: Float32Array, mask: Float32Array, known: Float32Array): void;
}

export interface Net2vecState {
  /** c. */
  readonly weights: Float32Array;
  readonly velocity: Float32Array;
}

/** U(-1 / sqrt c, 1 / sqrt c). */
export function net2vecStart(c: number, random: Random): Net2vecState {
  const bound = 1 / Math.sqrt(c);
  return { weights: Float32Array.from({ length: c }, () => (2 * random() - 1) * bound), velocity: new Float32Array(c) };
}

/** One step on some images; changes the state, returns the loss before it. */
export async function net2vecStepInto(
  state: Net2vecState,
  images: Net2vecImages,
  chosen: ArrayLike<number>,
  engine: Engine,
  { rate, momentum }: { readonly rate: number; readonly momentum: number } = NET2VEC,
): Promise<number> {
  const { c, h, w, size, alpha } = images;
  const n = chosen.length;
  const x = new Float32Array(n * c * h * w);
  const m = new Float32Array(n * size * size);
  const u = new Float32Array(n * size * size);
  for (let i = 0; i < n; i++) {
    images.load(
      chosen[i]!,
      x.subarray(i * c * h * w, (i + 1) * c * h * w),
      m.subarray(i * size * size, (i + 1) * size * size),
      u.subarray(i * size * size, (i + 1) * size * size),
    );
  }
  const kernel = await engine.shared("net2vec", net2vecGraph);
  const out = await kernel.run({
    x: { type: "float32", dims: [n, c, h * w], data: x },
    m: { type: "float32", dims: [n, size, size], data: m },
    u: { type: "float32", dims: [n, size, size], data: u },
    v: { type: "float32", dims: [1, c], data: state.weights },
    alpha: { type: "float32", dims: [1], data: Float32Array.of(alpha) },
    ...constantsOf(n, h, w, size),
  });
  const gradient = out.gradient!.data as Float32Array;
  for (let i = 0; i < c; i++) {
    state.velocity[i] = momentum * state.velocity[i]! + gradient[i]!;
    state.weights[i]! -= rate * state.velocity[i]!;
  }
  return (out.loss!.data as Float32Array)[0]!;
}

/** All epochs; the images in a new order each. The mean loss of the last epoch comes with the vector. */
export async function trainNet2vec(
  images: Net2vecImages,
  random: Random,
  engine: Engine,
): Promise<{ weights: Float32Array; loss: number }> {
  const state = net2vecStart(images.c, random);
  let loss = Number.NaN;
  for (let epoch = 0; epoch < NET2VEC.epochs; epoch++) {
    const order = permutation(images.n, random);
    let sum = 0;
    for (let from = 0; from < images.n; from += NET2VEC.batch) {
      const chosen = order.subarray(from, from + NET2VEC.batch);
      sum += chosen.length * (await net2vecStepInto(state, images, chosen, engine));
    }
    loss = sum / images.n;
  }
  return { weights: state.weights, loss };
}
