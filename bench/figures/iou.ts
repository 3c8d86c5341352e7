import { join } from "node:path";
import type { BitMasks } from "../../src/numerics/bits.js";
import { BitCounter, packAbove, selectImages } from "../../src/numerics/bits.js";
import { seededRandom } from "../../src/numerics/random.js";
import type { Contender, Figure } from "../figure.js";
import { timed } from "../figure.js";
import { writeNpy } from "../npy.js";

const [LAYERS, K, SIDE] = [48, 10, 56];
/** Images at a time: their masks stay in the cache while all pairs meet. */
const BLOCK = 20;

export const figure: Figure = {
  id: "iou",
  title:
    "cells that every two concepts have in common, of each image and summed over the images; ours counts bits by WebAssembly SIMD",
  async *comparisons(context) {
    const n = context.quick ? 20 : 500;
    for (const kind of ["blobs", "noise"] as const) {
      const masks = Array.from({ length: LAYERS }, (_, layer) => masksOf(kind, layer, n));
      const stride = masks[0]!.stride;
      const all = new Uint8Array(n * LAYERS * K * stride);
      for (let x = 0; x < n; x++)
        masks.forEach((m, l) => {
          all.set(m.data.subarray(x * K * stride, (x + 1) * K * stride), (x * LAYERS + l) * K * stride);
        });
      const file = join(context.scratch, `${kind}.npy`);
      writeNpy(file, all, [n, LAYERS * K, stride]);
      const data =
        kind === "blobs"
          ? "a blob of a tenth of the image in each map"
          : "independent cells of density 0.1: the worst case";
      for (const eachImage of [true, false]) {
        const peer = context.peer("arrays", 1);
        await peer.call("load_masks", { file, count: n, cells: SIDE * SIDE });
        yield {
          id: `iou-${kind}-${eachImage ? "each" : "summed"}`,
          what: `all pairs of ${LAYERS * K} concepts, ${n} images, ${SIDE} x ${SIDE}, ${eachImage ? "counts of each image" : "summed"}, ${kind}`,
          data,
          cores: 1,
          ours: ours(masks, n, eachImage),
          peers: [
            peer.contender("numpy, float32 products", "iou_product", { each_image: eachImage }),
            peer.contender("numpy, packed bits", "iou_bits", { images: 1 }),
          ],
          target: 1 / 3,
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

function ours(masks: readonly BitMasks[], n: number, eachImage: boolean): Contender {
  const counter = new BitCounter();
  const blocks = Array.from({ length: Math.ceil(n / BLOCK) }, (_, i) =>
    Array.from({ length: Math.min(BLOCK, n - i * BLOCK) }, (__, x) => i * BLOCK + x),
  );
  return {
    name: "samesight",
    async run() {
      let sum = 0;
      let checking = 0;
      const seconds = await timed(() => {
        for (const block of blocks) {
          counter.clear();
          const held = masks.map((m) => counter.load(selectImages(m, block)));
          for (let a = 0; a < LAYERS; a++)
            for (let b = a; b < LAYERS; b++) {
              const counts = eachImage
                ? counter.intersections(held[a]!, held[b]!)
                : counter.summedIntersections(held[a]!, held[b]!);
              const start = performance.now();
              const times = a === b ? 1 : 2; // the peer counts both halves of the symmetric matrix
              for (const c of counts) sum += times * c;
              checking += performance.now() - start;
            }
        }
      });
      return { seconds: seconds - checking / 1000, notes: { sum } };
    },
  };
}
