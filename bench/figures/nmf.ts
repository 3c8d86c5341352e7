import { join } from "node:path";
import type { NmfFitOptions } from "../../src/concepts/nmf.js";
import { nmf } from "../../src/concepts/nmf.js";
import { DEFAULTS } from "../../src/contract/defaults.js";
import type { Engine } from "../../src/numerics/engine.js";
import { seededRandom } from "../../src/numerics/random.js";
import type { Matrix } from "../../src/numerics/types.js";
import type { BenchContext, Comparison, Contender, Figure, Run } from "../figure.js";
import { timed } from "../figure.js";
import { readNpy } from "../npy.js";

const SIZES = [
  { rows: 100_000, cols: 256, k: 16, sources: 24 },
  { rows: 300_000, cols: 512, k: 10, sources: 20 },
];

export const figure: Figure = {
  id: "nmf",
  title: "seconds until the objective that scikit-learn ends with is reached, its start and ours included",
  async *comparisons(context) {
    for (const size of SIZES) yield* ofSize(context, context.quick ? { ...size, rows: size.rows / 20 } : size);
  },
};

async function* ofSize(
  context: BenchContext,
  { rows, cols, k, sources }: (typeof SIZES)[number],
): AsyncGenerator<Comparison> {
  const file = join(context.scratch, `${cols}.npy`);
  const { zeros } = await context.peer("nmf", 2).call<{ zeros: number }>("planted", { file, rows, cols, sources });
  const { data } = readNpy(file);
  const v: Matrix = { data, rows, cols };
  const about = `${sources} planted sparse sources, noise of half their spread, clipped at 0: ${(100 * zeros).toFixed(0)} % zeros`;
  const what = `NMF of ${rows.toLocaleString("en")} x ${cols}, k = ${k}`;
  for (const cores of [2, 1]) {
    // each kind in its own comparison, so that the quick one is not paced by the slow one
    for (const [name, call, target] of [
      ["scikit-learn NMF", "fit", 0.2],
      ["scikit-learn MiniBatchNMF", "minibatch", 1],
    ] as const) {
      if (cores === 1 && call === "minibatch") continue;
      const peer = context.peer("nmf", cores);
      await peer.call("load", { file });
      const reference = peer.contender(name, call, { k });
      const { notes } = await reference.run();
      yield {
        id: `nmf-${rows}x${cols}-${call}-${cores}`,
        what: `${what}, to the objective of ${name}`,
        data: about,
        cores,
        ours: ours(context.engine(cores), v, k, notes!.objective as number),
        peers: [reference],
        target,
        warmup: call === "minibatch",
      };
    }
  }
}

function ours(engine: Engine, rows: Matrix, k: number, target: number): Contender {
  const run = async (): Promise<Run> => {
    const options: NmfFitOptions = {
      k,
      engine,
      random: seededRandom("bench"),
      tolerance: 0,
      maxIterations: DEFAULTS.maxIterations,
      target,
    };
    let fit: Awaited<ReturnType<typeof nmf.fit>> | undefined;
    const seconds = await timed(async () => {
      fit = await nmf.fit(rows, options);
    });
    if (fit!.objective > target * (1 + 1e-6)) throw new Error(`objective ${fit!.objective} does not reach ${target}`);
    return { seconds, notes: { objective: fit!.objective, passes: fit!.iterations } };
  };
  return { name: "samesight", run };
}
