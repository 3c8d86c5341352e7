import { join } from "node:path";
import type { z } from "zod";
import type { StudyConfig } from "../contract/config.js";
import { CONCEPT_NEEDS } from "../contract/defaults.js";
import { locationImageRowSchema, locationPairRowSchema, locationRowSchema } from "../contract/locations.js";
import { writeSafetensors } from "../contract/safetensors.js";
import {
  bridgeRowSchema,
  conceptLayerRowSchema,
  conceptPairRowSchema,
  emergenceRowSchema,
  emergenceTestRowSchema,
  probeRowSchema,
  sampleSizeRowSchema,
} from "../contract/supervised.js";
import { usableOn } from "../dataset/labels/coverage.js";
import type { LabelSet } from "../dataset/labels/types.js";
import type { Split } from "../dataset/split.js";
import { splitImages } from "../dataset/split.js";
import { stratifiedSplit } from "../dataset/stratify.js";
import type { ImageRef } from "../dataset/types.js";
import type { TensorValue } from "../numerics/engine.js";
import { seededRandom } from "../numerics/random.js";
import type { SupervisedResult } from "../study/supervise.js";
import type { LayerLocations } from "../study/supervised/gathered.js";
import type { Study } from "../study.js";
import { openLabels } from "./labels/open.js";
import { writeAtomic } from "./store.js";
import { writeTable } from "./tables.js";
import type { FetchOptions } from "./zoo/fetch.js";

/** Examples of each concept whose masks are written. */
const EXAMPLES = 4;

/** The labels a study names; undefined where it names none. */
export async function studyLabels(
  config: StudyConfig,
  images: readonly ImageRef[],
  progress: (event: { stage: string; what: string; done: number; total: number }) => void,
  options: FetchOptions = {},
): Promise<LabelSet | undefined> {
  if (!config.labels) return undefined;
  return openLabels(config.labels, images, {
    ...options,
    progress: (done, total) => progress({ stage: "labels", what: "masks", done, total }),
  });
}

/** Photographs of one folder to fit and to test; where people labelled them, so that each concept falls on both sides. */
export async function splitOf(config: StudyConfig, images: readonly ImageRef[], options: FetchOptions): Promise<Split> {
  const random = seededRandom(config.seed, "split");
  // what a network would have to label first is split by chance
  const byPeople = config.labels && ![config.labels.path].flat().some((p) => p.startsWith("zoo:"));
  if (!byPeople) return splitImages(images, config.fitFraction, random);
  const labels = await studyLabels(config, images, () => undefined, options);
  const shown = new Map(
    labels!.images.map((i) => [i.image.hash, i.entries.filter((e) => usableOn(e)).map((e) => e.concept)]),
  );
  return stratifiedSplit(images, config.fitFraction, (image) => shown.get(image.hash) ?? [], random, CONCEPT_NEEDS);
}

/** What stands in run.json's warnings about the labels. */
export function labelWarnings(labels: LabelSet, result: SupervisedResult): string[] {
  const few = result.refused.slice(0, 5).map(({ concept, why }) => `${concept} (${why})`);
  const more = result.refused.length > few.length ? ` and ${result.refused.length - few.length} more` : "";
  const { teacher, licence } = labels.source;
  return [
    ...(teacher
      ? [`masks of named concepts were drawn by ${teacher} (${licence}), not by people: a good probe sees what it sees`]
      : []),
    ...(labels.problems.length > 0
      ? [
          `${labels.problems.length} labels are broken and left out, the first: ${labels.problems[0]!.where}: ${labels.problems[0]!.what}`,
        ]
      : []),
    ...(labels.unlabelled.length > 0 ? [`${labels.unlabelled.length} images have no labels and teach no concept`] : []),
    ...(few.length > 0
      ? [`${result.refused.length} labelled concepts have too few images: ${few.join(", ")}${more}`]
      : []),
  ];
}

/** Tables of the supervised method by name, as the report takes them. */
export function supervisedTables(result: SupervisedResult) {
  return {
    probes: result.probes,
    concept_pairs: result.pairs,
    concept_layers: result.conceptLayers,
    emergence: result.emergence,
    emergence_tests: result.emergenceTests,
    sample_size: result.sampleSize,
    locations: result.locations.rows,
    location_pairs: result.locations.pairs,
    location_images: result.locations.images,
    bridge: result.bridge,
  };
}

const SCHEMAS: Record<keyof ReturnType<typeof supervisedTables>, z.ZodObject> = {
  probes: probeRowSchema,
  concept_pairs: conceptPairRowSchema,
  concept_layers: conceptLayerRowSchema,
  emergence: emergenceRowSchema,
  emergence_tests: emergenceTestRowSchema,
  sample_size: sampleSizeRowSchema,
  locations: locationRowSchema,
  location_pairs: locationPairRowSchema,
  location_images: locationImageRowSchema,
  bridge: bridgeRowSchema,
};

