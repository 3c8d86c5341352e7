import { sampledForwardOf } from "../../src/activations/forward.js";
import { rowsPerImage } from "../../src/activations/sample.js";
import { DEFAULTS } from "../../src/contract/defaults.js";
import { preprocess } from "../../src/dataset/preprocess.js";
import { readModel } from "../../src/model/read.js";
import { withSampledRows } from "../../src/model/rows.js";
import { withTaps } from "../../src/model/taps.js";
import { prepareNetwork } from "../../src/node/network.js";
import { sampleWithoutReplacement, seededRandom } from "../../src/numerics/random.js";
import type { BenchContext, Comparison, Contender, Figure } from "../figure.js";
import { timed } from "../figure.js";

const NETWORKS = ["ssdlite-mobilenetv2", "centernet-mobilenetv3", "nanodet"];
const RUNS = 20;
/** Photographs to mine from in a study of 128. */
const FIT_IMAGES = 77;
const TARGET = 1.15;

export const figure: Figure = {
  id: "tapping",
  title:
    "one pass that also gives 8 taps, whole (to compare on) or the cells that are sampled (to mine from), against the same pruned network with its last tensors alone",
  async *comparisons(context) {
    // a study runs one thread a worker
    for (const name of context.quick ? NETWORKS.slice(0, 1) : NETWORKS)
      for (const threads of [2, 1]) yield* compared(context, name, threads);
  },
};

async function* compared(context: BenchContext, name: string, threads: number): AsyncGenerator<Comparison> {
  const engine = context.engine(threads);
  const { tapped, taps, inputName, preprocessing } = await prepareNetwork(
    { source: `zoo:${name}`, layers: ["auto:8"] },
    name,
    engine,
  );
  const names = taps.map((t) => t.name);
  const nodes = (bytes: Uint8Array) => readModel(bytes, name).graph!.node.length;
  const without = (name: string) =>
    withTaps(
      tapped,
      names.filter((other) => other !== name),
    );
  const all = nodes(tapped);
  // taps without which nodes would be pruned: the ends of the graph
  const ends = names.filter((n) => nodes(without(n)) < all);
  const sampled = withSampledRows(tapped, taps);
  const [whole, rows, plain] = [
    await engine.compile(tapped),
    await engine.compile(sampled.bytes),
    await engine.compile(withTaps(tapped, ends)),
  ];
  const picture = {
    width: 640,
    height: 480,
    data: Uint8Array.from({ length: 640 * 480 * 3 }, (_, i) => (i * 7919) % 251),
  };
  const { input } = preprocess([picture], preprocessing);
  const feeds = { [inputName]: input };
  const forward = sampledForwardOf(rows, inputName, taps, sampled);
  const cells = taps.map(({ height, width }) =>
    sampleWithoutReplacement(
      height * width,
      rowsPerImage(DEFAULTS.rows, FIT_IMAGES, height * width),
      seededRandom("cells", height, width),
    ),
  );
  const megabytes = taps.reduce((sum, t) => sum + 4 * t.channels * t.height * t.width, 0) / 1e6;
  const suffix = threads === 1 ? "-1" : "";
  const common = {
    cores: threads,
    peers: [runs("onnxruntime, the same pruned network", () => plain.run(feeds, ends))],
    target: TARGET,
  };
  yield {
    ...common,
    id: `tapping-${name}${suffix}`,
    what: `${name}, ${names.length} taps, ${RUNS} images one by one`,
    data: `the plain network ends in ${ends.length} of the taps, ${all} nodes both; ${megabytes.toFixed(1)} MB of taps`,
    ours: runs("with taps", () => whole.run(feeds, names)),
  };
  yield {
    ...common,
    id: `sampling-${name}${suffix}`,
    what: `${name}, the sampled cells of ${names.length} taps, ${RUNS} images one by one`,
    data: `what mining runs: at most ${rowsPerImage(DEFAULTS.rows, FIT_IMAGES, Number.POSITIVE_INFINITY)} cells a tap (${DEFAULTS.rows} from ${FIT_IMAGES} photographs)`,
    ours: runs("with sampled cells", () => forward(input, cells)),
  };
  for (const kernel of [whole, rows, plain]) await kernel.release();
}

function runs(name: string, pass: () => Promise<unknown>): Contender {
  return {
    name,
    run: async () => ({
      seconds: await timed(async () => {
        for (let i = 0; i < RUNS; i++) await pass();
      }),
    }),
  };
}
