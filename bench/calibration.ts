/**
 * Can intervals and p-values be believed? `npm run calibration` simulates studies with a known answer and writes bench/calibration.txt.
 *
 * A layer has 8 concepts on 10 x 10 cells: blobs of varying strength, absent from many images, that another layer shares by 100, 80, 60, 40, 30 and 0 %.
 * The answer to cover is the mean over the studies. "given": thresholds of a large sample, as they are; "own": each study finds its own, as users do;
 * "refits": concepts are also mined from few images (each map leaks a little into the others, otherwise in each study), four layers a study.
 */
import { writeFileSync } from "node:fs";
import { bandOf } from "../src/maps/masks.js";
import type { Thresholds } from "../src/maps/threshold.js";
import { thresholds } from "../src/maps/threshold.js";
import { createEngine } from "../src/node/engine.js";
import { BitCounter, packAbove } from "../src/numerics/bits.js";
import type { Interval } from "../src/numerics/bootstrap.js";
import { normal, seededRandom } from "../src/numerics/random.js";
import { mean, standardDeviation } from "../src/numerics/statistics.js";
import type { Random } from "../src/numerics/types.js";
import type { Chance, LayerMasks } from "../src/similarity/compare.js";
import { chanceOf, compareMasks, inBlocks } from "../src/similarity/compare.js";
import { estimateOf } from "../src/similarity/depthsummary.js";
import { intervalWithRefits } from "../src/similarity/estimate.js";
import { bestOfEach } from "../src/similarity/nulls.js";
import { refitVariances } from "../src/similarity/refits.js";
import type { BestCell } from "../src/similarity/shared.js";
import { conceptPartners, shareTrack } from "../src/similarity/shared.js";

const SHARE = [1, 0.8, 0.6, 0.4, 0.3, 0, 0, 0];
const NONE = SHARE.map(() => 0);
const side = 10;
const cells = side * side;
const k = SHARE.length;
const engine = createEngine();
const counter = new BitCounter();
const lines: string[] = [];
const say = (line: string) => {
  lines.push(line);
  console.log(line);
};

type Blob = readonly [level: number, x: number, y: number, size: number];
const draw = (random: Random): Blob => [
  Math.max(-0.5, normal(random)),
  random() * side,
  random() * side,
  1 + 2 * random(),
];

function blobInto(out: Float32Array, at: number, [level, x, y, size]: Blob, random: Random): void {
  for (let i = 0; i < cells; i++) {
    const d = ((i % side) - x) ** 2 + (Math.floor(i / side) - y) ** 2;
    out[at + i] = level * Math.exp(-d / (2 * size * size)) + 0.1 * normal(random);
  }
}

/** Maps n x k x 10 x 10 of several layers that share what `share` says with a common cause. */
function layersOf(count: number, n: number, share: readonly number[], random: Random): Float32Array[] {
  const out = Array.from({ length: count }, () => new Float32Array(n * k * cells));
  for (let p = 0; p < n * k; p++) {
    const part = share[p % k]!;
    const cause = draw(random);
    out.forEach((maps, layer) => {
      const off = layer === 0 ? 0 : 2 * (1 - part);
      const own = layer === 0 || random() < part;
      const [level, x, y, size] = own ? cause : draw(random);
      blobInto(maps, p * cells, [level, x + off * normal(random), y + off * normal(random), size], random);
    });
  }
  return out;
}

const find = (scores: Float32Array, n: number) => thresholds({ data: scores, n, c: k, h: side, w: side }, 0.1);
const chanceFor = (n: number, seed: number, permutations = 40): Chance =>
  chanceOf(
    Array.from({ length: n }, (_, x) => `${x}`),
    { permutations, bootstrap: 300 },
    seed,
  );

function masked(scores: Float32Array, n: number, chance: Chance, given?: Thresholds): LayerMasks {
  const found = given ?? find(scores, n);
  const masks = packAbove(scores, n, k, found.values);
  const band = bandOf({ data: scores, n, c: k, h: side, w: side }, found);
  return inBlocks(given ? { masks } : { masks, band, thresholds: found }, chance);
}

/** Share of intervals that hold the truth, the mean of the estimates. */
function coverage(estimates: readonly number[], intervals: readonly Interval[]): string {
  const truth = mean(estimates);
  const share = (f: (i: Interval) => boolean) => ((100 * intervals.filter(f).length) / intervals.length).toFixed(1);
  return `covers ${share((i) => i.low <= truth && truth <= i.high)} % (too high ${share((i) => truth < i.low)}, too low ${share((i) => truth > i.high)}), mean ${truth.toFixed(4)}, sd ${standardDeviation(estimates).toFixed(4)}`;
}

