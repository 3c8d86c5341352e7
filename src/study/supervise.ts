import type { ProbesConfig } from "../contract/probes.js";
import type {
  BridgeRow,
  ConceptLayerRow,
  ConceptPairRow,
  EmergenceRow,
  EmergenceTestRow,
  ProbeRow,
  SampleSizeRow,
} from "../contract/supervised.js";
import { commonFrame, geometry } from "../dataset/geometry.js";
import type { LabelledImage, LabelSet } from "../dataset/labels/types.js";
import type { ImageRef, Rect } from "../dataset/types.js";
import type { BitMasks } from "../numerics/bits.js";
import { bootstrapWeights } from "../numerics/bootstrap.js";
import { seededRandom } from "../numerics/random.js";
import type { Quality } from "../similarity/quality.js";
import { quality } from "../similarity/quality.js";
import type { Environment, Study, StudyNetwork } from "../study.js";
import { openContext } from "./context.js";
import { agreements } from "./supervised/agreements.js";
import { averageMasks } from "./supervised/average.js";
import { checkBackgrounds } from "./supervised/backgrounds.js";
import { NetworkTables, truthCounts } from "./supervised/counts.js";
import type { Desk } from "./supervised/desk.js";
import { emergenceRows, emergenceTestRows } from "./supervised/emergences.js";
import type { LayerProbes } from "./supervised/fit.js";
import { fitNetwork } from "./supervised/fit.js";
import type { Locations } from "./supervised/locations.js";
import { locate, NO_LOCATIONS } from "./supervised/locations.js";
import type { Measured } from "./supervised/presences.js";
import { measuredNetwork, probeRows } from "./supervised/presences.js";
import { sampleSizeRows } from "./supervised/sizes.js";
import type { TestRequest } from "./supervised/test.js";
import { predictions, TEST_SHARD, testShards, truth, truths } from "./supervised/test.js";
import { usableSet } from "./supervised/usable.js";
import { shuffledTwins } from "./twins.js";

/** Named concepts of a study: what is in its files, and what a page needs to show them. */
export interface SupervisedResult {
  /** Names, in the order of all masks. */
  readonly concepts: readonly string[];
  readonly refused: readonly { readonly concept: string; readonly why: string }[];
  /** The networks by name and their taps: layers in the order of `probes` of one concept. */
  readonly layers: readonly { readonly network: number; readonly index: number }[];
  readonly probes: readonly ProbeRow[];
  readonly pairs: readonly ConceptPairRow[];
  readonly conceptLayers: readonly ConceptLayerRow[];
  readonly emergence: readonly EmergenceRow[];
  readonly emergenceTests: readonly EmergenceTestRow[];
  readonly sampleSize: readonly SampleSizeRow[];
  readonly locations: Locations;
  /** Mined concepts beside these; added where both methods ran. */
  readonly bridge: readonly BridgeRow[];
  /** Per network and tap. */
  readonly vectors: readonly (readonly LayerProbes[])[];
  /** The usable labels. */
  readonly set: LabelSet;
  /** Images to fit with labels: what `locations` counts. */
  readonly fitImages: readonly ImageRef[];
  /** Test images with labels. */
  readonly images: readonly ImageRef[];
  readonly labelled: readonly LabelledImage[];
  readonly frames: readonly Rect[];
  /** Cells a side of all masks. */
  readonly grid: number;
  /** Labels of chosen test images (places in `images`), n x k; and predictions of a layer at the calibrated threshold. */
  readonly labelBits: (images: readonly number[]) => Promise<BitMasks>;
  readonly predictedBits: (network: number, index: number, images: readonly number[]) => Promise<BitMasks>;
}

/** Resamples of the test images: presence needs them, whatever the study asks for. */
const FEWEST_RESAMPLES = 100;

/**
 * The supervised method (METHOD.md 1.2): concepts that people labelled, learned in every layer of every network from the images to fit, tested on the
 * others, and compared across layers and networks. Throws SamesightError `exhausted` when no concept has enough images.
 */
