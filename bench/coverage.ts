/**
 * How often do 95 % intervals of S' cover? `npx tsx bench/coverage.ts [images] [studies]`: simulated studies of two layers with 8 concepts on 10 x 10 cells,
 * blobs of varying strength (absent from many images), shared between the layers by 100, 80, 60, 40, 30 and 0 %. The answer to cover is the mean of S'
 * over the studies. "given" takes thresholds of a large sample as they are, "own" lets each study find its own, as users do.
 */
import { bandOf } from "../src/maps/masks.js";
import type { Thresholds } from "../src/maps/threshold.js";
import { thresholds } from "../src/maps/threshold.js";
import { createEngine } from "../src/node/engine.js";
import { BitCounter, packAbove } from "../src/numerics/bits.js";
import type { Interval } from "../src/numerics/bootstrap.js";
import { normal, seededRandom } from "../src/numerics/random.js";
import type { Random } from "../src/numerics/types.js";
import { chanceOf, compareMasks, inBlocks } from "../src/similarity/compare.js";

const SHARE = [1, 0.8, 0.6, 0.4, 0.3, 0, 0, 0];
const side = 10;
const k = SHARE.length;
const images = Number(process.argv[2] ?? 64);
const studies = Number(process.argv[3] ?? 300);
const engine = createEngine();
const counter = new BitCounter();

function blobInto(out: Float32Array, at: number, level: number, x: number, y: number, size: number, random: Random) {
  for (let i = 0; i < side * side; i++) {
    const d = ((i % side) - x) ** 2 + (Math.floor(i / side) - y) ** 2;
    out[at + i] = level * Math.exp(-d / (2 * size * size)) + 0.1 * normal(random);
  }
}

function layers(n: number, random: Random): [Float32Array, Float32Array] {
  const a = new Float32Array(n * k * side * side);
  const b = new Float32Array(a.length);
  for (let p = 0; p < n * k; p++) {
    const share = SHARE[p % k]!;
    const draw = () => [Math.max(-0.5, normal(random)), random() * side, random() * side, 1 + 2 * random()] as const;
    const [level, x, y, size] = draw();
    blobInto(a, p * side * side, level, x, y, size, random);
    if (random() < share) {
      const off = () => 2 * (1 - share) * normal(random);
      blobInto(b, p * side * side, level, x + off(), y + off(), size, random);
    } else blobInto(b, p * side * side, ...draw(), random);
  }
  return [a, b];
}

const find = (scores: Float32Array, n: number) => thresholds({ data: scores, n, c: k, h: side, w: side }, 0.1);
const given = layers(4000, seededRandom("given")).map((scores) => find(scores, 4000));
const names = Array.from({ length: images }, (_, x) => `${x}`);

const inMemory = (scores: Float32Array, n: number, found: Thresholds) => {
  const maps = { data: scores, n, c: k, h: side, w: side };
  return { masks: packAbove(scores, n, k, found.values), band: bandOf(maps, found), thresholds: found };
};

for (const mode of ["given", "own"]) {
  const estimates: number[] = [];
  const intervals: Interval[] = [];
  for (let s = 0; s < studies; s++) {
    const random = seededRandom("study", s);
    const [a, b] = layers(images, random).map((scores, i) =>
      mode === "given"
        ? { masks: packAbove(scores, images, k, given[i]!.values) }
        : inMemory(scores, images, find(scores, images)),
    );
    const chance = { ...chanceOf(names, { permutations: 40, bootstrap: 400 }, s) };
    const { interval, significance } = await compareMasks(
      counter,
      inBlocks(a!, chance),
      inBlocks(b!, chance),
      chance,
      engine,
    );
    estimates.push(significance.similarity);
    intervals.push(interval!);
  }
  const truth = estimates.reduce((sum, v) => sum + v, 0) / studies;
  const share = (f: (i: Interval) => boolean) => ((100 * intervals.filter(f).length) / studies).toFixed(1);
  console.log(
    `${images} images, ${studies} studies, thresholds ${mode}: mean S' ${truth.toFixed(4)}, covers ${share((i) => i.low <= truth && truth <= i.high)} %, too high ${share((i) => truth < i.low)} %, too low ${share((i) => truth > i.high)} %`,
  );
}
await engine.dispose();
