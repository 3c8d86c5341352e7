import { once } from "node:events";
import { join, resolve } from "node:path";
import { Worker } from "node:worker_threads";
import type { BitMasks } from "../../src/numerics/bits.js";
import { packAbove, strideOf } from "../../src/numerics/bits.js";
import { seededRandom } from "../../src/numerics/random.js";
import type { Contender, Figure } from "../figure.js";
import { timed } from "../figure.js";
import { writeNpy } from "../npy.js";

const [LAYERS, K, SIDE] = [48, 10, 56];

export const figure: Figure = {
  id: "iou",
  title:
    "cells that every two concepts have in common, of each image and summed over the images; ours counts bits, a worker a core, numpy multiplies 0/1 bytes as float32 (conversion counted) or counts bits by a table",
  async *comparisons(context) {
    const n = context.quick ? 20 : 500;
    for (const kind of ["blobs", "noise"] as const) {
      const stride = strideOf(SIDE * SIDE);
      const size = n * K * stride;
      const shared = new SharedArrayBuffer(LAYERS * size);
      const all = new Uint8Array(LAYERS * size);
      for (let layer = 0; layer < LAYERS; layer++) {
        const { data } = masksOf(kind, layer, n);
        new Uint8Array(shared, layer * size, size).set(data);
        for (let x = 0; x < n; x++)
          all.set(data.subarray(x * K * stride, (x + 1) * K * stride), (x * LAYERS + layer) * K * stride);
      }
      const file = join(context.scratch, `${kind}.npy`);
      writeNpy(file, all, [n, LAYERS * K, stride]);
      const data =
        kind === "blobs"
          ? "a blob of a tenth of the image in each map"
          : "independent cells of density 0.1: the worst case";
      for (const [eachImage, cores] of [
        [false, 2],
        [false, 1],
        [true, 2],
        [true, 1],
      ] as const) {
        // of the worst case the sums alone
        if (kind === "noise" && eachImage) continue;
        const peer = context.peer("arrays", cores);
        await peer.call("load_masks", { file, count: n, cells: SIDE * SIDE });
        yield {
          id: `iou-${kind}-${eachImage ? "each" : "summed"}-${cores}`,
          what: `all pairs of ${LAYERS * K} concepts, ${n} images, ${SIDE} x ${SIDE}, ${eachImage ? "counts of each image" : "summed over images"}, ${kind}`,
          data,
          cores,
          ours: ours(shared, n, cores, eachImage),
          peers: [
            peer.contender("numpy, float32 products", "iou_product", { each_image: eachImage }),
            peer.contender("numpy, packed bits", "iou_bits", { images: 1 }),
          ],
          // the target is for two cores
          ...(eachImage || cores === 1 ? {} : { target: 0.333 }),
        };
      }
    }
  },
};

function masksOf(kind: "blobs" | "noise", layer: number, n: number): BitMasks {
  const random = seededRandom("bench", layer);
  const cells = SIDE * SIDE;
  if (kind === "noise")
    return packAbove(Float32Array.from({ length: n * K * cells }, random), n, K, new Float32Array(K).fill(0.9));
  const scores = new Float32Array(n * K * cells);
  for (let p = 0; p < n * K; p++) {
    const [cx, cy] = [random() * SIDE, random() * SIDE];
    for (let i = 0; i < cells; i++)
      scores[p * cells + i] = -(((i % SIDE) - cx) ** 2) - (Math.floor(i / SIDE) - cy) ** 2;
  }
  return packAbove(scores, n, K, new Float32Array(K).fill(-100));
}

function ours(shared: SharedArrayBuffer, n: number, cores: number, eachImage: boolean): Contender {
  const workerData = { shared, layers: LAYERS, n, k: K, cells: SIDE * SIDE, stride: strideOf(SIDE * SIDE) };
  const pairs = Array.from({ length: LAYERS }, (_, a) =>
    Array.from({ length: LAYERS - a }, (_, i) => [a, a + i] as const),
  ).flat();
  const shares = Array.from({ length: cores }, (_, w) => pairs.filter((_, p) => p % cores === w));
  const script = resolve(import.meta.dirname, "../countworker.mjs");
  const workers = shares.map(() => new Worker(script, { workerData }));
  for (const worker of workers) worker.unref();
  return {
    name: "samesight",
    async run() {
      let counted: (number | Float64Array)[][] = [];
      const seconds = await timed(async () => {
        counted = await Promise.all(
          shares.map(async (share, w) => {
            workers[w]!.postMessage({ pairs: share, eachImage });
            return ((await once(workers[w]!, "message")) as [(number | Float64Array)[]])[0];
          }),
        );
      });
      let sum = 0;
      shares.forEach((share, w) => {
        share.forEach(([a, b], p) => {
          const counts = counted[w]![p]!;
          const both = typeof counts === "number" ? counts : counts.reduce((s, v) => s + v, 0);
          sum += a === b ? both : 2 * both; // the peers hold each pair of layers twice
        });
      });
      return { seconds, notes: { sum } };
    },
  };
}
