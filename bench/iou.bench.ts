/**
 * All intersections of all pairs of concepts on every image, one core: `npx tsx bench/iou.bench.ts`.
 * 48 layers of 10 concepts, 500 images, 56 x 56 cells; numpy does the same by float32 products (the faster way) and by packed bits.
 */
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { BitMasks } from "../src/numerics/bits.js";
import { BitCounter, packAbove, selectImages } from "../src/numerics/bits.js";
import { seededRandom } from "../src/numerics/random.js";

const n = 500;
const layers = 48;
const k = 10;
const side = 56;

/** Independent cells of density .1: no mask is empty anywhere, the worst case. */
function noise(layer: number): BitMasks {
  const random = seededRandom("bench", layer);
  return packAbove(Float32Array.from({ length: n * k * side * side }, random), n, k, new Float32Array(k).fill(0.9));
}

/** One blob of about a tenth of the image in each map, nearer to what concepts are. */
function blobs(layer: number): BitMasks {
  const random = seededRandom("bench", layer);
  const scores = new Float32Array(n * k * side * side);
  for (let p = 0; p < n * k; p++) {
    const [cx, cy] = [random() * side, random() * side];
    for (let i = 0; i < side * side; i++)
      scores[p * side * side + i] = -(((i % side) - cx) ** 2) - (Math.floor(i / side) - cy) ** 2;
  }
  return packAbove(scores, n, k, new Float32Array(k).fill(-100));
}

function seconds(make: (layer: number) => BitMasks): number {
  const masks = Array.from({ length: layers }, (_, layer) => make(layer));
  const counter = new BitCounter();
  // 20 images at a time: 4 MB of masks, so that the pairs find them in the cache
  const blocks = Array.from({ length: n / 20 }, (_, i) => Array.from({ length: 20 }, (__, x) => i * 20 + x));
  const run = () => {
    const start = performance.now();
    for (const block of blocks) {
      counter.clear();
      const held = masks.map((m) => counter.load(selectImages(m, block)));
      for (let a = 0; a < layers; a++) for (let b = a; b < layers; b++) counter.intersections(held[a]!, held[b]!);
    }
    return (performance.now() - start) / 1000;
  };
  run();
  return Math.min(run(), run(), run());
}

const numpy = JSON.parse(
  execFileSync(
    "python3",
    [fileURLToPath(new URL("./iou.py", import.meta.url)), `${n}`, `${layers * k}`, `${side * side}`],
    {
      env: { ...process.env, OPENBLAS_NUM_THREADS: "1", MKL_NUM_THREADS: "1", OMP_NUM_THREADS: "1" },
      encoding: "utf8",
    },
  ),
) as { numpy: string; product: number; bits: number };
const faster = Math.min(numpy.product, numpy.bits);
const line = (name: string, s: number) =>
  console.log(`${name.padEnd(34)} ${s.toFixed(2)} s   ${(s / faster).toFixed(2)}`);
line(`numpy ${numpy.numpy}, float32 products`, numpy.product);
line(`numpy ${numpy.numpy}, packed bits`, numpy.bits);
line("samesight, independent cells", seconds(noise));
line("samesight, blobs", seconds(blobs));