export async function supervise(
  asked: Study,
  labels: LabelSet,
  probes: ProbesConfig,
  env: Environment,
): Promise<SupervisedResult> {
  const trained = asked.networks.filter((n) => !n.twin);
  const study = { ...asked, networks: trained };
  const isTest = new Set(study.test.map((i) => i.hash));
  const { set, refused } = usableSet(labels, (image) => isTest.has(image.hash));
  const twins = probes.shuffled ? await twinsOf(asked, env) : [];
  const context = openContext({ ...study, networks: [...trained, ...twins] }, env);
  const desk: Desk = { env, context };
  try {
    const known = new Map(set.images.map((i) => [i.image.hash, i]));
    const fit = labelled(study.fit, known);
    const test = labelled(study.test, known);
    const frameOf = ({ image }: LabelledImage) =>
      commonFrame(trained.map((n) => geometry(n.preprocessing, image.width, image.height)));
    const request: TestRequest = { set, images: test, frames: test.map(frameOf), grid: probes.grid };
    const learned: LayerProbes[][] = []; // per network and tap: k vectors, thresholds, best channels
    for (const n of context.study.networks.keys())
      learned.push(await fitNetwork(desk, n, { set, images: fit, probes, seed: study.config.seed }));
    const shards = testShards(request);
    const weights = bootstrapWeights(
      test.length,
      Math.max(FEWEST_RESAMPLES, study.config.similarity.bootstrap),
      seededRandom(study.config.seed, "bootstrap labels"),
      test.map((i) => i.image.group),
    );
    const score = (counts: Parameters<typeof quality>[0]): Promise<Quality> => quality(counts, weights, env.engine);
    const masks = await averageMasks(desk, set, fit, fit.map(frameOf), probes.grid);
    const { areas, fixed } = await truthCounts(masks, test.length, truths(desk, request));
    const average = await score(fixed);
    const measured: Measured[] = []; // per network: set IoU of every layer and concept, with resamples
    for (const [n, network] of context.study.networks.entries()) {
      const tables = new NetworkTables(test.length, network.taps.length, set.concepts.length);
      for (const shard of shards) tables.add(await predictions(desk, n, learned[n]!, request, shard), areas);
      measured.push(await measuredNetwork(network, learned[n]!, tables.counts, score));
    }
    const own = learned.slice(0, trained.length);
    const scored = probeRows(trained.length, measured, { set, fit, test, areas, probes, average });
    const rows =
      probes.backgrounds > 0
        ? await checkBackgrounds(desk, own, request, scored, { images: probes.backgrounds, seed: study.config.seed })
        : scored;
    const locations = probes.locations
      ? await locate(desk, [...trained.keys()], { set, images: fit, seed: study.config.seed })
      : NO_LOCATIONS;
    await context.rest(); // no network is run after this
    const { pairs, layers } = await agreements(
      desk,
      learned.slice(0, trained.length),
      request,
      rows,
      measured,
      weights,
    );
    return {
      concepts: set.concepts.map((c) => c.name),
      refused: refused.map(({ concept, why }) => ({ concept: concept.name, why })),
      layers: trained.flatMap((net, network) => net.taps.map((_, index) => ({ network, index }))),
      probes: rows,
      pairs,
      conceptLayers: layers,
      emergence: emergenceRows(trained.length, measured, set, rows),
      emergenceTests: emergenceTestRows(trained.length, measured, set, rows, study.config),
      sampleSize: sampleSizeRows(
        own,
        trained,
        set.concepts.map((c) => c.name),
      ),
      locations,
      bridge: [],
      vectors: learned.slice(0, trained.length),
      set,
      fitImages: fit.map((i) => i.image),
      images: test.map((i) => i.image),
      labelled: test,
      frames: request.frames,
      grid: probes.grid,
      labelBits: (images) =>
        picked(images, set.concepts.length, async (s) => (await truth(desk, request, shards[s]!)).label),
      predictedBits: (network, index, images) =>
        picked(images, set.concepts.length, async (s) => {
          const file = await predictions(desk, network, learned[network]!, request, shards[s]!);
          const t = file.tensors[`bits/${index}`]!;
          const [n, k, stride] = t.dims as [number, number, number];
          return { data: t.data as Uint8Array, n, k, cells: probes.grid ** 2, stride };
        }),
    };
  } finally {
    await context.rest();
  }

  /** Masks of some test images, in their order. */
  async function picked(
    images: readonly number[],
    k: number,
    load: (shard: number) => Promise<BitMasks>,
  ): Promise<BitMasks> {
    const size = TEST_SHARD;
    let out: BitMasks | undefined;
    const held = new Map<number, BitMasks>();
    for (const [to, x] of images.entries()) {
      const s = Math.floor(x / size);
      const masks = held.get(s) ?? (await load(s));
      held.set(s, masks);
      out ??= { ...masks, n: images.length, k, data: new Uint8Array(images.length * k * masks.stride) };
      const from = (x - s * size) * k * masks.stride;
      out.data.set(masks.data.subarray(from, from + k * masks.stride), to * k * masks.stride);
    }
    return out ?? { data: new Uint8Array(0), n: 0, k, cells: probes.grid ** 2, stride: 0 };
  }
}

/** One shuffled twin a network: the study's own, or made for this. */
async function twinsOf(asked: Study, env: Environment): Promise<StudyNetwork[]> {
  const own = asked.networks.filter((n) => n.twin?.seed === 1);
  if (own.length > 0) return own;
  const networks = asked.networks.filter((n) => !n.twin);
  return shuffledTwins({ ...asked, networks, config: { ...asked.config, twins: 1 } }, env);
}

function labelled(images: readonly ImageRef[], known: ReadonlyMap<string, LabelledImage>): LabelledImage[] {
  return images.flatMap((i) => known.get(i.hash) ?? []);
}
