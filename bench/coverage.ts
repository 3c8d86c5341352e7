/**
 * How often do 95 % intervals of S' cover? `npx tsx bench/coverage.ts [images] [studies]`: simulated studies of two layers with 8 concepts on 10 x 10 cells,
 * blobs of varying strength (absent from many images), shared between the layers by 100, 80, 60, 40, 30 and 0 %. The answer to cover is the mean of S'
 * over the studies. "given" takes thresholds of a large sample as they are, "own" lets each study find its own, as users do.
 */
import { thresholds } from "../src/maps/threshold.js";
import { createEngine } from "../src/node/engine.js";
import { BitCounter, packAbove } from "../src/numerics/bits.js";
import type { Interval } from "../src/numerics/bootstrap.js";
import {
  basicInterval,
  bcaInterval,
  bootstrapWeights,
  jackknifeWeights,
  percentileInterval,
  studentInterval,
} from "../src/numerics/bootstrap.js";
import { normal, seededRandom } from "../src/numerics/random.js";
import type { Matrix, Random } from "../src/numerics/types.js";
import { chanceOf, compareMasks } from "../src/similarity/compare.js";
import { resampleCounts, resampledSimilarities } from "../src/similarity/intervals.js";
import { subtractNull } from "../src/similarity/nulls.js";

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

const find = (scores: Float32Array, n: number) => thresholds({ data: scores, n, c: k, h: side, w: side }, 0.1).values;
const given = layers(4000, seededRandom("given")).map((scores) => find(scores, 4000));
const bootstrap = bootstrapWeights(images, 400, seededRandom("bootstrap"));
const jackknife = jackknifeWeights(images);
const names = Array.from({ length: images }, (_, x) => `${x}`);

for (const mode of ["given", "own"]) {
  const estimates: number[] = [];
  const intervals: Record<string, Interval[]> = { percentile: [], basic: [], BCa: [], student: [] };
  for (let s = 0; s < studies; s++) {
    const random = seededRandom("study", s);
    const [a, b] = layers(images, random).map((scores, i) =>
      packAbove(scores, images, k, mode === "given" ? given[i]! : find(scores, images)),
    );
    const chance = chanceOf(names, { permutations: 40, bootstrap: 0 }, s);
    const { counts, nullDistribution, significance } = await compareMasks(counter, a!, b!, chance, engine);
    const run = async (w: Matrix) =>
      resampledSimilarities(counts, await resampleCounts(counts, w, engine)).map((v) =>
        subtractNull(v, nullDistribution.mean),
      );
    const values = await run(bootstrap);
    const estimate = significance.similarity;
    estimates.push(estimate);
    intervals.percentile!.push(percentileInterval(values));
    intervals.basic!.push(basicInterval(estimate, values));
    intervals.BCa!.push(bcaInterval(estimate, values, await run(jackknife)));
    intervals.student!.push(studentInterval(estimate, values, images));
  }
  const truth = estimates.reduce((sum, v) => sum + v, 0) / studies;
  console.log(`${images} images, ${studies} studies, thresholds ${mode}: mean S' ${truth.toFixed(4)}`);
  for (const [name, list] of Object.entries(intervals)) {
    const share = (f: (i: Interval) => boolean) => ((100 * list.filter(f).length) / studies).toFixed(1).padStart(5);
    console.log(
      `  ${name.padEnd(10)} covers ${share((i) => i.low <= truth && truth <= i.high)} %, too high ${share((i) => truth < i.low)} %, too low ${share((i) => truth > i.high)} %`,
    );
  }
}
await engine.dispose();
