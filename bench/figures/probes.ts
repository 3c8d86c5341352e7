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
import { timed } from "../figure.js";
import { writeNpy } from "../npy.js";
import { photographs } from "../rows.js";

const CONCEPTS = 10;
const LAYER = "FeatureExtractor/MobilenetV2/expanded_conv_14/ArithmeticOptimizer/AddOpsRewrite_add";
/** Seconds after which a peer that has not arrived is stopped; its row then understates the ratio. */
const LIMIT = 8;
/** The peers may stop a hair above our loss. */
const SLACK = 1 + 1e-4;

export const figure: Figure = {
  id: "probes",
  title: "Probes of ten concepts in one layer, to equal or lower loss",
  async *comparisons(context) {
    if (photographs().length === 0) return console.log("  no photographs: left out");
    const { shards, rows, channels } = await labelledRows(context);
    yield await comparison(context, shards, rows, channels, 1);
  },
};

async function comparison(
  context: BenchContext,
  shards: readonly ProbeShard[],
  rows: number,
  channels: number,
  cores: number,
): Promise<Comparison> {
  const engine = context.engine(cores);
  const fit = await fitProbes(shards, {}, engine);
  const target = fit.loss.reduce((s, v) => s + v, 0) * SLACK;
  const peer = context.peer("probes", cores);
  await peer.call("load", {
    rows: join(context.scratch, "rows.npy"),
    targets: join(context.scratch, "targets.npy"),
    alpha: [...fit.alpha],
  });
  const limit = context.quick ? 3 : LIMIT;
  const by = (name: string, optimizer: string, rate: number, batch: number): Contender =>
    peer.contender(name, "fit", { optimizer, rate, batch, lam: PROBE_DEFAULTS.lambda, target, limit });
  return {
    id: `probes-${cores}`,
    what: `${CONCEPTS} concepts on ${rows.toLocaleString("en")} x ${channels}, statistics and standardising included in ours`,
    cores,
    ours: {
      name: "samesight, L-BFGS whitened by the Gram matrix",
      run: async () => {
        let iterations = 0;
        const seconds = await timed(async () => {
          iterations = Math.max(...(await fitProbes(shards, {}, engine)).iterations);
        });
        return { seconds, notes: { loss: target / SLACK, iterations } };
      },
    },
    peers: [
      by("PyTorch Adam, all rows, 0.05", "adam", 0.05, 0),
      by("PyTorch Adam, batches of 2048, 0.005", "adam", 0.005, 2048),
      by("PyTorch SGD, batches of 2048, 1", "sgd", 1, 2048),
    ],
    target: 0.1,
    data: `${LAYER} of SSDLite-MobileNetV2 on 128 COCO photographs, the ten labelled concepts on most of them`,
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
      { set, taps: network.taps, rows: 1e9, images: chosen.length, seed: 0 },
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
