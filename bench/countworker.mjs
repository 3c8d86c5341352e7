/** A thread of the bench of IoU: its pairs of layers counted as a study's worker counts them, image block by image block. */
import { parentPort, workerData } from "node:worker_threads";
import { BitCounter } from "../dist/numerics/bits.js";

const BLOCK = 32;
const { shared, layers, n, k, cells, stride } = workerData;
const size = n * k * stride;
const counter = new BitCounter();

/** Counts of each pair (concepts x concepts), summed over the images; or with `eachImage` the sum of all counts of every image, handed out pair by pair. */
function count(pairs, eachImage) {
  const out = pairs.map(() => (eachImage ? 0 : new Float64Array(k * k)));
  for (let first = 0; first < n; first += BLOCK) {
    const some = Math.min(BLOCK, n - first);
    counter.clear();
    const held = Array.from({ length: layers }, (_, l) => {
      const data = new Uint8Array(shared, l * size + first * k * stride, some * k * stride);
      return counter.load({ data, n: some, k, cells, stride });
    });
    pairs.forEach(([a, b], p) => {
      if (eachImage) {
        const counts = counter.intersections(held[a], held[b]);
        for (let i = 0; i < counts.length; i++) out[p] += counts[i];
      } else {
        const counts = counter.summedIntersections(held[a], held[b]);
        for (let i = 0; i < counts.length; i++) out[p][i] += counts[i];
      }
    });
  }
  return out;
}

parentPort.on("message", ({ pairs, eachImage }) => parentPort.postMessage(count(pairs, eachImage)));
