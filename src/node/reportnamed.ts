import type { TensorFile } from "../contract/safetensors.js";
import type { BitMasks } from "../numerics/bits.js";
import type { SupervisedResult } from "../study/supervise.js";
import type { StudyResult } from "../study.js";
import { exampleImages } from "./supervised.js";

/** Photographs a concept: those that show most of it, then those without it where most of it is predicted. */
const WITH = 4;
const WITHOUT = 2;

/** Places among the test images of the photographs on which named concepts are shown. */
export async function namedExamples(result: StudyResult, named: SupervisedResult): Promise<number[]> {
  const place = new Map(result.study.test.map((i, x) => [i.hash, x]));
  return (await exampleImages(named)).map((x) => place.get(named.images[x]!.hash)!);
}

/**
 * Blocks of the page: `named/labels` with `photos` k x 6 (places among `images`, -1 where there is none) and `bits` k x 6 x bytes, the labels there;
 * `named/<layer>` with the layer's predictions at the calibrated threshold as `bits`, and `ious` k x 6 of each with its label (NaN where both are empty).
 * Cells: `grid` x `grid` over the part of the photograph that all networks see, least significant bit first. `images`: places among the test images.
 */
export async function namedBlocks(
  result: StudyResult,
  named: SupervisedResult,
  images: readonly number[],
): Promise<Record<string, TensorFile>> {
  const page = new Map(images.map((x, i) => [result.study.test[x]!.hash, i]));
  const examples = (await exampleImages(named)).filter((x) => page.has(named.images[x]!.hash));
  const trained = result.study.networks.flatMap((n, i) => (n.twin ? [] : [i]));
  const layers = result.layers.flatMap(({ network, index }, at) => {
    const own = trained.indexOf(network);
    return own < 0 ? [] : [{ at, load: () => named.predictedBits(own, index, examples) }];
  });
  const labels = await named.labelBits(examples);
  const predicted = new Float64Array(examples.length * labels.k); // cells, summed over layers
  for (const { load } of layers) addAreas(predicted, await load());
  const areas = addAreas(new Float64Array(predicted.length), labels);
  const chosen = named.concepts.map((_, c) => {
    const most = (of: Float64Array, fits: (e: number) => boolean, count: number) =>
      [...examples.keys()]
        .filter((e) => of[e * labels.k + c]! > 0 && fits(e))
        .sort((p, q) => of[q * labels.k + c]! - of[p * labels.k + c]! || p - q)
        .slice(0, count);
    // one whose label is broken or only a crowd is neither with nor without
    const without = (e: number) => !named.labelled[examples[e]!]!.entries.some((entry) => entry.concept === c);
    return [...most(areas, () => true, WITH), ...most(predicted, without, WITHOUT)];
  });
  const places = WITH + WITHOUT;
  const photos = new Int32Array(chosen.length * places).fill(-1);
  chosen.forEach((own, c) => {
    photos.set(
      own.map((e) => page.get(named.images[examples[e]!]!.hash)!),
      c * places,
    );
  });
  const bytes = Math.ceil(labels.cells / 8);
  const bitsOf = (masks: BitMasks) => {
    const bits = new Uint8Array(chosen.length * places * bytes);
    chosen.forEach((own, c) => {
      own.forEach((e, p) => {
        bits.set(maskOf(masks, e, c).subarray(0, bytes), (c * places + p) * bytes);
      });
    });
    return { type: "uint8" as const, dims: [chosen.length, places, bytes], data: bits };
  };
  const metadata = { grid: String(named.grid), concepts: JSON.stringify(named.concepts) };
  const dims = [chosen.length, places];
  const blocks: Record<string, TensorFile> = {
    "named/labels": { tensors: { bits: bitsOf(labels), photos: { type: "int32", dims, data: photos } }, metadata },
  };
  for (const { at, load } of layers) {
    const masks = await load();
    const ious = new Float32Array(chosen.length * places).fill(Number.NaN);
    chosen.forEach((own, c) => {
      own.forEach((e, p) => {
        ious[c * places + p] = iou(maskOf(masks, e, c), maskOf(labels, e, c));
      });
    });
    blocks[`named/${at}`] = { tensors: { bits: bitsOf(masks), ious: { type: "float32", dims, data: ious } }, metadata };
  }
  return blocks;
}

const maskOf = ({ data, k, stride }: BitMasks, image: number, concept: number): Uint8Array =>
  data.subarray((image * k + concept) * stride, (image * k + concept + 1) * stride);

/** Cells of every mask, image by image, added to `areas` (n x k). */
function addAreas(areas: Float64Array, masks: BitMasks): Float64Array {
  for (let x = 0; x < masks.n; x++)
    for (let c = 0; c < masks.k; c++) for (const byte of maskOf(masks, x, c)) areas[x * masks.k + c]! += ones(byte);
  return areas;
}

/** Of two masks of one photograph; NaN where both are empty. */
function iou(a: Uint8Array, b: Uint8Array): number {
  let [both, either] = [0, 0];
  for (let i = 0; i < a.length; i++) {
    both += ones(a[i]! & b[i]!);
    either += ones(a[i]! | b[i]!);
  }
  return both / either;
}

function ones(byte: number): number {
  let n = 0;
  for (let b = byte; b !== 0; b &= b - 1) n++;
  return n;
}
