import { join } from "node:path";
import type { BitMasks } from "../../src/numerics/bits.js";
import { packAbove, strideOf } from "../../src/numerics/bits.js";
import { commonCells } from "../../src/numerics/commoncells.js";
import type { Engine } from "../../src/numerics/engine.js";
import { seededRandom } from "../../src/numerics/random.js";
import type { Contender, Figure } from "../figure.js";
import { timed } from "../figure.js";
import { writeNpy } from "../npy.js";

const [LAYERS, K, SIDE] = [48, 10, 56];

export const figure: Figure = {
  id: "iou",
  title:
    "cells that every two concepts have in common, of each image and summed over the images; ours by 8-bit products of packed bits, numpy by float32 products of 0/1 bytes (conversion counted on both sides)",
  async *comparisons(context) {
    const n = context.quick ? 20 : 500;
    for (const kind of ["blobs", "noise"] as const) {
      const layers = Array.from({ length: LAYERS }, (_, layer) => masksOf(kind, layer, n));
      const stride = strideOf(SIDE * SIDE);
      const all = new Uint8Array(n * LAYERS * K * stride);
      for (let x = 0; x < n; x++)
        layers.forEach((m, l) => {
          all.set(m.data.subarray(x * K * stride, (x + 1) * K * stride), (x * LAYERS + l) * K * stride);
        });
      const masks: BitMasks = { data: all, n, k: LAYERS * K, cells: SIDE * SIDE, stride };
      const file = join(context.scratch, `${kind}.npy`);
      writeNpy(file, all, [n, LAYERS * K, stride]);
      const data =
        kind === "blobs"
          ? "a blob of a tenth of the image in each map"
          : "independent cells of density 0.1: the worst case";
      for (const [eachImage, cores] of [
        [false, 2],
        [false, 1],
        [true, 1],
      ] as const) {
        // the worst case once: what it adds is that ours does not depend on the masks
        if (kind === "noise" && (eachImage || cores === 2)) continue;
        const peer = context.peer("arrays", cores);
        await peer.call("load_masks", { file, count: n, cells: SIDE * SIDE });
        yield {
          id: `iou-${kind}-${eachImage ? "each" : "summed"}-${cores}`,
          what: `all pairs of ${LAYERS * K} concepts, ${n} images, ${SIDE} x ${SIDE}, ${eachImage ? "counts of each image" : "summed over images"}, ${kind}`,
          data,
          cores,
          ours: ours(context.engine(cores), masks, eachImage),
          peers: [
            peer.contender("numpy, float32 products", "iou_product", { each_image: eachImage }),
            peer.contender("numpy, packed bits", "iou_bits", { images: 1 }),
          ],
          ...(eachImage ? {} : { target: 0.333 }),
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

function ours(engine: Engine, masks: BitMasks, eachImage: boolean): Contender {
  return {
    name: "samesight",
    async run() {
      let sum = 0;
      let checking = 0;
      const add = (counts: ArrayLike<number>) => {
        const start = performance.now();
        for (let at = 0; at < counts.length; at++) sum += counts[at]!;
        checking += performance.now() - start;
      };
      const seconds = await timed(async () => {
        if (eachImage) await commonCells(engine, masks, (_, counts) => add(counts));
        else add(await commonCells(engine, masks));
      });
      return { seconds: seconds - checking / 1000, notes: { sum } };
    },
  };
}