async function imagesAlone(n: number, studies: number): Promise<void> {
  const given = layersOf(2, 4000, SHARE, seededRandom("given")).map((scores) => find(scores, 4000));
  for (const mode of ["given", "own"] as const) {
    const estimates: number[] = [];
    const debiased: number[] = [];
    const intervals: Interval[] = [];
    for (let s = 0; s < studies; s++) {
      const chance = chanceFor(n, s);
      const [a, b] = layersOf(2, n, SHARE, seededRandom("study", s)).map((scores, i) =>
        masked(scores, n, chance, mode === "given" ? given[i] : undefined),
      );
      const found = await compareMasks(counter, a!, b!, chance, engine);
      estimates.push(found.significance.similarity);
      debiased.push(found.debiased);
      intervals.push(found.interval!);
    }
    say(
      `${n} images, ${studies} studies, thresholds ${mode}: ${coverage(estimates, intervals)}; debiased mean ${mean(debiased).toFixed(4)}`,
    );
  }
}

/** Every map leaks into the others of its layer. */
function leaking(maps: Float32Array, n: number, leak: Float64Array): Float32Array {
  const out = new Float32Array(maps.length);
  for (let x = 0; x < n; x++)
    for (let i = 0; i < k; i++)
      for (let j = 0; j < k; j++) {
        const w = leak[i * k + j]! + (i === j ? 1 : 0);
        for (let c = 0; c < cells; c++) out[(x * k + i) * cells + c]! += w * maps[(x * k + j) * cells + c]!;
      }
  return out;
}

async function withRefits(n: number, studies: number, size: number): Promise<void> {
  const estimates = new Map<string, number[]>();
  const both = new Map<string, Interval[]>();
  const alone = new Map<string, Interval[]>();
  for (let s = 0; s < studies; s++) {
    const random = seededRandom("refit study", s);
    const chance = chanceFor(n, s);
    const maps = layersOf(4, n, SHARE, random);
    const noise = () => Float64Array.from({ length: k * k }, () => size * normal(random));
    const fits = maps.map(noise);
    // a refit on resampled images strays from the fit as the fit does from the truth
    const refits = fits.map((f) => noise().map((v, i) => v + f[i]!));
    const main = maps.map((m, l) => masked(leaking(m, n, fits[l]!), n, chance));
    const again = maps.map((m, l) => masked(leaking(m, n, refits[l]!), n, chance));
    const rows = [];
    for (let a = 0; a < 4; a++)
      for (let b = a + 1; b < 4; b++) {
        const found = await compareMasks(counter, main[a]!, main[b]!, chance, engine, { a: again[a]!, b: again[b]! });
        rows.push({ a, b, found, value: found.significance.similarity, halves: found.refitHalves });
      }
    const variances = refitVariances(rows);
    rows.forEach(({ a, found, value }, i) => {
      // layers 1 to 3 are alike: one answer for the pairs with layer 0, one for those without
      const kind = a === 0 ? "first" : "others";
      const put = <T>(map: Map<string, T[]>, v: T) => map.set(kind, [...(map.get(kind) ?? []), v]);
      put(estimates, value);
      put(alone, found.interval!);
      put(both, intervalWithRefits(value, { samples: found.interval!.values, refits: variances[i]! }));
    });
  }
  for (const kind of estimates.keys()) {
    say(
      `${n} images, ${studies} studies, leak ${size}, pairs with ${kind}: images alone ${coverage(estimates.get(kind)!, alone.get(kind)!)}`,
    );
    say(
      `${n} images, ${studies} studies, leak ${size}, pairs with ${kind}: with refits  ${coverage(estimates.get(kind)!, both.get(kind)!)}`,
    );
  }
}

/** Concepts of two networks of three layers: this share of them has a partner in the other network, more or less alike, and no other has any. */
const PARTNERED = [1, 0, 0.5, 0, 0.35, 0, 0.25, 0];