/** Writes the tables, each as CSV and Parquet, and masks of example images. A table without rows has no file. */
export async function writeSupervised(
  dir: string,
  study: Study,
  result: SupervisedResult,
  fileName: (id: string) => string,
): Promise<void> {
  const tables = Object.entries(supervisedTables(result)).filter(([, rows]) => rows.length > 0);
  await Promise.all(tables.map(([name, rows]) => writeTable(dir, name, SCHEMAS[name as keyof typeof SCHEMAS], rows)));
  const images = await exampleImages(result);
  const metadata = {
    grid: `${result.grid}x${result.grid}`,
    images: JSON.stringify(images.map((x) => result.images[x]!.id)),
    frames: JSON.stringify(images.map((x) => result.frames[x]!)),
    concepts: JSON.stringify(result.concepts),
  };
  const tensor = (bits: Awaited<ReturnType<SupervisedResult["labelBits"]>>): TensorValue => ({
    type: "uint8",
    dims: [bits.n, bits.k, bits.stride],
    data: bits.data,
  });
  await writeAtomic(join(dir, "masks", "labels.safetensors"), [
    writeSafetensors({ labels: tensor(await result.labelBits(images)) }, metadata),
  ]);
  const trained = study.networks.filter((n) => !n.twin);
  for (const [n, network] of trained.entries()) {
    const tensors: Record<string, TensorValue> = {};
    for (const [t, tap] of network.taps.entries()) tensors[tap.name] = tensor(await result.predictedBits(n, t, images));
    await writeAtomic(join(dir, "masks", `${fileName(network.id)}.safetensors`), [writeSafetensors(tensors, metadata)]);
  }
}

/**
 * What people named in a network's layers, as tensors beside its mined vectors: `<layer>/<method>` k x c and `<layer>/<method>/bias` k of the probes; with local concept
 * embeddings also `<layer>/loce` n x c, one a photograph and concept, `<layer>/loce/bias` n, `<layer>/loce/concept` and `<layer>/loce/image` n (places in the metadata's
 * `concepts` and `fit_images`), `<layer>/loce/deviation` c.
 */
export function probeTensors(
  network: number,
  taps: Study["networks"][number]["taps"],
  result: SupervisedResult,
  method: string,
): Record<string, TensorValue> {
  const tensors: Record<string, TensorValue> = {};
  for (const [t, tap] of taps.entries()) {
    const { vectors, bias } = result.vectors[network]![t]!;
    tensors[`${tap.name}/${method}`] = { type: "float32", dims: [vectors.rows, vectors.cols], data: vectors.data };
    tensors[`${tap.name}/${method}/bias`] = { type: "float32", dims: [bias.length], data: Float32Array.from(bias) };
    const local = result.locations.vectors[network]?.[t];
    if (local) Object.assign(tensors, locationTensors(`${tap.name}/loce`, local));
  }
  return tensors;
}

/** What the places in the tensors of named concepts mean. */
export function vectorsMetadata(result: SupervisedResult): Record<string, string> {
  const { vectors } = result.locations;
  return {
    concepts: JSON.stringify(result.concepts),
    ...(vectors.length > 0 ? { fit_images: JSON.stringify(result.fitImages.map((i) => i.id)) } : {}),
  };
}

function locationTensors(name: string, local: LayerLocations): Record<string, TensorValue> {
  const { vectors, bias, concept, image, deviation } = local;
  return {
    [name]: { type: "float32", dims: [vectors.rows, vectors.cols], data: vectors.data },
    [`${name}/bias`]: { type: "float32", dims: [bias.length], data: bias },
    [`${name}/concept`]: { type: "int32", dims: [concept.length], data: concept },
    [`${name}/image`]: { type: "int32", dims: [image.length], data: image },
    [`${name}/deviation`]: { type: "float32", dims: [deviation.length], data: deviation },
  };
}

/** For each concept the test images that show most of it; each image once, ascending. */
export async function exampleImages(result: SupervisedResult): Promise<number[]> {
  const k = result.concepts.length;
  const areas: number[][] = result.concepts.map(() => []);
  for (let x = 0; x < result.images.length; x++) {
    const { data, stride } = await result.labelBits([x]);
    for (let j = 0; j < k; j++) {
      let area = 0;
      for (let i = j * stride; i < (j + 1) * stride; i++) for (let b = data[i]!; b !== 0; b &= b - 1) area++;
      areas[j]!.push(area);
    }
  }
  const chosen = areas.flatMap((own) =>
    [...own.keys()]
      .filter((x) => own[x]! > 0)
      .sort((a, b) => own[b]! - own[a]! || a - b)
      .slice(0, EXAMPLES),
  );
  return [...new Set(chosen)].sort((a, b) => a - b);
}
