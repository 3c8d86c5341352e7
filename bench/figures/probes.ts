import { join } from "node:path";
import { forwardOf } from "../../src/activations/forward.js";
import { fitProbes, PROBE_DEFAULTS } from "../../src/concepts/probe.js";
import type { ProbeShard } from "../../src/concepts/proberows.js";
import { labelsSchema } from "../../src/contract/labels.js";
import { coverageOf } from "../../src/dataset/labels/coverage.js";
import { preprocess } from "../../src/dataset/preprocess.js";
import { decodePicture, listImages } from "../../src/node/images.js";
import { openLabels } from "../../src/node/labels/open.js";
import { prepareNetwork } from "../../src/node/network.js";
import { shardsOf } from "../../src/study/supervised/rows.js";
import type { BenchContext, Comparison, Contender, Figure } from "../figure.js";
import { writeNpy } from "../npy.js";
import type { Peer } from "../peer.js";
import { photographs } from "../rows.js";

const CONCEPTS = 10;
const LAYER = "FeatureExtractor/MobilenetV2/expanded_conv_14/ArithmeticOptimizer/AddOpsRewrite_add";
/** Seconds after which a peer that has not arrived is stopped; its row then understates the ratio. */
const LIMIT = 8;
/** Both sides stop at the first look at which the loss, summed over the concepts, is at most so much above the optimum. */
const GAP = 1e-4;
/** Of ours: what reaches the gap, with room (the notes give the loss it ends with). */
const TOLERANCE = 1e-5;

export const figure: Figure = {
  id: "probes",
  title: "Probes of ten concepts in one layer, to equal or lower loss",
  async *comparisons(context) {
    if (photographs().length === 0) return console.log("  no photographs: left out");
    const { shards, rows, channels } = await labelledRows(context);
    yield* comparisons(context, shards, rows, channels, 1);
  },
};

async function* comparisons(
  context: BenchContext,
  shards: readonly ProbeShard[],
  rows: number,
  channels: number,
  cores: number,
): AsyncGenerator<Comparison> {
  const engine = context.engine(cores);
  const summed = (loss: Float64Array) => loss.reduce((s, v) => s + v, 0);
  const optimum = await fitProbes(shards, { tolerance: 1e-9 }, engine);
  const target = summed(optimum.loss) * (1 + GAP);
  const arrays = {
    rows: join(context.scratch, "rows.npy"),
    targets: join(context.scratch, "targets.npy"),
    alpha: [...optimum.alpha],
  };
  const limit = context.quick ? 3 : LIMIT;
  const by = (peer: Peer, title: string, name: string, rate: number, batch: number, decay = false): Contender =>
    peer.contender(title, "fit", { name, rate, batch, decay, lam: PROBE_DEFAULTS.lambda, target, limit });
  const base = {
    cores,
    ours: {
      name: "samesight, L-BFGS whitened by the Gram matrix",
      run: async () => {
        const start = performance.now();
        const { loss, iterations } = await fitProbes(shards, { tolerance: TOLERANCE }, engine);
        const seconds = (performance.now() - start) / 1000;
        if (summed(loss) > target) throw new Error(`ours ends at ${summed(loss)}, above the target ${target}`);
        return { seconds, notes: { loss: summed(loss), iterations: Math.max(...iterations) } };
      },
    },
    data: `${LAYER} of SSDLite-MobileNetV2 on 128 COCO photographs, the ten labelled concepts on most of them; statistics and standardising on both sides; PyTorch's rates are the best of a grid`,
  };
  const what = `${CONCEPTS} concepts on ${rows.toLocaleString("en")} x ${channels}`;
  let peer = context.peer("probes", cores);
  await peer.call("load", arrays);
  yield {
    ...base,
    id: `probes-${cores}`,
    what: `${what}, against PyTorch's SGD and Adam`,
    peers: [
      by(peer, "PyTorch Adam, all rows, 0.1", "adam", 0.1, 0),
      by(peer, "PyTorch SGD, momentum .9, all rows, 4", "sgd", 4, 0),
      by(peer, "PyTorch Adam, batches of 800, 0.1 decaying", "adam", 0.1, 800, true),
      by(peer, "PyTorch SGD, momentum .9, batches of 800, 3 decaying", "sgd", 3, 800, true),
    ],
    target: 0.1,
  };
  peer = context.peer("probes", cores); // the driver has ended the first
  await peer.call("load", arrays);
  yield {
    ...base,
    id: `probes-lbfgs-${cores}`,
    what: `${what}, against PyTorch's L-BFGS`,
    peers: [by(peer, "PyTorch L-BFGS, strong Wolfe", "lbfgs", 1, 0)],
  };
}

async function labelledRows(context: BenchContext) {
  const root = photographs()[0]!.replace(/images.*/, "");
  const images = (await Promise.all(["train2017", "val2017"].map((s) => listImages(join(root, "images", s))))).flatMap(
    (l) => l.images,
  );
  const every = await openLabels(labelsSchema.parse({ path: join(root, "semantic") }), images);
  const top = coverageOf(every)
    .sort((a, b) => b.usable.fit - a.usable.fit)
    .slice(0, CONCEPTS)
    .map((c) => c.name);
  const set = await openLabels(labelsSchema.parse({ path: join(root, "semantic"), concepts: top }), images);
  const chosen = set.images.slice(0, context.quick ? 24 : 128);
  const engine = context.engine(2);
  const network = await prepareNetwork({ source: "zoo:ssdlite-mobilenetv2", layers: [LAYER] }, "bench", engine);
  const forward = forwardOf(await engine.compile(network.tapped), network.inputName, network.taps);
  const shards: ProbeShard[] = [];
  for (const [at, labelled] of chosen.entries()) {
    const { input, geometries } = preprocess([await decodePicture(labelled.image)], network.preprocessing);
    const sight = {
      network: 0,
      at,
      image: labelled.image,
      geometry: geometries[0]!,
      activations: await forward(input),
    };
    const [shard] = await shardsOf(
      { set, taps: network.taps, rows: [1e9], images: chosen.length, seed: 0 },
      labelled,
      sight,
    );
    // rows of equal weight, as the peers have them
    shards.push({ rows: shard!.rows, targets: shard!.targets, images: shard!.images });
  }
  const rows = shards.reduce((s, shard) => s + shard.rows.rows, 0);
  const channels = network.taps[0]!.channels;
  const joined = (part: (s: ProbeShard) => Float32Array) => {
    const out = new Float32Array(shards.reduce((s, shard) => s + part(shard).length, 0));
    let to = 0;
    for (const shard of shards) {
      out.set(part(shard), to);
      to += part(shard).length;
    }
    return out;
  };
  writeNpy(
    join(context.scratch, "rows.npy"),
    joined((s) => s.rows.data),
    [rows, channels],
  );
  writeNpy(
    join(context.scratch, "targets.npy"),
    joined((s) => s.targets),
    [rows, CONCEPTS],
  );
  return { shards, rows, channels };
}