/** Finding (1): share of concepts with a partner above what permuted images give, over all layers of the other network. */
async function partners(n: number, studies: number): Promise<void> {
  const estimates: number[] = [];
  const intervals: Interval[] = [];
  const nulls: number[] = [];
  for (let s = 0; s < studies; s++) {
    const chance = chanceFor(n, s, 100);
    const random = seededRandom("partners", n, s);
    const layers = [0, 1, 2].map(() => layersOf(2, n, PARTNERED, random).map((maps) => masked(maps, n, chance)));
    const cells: BestCell[] = [];
    for (const [i, [a]] of layers.entries())
      for (const [j, [, b]] of layers.entries()) {
        const { iou, ka, kb, nullDistribution, interval } = await compareMasks(counter, a!, b!, chance, engine);
        const best = bestOfEach(iou.corrected.data, ka, kb);
        cells.push({
          a: i,
          b: 3 + j,
          bestA: best.a,
          bestB: best.b,
          nullA: nullDistribution.bestA,
          nullB: nullDistribution.bestB,
          resampledA: interval!.bestA,
          resampledB: interval!.bestB,
        });
      }
    const both = [...conceptPartners(cells, [0, 1, 2], [3, 4, 5]), ...conceptPartners(cells, [3, 4, 5], [0, 1, 2])];
    const found = estimateOf(shareTrack(both), "images permuted");
    estimates.push(found.value);
    intervals.push(found);
    nulls.push(found.nullMean);
  }
  const planted = mean(PARTNERED.map((part) => (part > 0 ? 1 : 0)));
  const holds = intervals.filter((i) => i.low <= planted && planted <= i.high).length / studies;
  say(
    `${n} images, ${studies} studies, half of the concepts with a partner: ${coverage(estimates, intervals)}; ${(100 * holds).toFixed(1)} % hold ${planted}; by chance ${mean(nulls).toFixed(3)}; mean half width ${mean(intervals.map((i) => (i.high - i.low) / 2)).toFixed(4)}`,
  );
}

/** Kolmogorov-Smirnov distance from uniform, and its asymptotic p (Marsaglia's series); p-values on a grid of 1 / (1 + permutations) make it a little high. */
function kolmogorov(values: readonly number[]): { d: number; p: number } {
  const sorted = [...values].sort((x, y) => x - y);
  const n = sorted.length;
  const d = Math.max(...sorted.map((v, i) => Math.max((i + 1) / n - v, v - i / n)));
  const t = (Math.sqrt(n) + 0.12 + 0.11 / Math.sqrt(n)) * d;
  let p = 0;
  for (let j = 1; j <= 100; j++) p += 2 * (-1) ** (j - 1) * Math.exp(-2 * j * j * t * t);
  return { d, p: Math.min(1, Math.max(0, p)) };
}

async function uniform(n: number, repeats: number): Promise<void> {
  const values: number[] = [];
  const s: number[] = [];
  for (let r = 0; r < repeats; r++) {
    const chance = { ...chanceFor(n, r, 199), resampling: undefined };
    const [a, b] = layersOf(2, n, NONE, seededRandom("null study", r)).map((scores) => masked(scores, n, chance));
    const found = await compareMasks(counter, a!, b!, chance, engine);
    values.push(found.significance.p);
    s.push(found.significance.similarity);
  }
  const { d, p } = kolmogorov(values);
  const below = (level: number) => ((100 * values.filter((v) => v <= level).length) / repeats).toFixed(1);
  say(
    `independent maps, ${n} images, ${repeats} repeats: Kolmogorov-Smirnov distance ${d.toFixed(3)}, p = ${p.toFixed(3)}; ${below(0.05)} % at most 0.05, ${below(0.1)} % at most 0.10; mean S' ${mean(s).toFixed(4)}`,
  );
}

/** Parts named on the command line, or all; the file is written when all are run. */
const parts: Record<string, () => Promise<void>> = {
  async images() {
    say("Intervals of S', test images alone (95 % wanted; 93-97 % asked for):");
    for (const n of [32, 64, 128]) await imagesAlone(n, 600);
    await imagesAlone(1000, 200);
  },
  async refits() {
    say("Intervals with refits:");
    await withRefits(64, 200, 0.1);
    await withRefits(192, 200, 0.3);
  },
  async share() {
    say("Share of concepts with a partner in the other network, three layers each:");
    await partners(64, Number(process.env.STUDIES ?? 200));
  },
  async null() {
    say("p-values under a true null:");
    await uniform(48, 200);
  },
};
const asked = process.argv.slice(2);
for (const [name, run] of Object.entries(parts)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  await run();
  say("");
}
if (asked.length === 0) writeFileSync(new URL("./calibration.txt", import.meta.url), `${lines.join("\n").trim()}\n`);
await engine.dispose();
