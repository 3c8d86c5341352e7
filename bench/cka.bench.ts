/**
 * Minibatch debiased CKA between 24 taps (24 to 672 channels) against numpy, one thread each: once with the formula pair by pair, once with numpy
 * given the same stacked algebra as ours. Times are noisy on a shared machine; the ratios are what counts.
 *
 *     npx tsx bench/cka.bench.ts [SAMPLES] [BATCH]
 */
import { execFileSync } from "node:child_process";
import { cpus } from "node:os";
import { createEngine } from "../src/node/engine.js";
import { createCkaStream } from "../src/numerics/ckastream.js";
import { normal, seededRandom } from "../src/numerics/random.js";

const WIDTHS = [
  24, 32, 48, 64, 96, 96, 128, 128, 160, 160, 192, 192, 256, 256, 256, 320, 320, 384, 384, 448, 480, 512, 576, 672,
];
const samples = Number(process.argv[2] ?? 12_800);
const size = Number(process.argv[3] ?? 256);
const engine = createEngine({ threads: 1 });
const random = seededRandom("bench");
const batch = WIDTHS.map((cols) => ({
  data: Float32Array.from({ length: size * cols }, () => normal(random)),
  rows: size,
  cols,
}));

async function ours(): Promise<number> {
  const stream = createCkaStream(engine, WIDTHS.length);
  await stream.add(batch);
  const start = performance.now();
  for (let at = 0; at < samples; at += size) await stream.add(batch);
  return (performance.now() - start) / 1000;
}
const numpy = (form: string) =>
  Number(
    execFileSync(
      "/usr/bin/python3",
      [new URL("cka_numpy.py", import.meta.url).pathname, `${samples}`, `${size}`, form],
      {
        env: { ...process.env, OPENBLAS_NUM_THREADS: "1", OMP_NUM_THREADS: "1" },
        encoding: "utf8",
      },
    ),
  );

const runs = { ours: [] as number[], formula: [] as number[], stacked: [] as number[] };
for (let repeat = 0; repeat < 3; repeat++) {
  runs.ours.push(await ours());
  runs.formula.push(numpy("formula"));
  runs.stacked.push(numpy("stacked"));
}
const best = Object.fromEntries(Object.entries(runs).map(([k, v]) => [k, Math.min(...v)])) as Record<
  keyof typeof runs,
  number
>;
process.stdout.write(
  `${cpus()[0]?.model}, ${samples} samples in batches of ${size}, ${WIDTHS.length} taps, one thread, best of 3\n` +
    `samesight ${best.ours.toFixed(2)} s, numpy by the formula ${best.formula.toFixed(2)} s (ratio ${(best.ours / best.formula).toFixed(2)}), ` +
    `numpy stacked ${best.stacked.toFixed(2)} s (ratio ${(best.ours / best.stacked).toFixed(2)})\n`,
);
await engine.dispose();
