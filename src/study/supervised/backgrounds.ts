import type { ProbeRow } from "../../contract/supervised.js";
import type { LabelledImage } from "../../dataset/labels/types.js";
import type { ImageRef, Picture, Rect } from "../../dataset/types.js";
import { bootstrapWeights, percentileInterval } from "../../numerics/bootstrap.js";
import { iou } from "../../numerics/iou.js";
import { below, permutation, seededRandom } from "../../numerics/random.js";
import type { Matrix } from "../../numerics/types.js";
import { look } from "../look.js";
import type { Desk } from "./desk.js";
import type { LayerProbes } from "./fit.js";
import { logit, scoresOnFrame } from "./predict.js";
import { value } from "./presences.js";
import { binarised } from "./published.js";
import type { TestRequest } from "./test.js";
import { truthOf } from "./truth.js";

/** Shares of the image that a region to paste may cover: large enough to be seen, small enough for a background to be around it. */
const AREA = { least: 0.02, most: 0.6 } as const;
/** A concept is lost on other backgrounds when less than this share of its set IoU is left. */
const LEFT = 0.5;
const FEWEST = 3;
const RESAMPLES = 200;

interface Pasted {
  readonly labelled: LabelledImage;
  readonly frame: Rect;
  /** A photograph without the concept. */
  readonly onto: LabelledImage;
}

/**
 * Does a concept's vector lean on the usual background (arXiv 2504.08602, METHOD.md 1.2.3)? The labelled regions of test images are pasted on test images
 * without the concept, and set IoU (at the calibrated threshold) is measured again. Fills the background columns of `rows`.
 */
export async function checkBackgrounds(
  desk: Desk,
  learned: readonly (readonly LayerProbes[])[],
  request: TestRequest,
  rows: readonly ProbeRow[],
  options: { readonly images: number; readonly seed: number },
): Promise<ProbeRow[]> {
  const k = request.set.concepts.length;
  const out = [...rows];
  for (let j = 0; j < k; j++) {
    const pasted = chosen(request, j, options);
    if (pasted.length < FEWEST) continue;
    const weights = bootstrapWeights(pasted.length, RESAMPLES, seededRandom(options.seed, "backgrounds", j));
    let first = 0;
    for (const [n, layers] of learned.entries()) {
      const there = await countsOf(desk, n, layers, request, j, pasted, true);
      const here = await countsOf(desk, n, layers, request, j, pasted, false);
      for (let t = 0; t < layers.length; t++) {
        const at = (first + t) * k + j;
        out[at] = { ...out[at]!, ...judged(there[t]!, here[t]!, weights) };
      }
      first += layers.length;
      desk.env.progress({
        stage: "backgrounds",
        what: request.set.concepts[j]!.name,
        done: n + 1,
        total: learned.length,
      });
    }
  }
  return out;
}

function chosen(
  { set, images, frames }: TestRequest,
  j: number,
  { images: most, seed }: { images: number; seed: number },
): Pasted[] {
  const random = seededRandom(seed, "backgrounds", set.concepts[j]!.name);
  const entry = (i: LabelledImage) => i.entries.find((e) => e.concept === j);
  const without = images.filter((i) => !entry(i));
  if (without.length === 0) return [];
  return Array.from(permutation(images.length, random))
    .flatMap((x) => {
      const area = entry(images[x]!)?.area ?? 0;
      if (area < AREA.least || area > AREA.most) return [];
      return [{ labelled: images[x]!, frame: frames[x]!, onto: without[below(without.length, random)]! }];
    })
    .slice(0, most);
}

/** Per layer a row an image: cells in prediction and label, predicted, labelled. */
async function countsOf(
  { env, context }: Desk,
  network: number,
  layers: readonly LayerProbes[],
  { set, grid }: TestRequest,
  j: number,
  pasted: readonly Pasted[],
  paste: boolean,
): Promise<number[][][]> {
  const out: number[][][] = layers.map(() => []);
  const byId = new Map<string, Pasted>(pasted.map((p) => [p.labelled.image.id, p]));
  const decode = async (image: ImageRef): Promise<Picture> => {
    const { labelled, onto } = byId.get(image.id)!;
    const picture = await env.decode(image);
    if (!paste) return picture;
    return composed(picture, (await set.open(labelled.image)).mask(j), await env.decode(onto.image));
  };
  const images = pasted.map((p) => p.labelled.image);
  for await (const sight of look({ ...context, decode }, [network], images)) {
    const { labelled, frame } = pasted[sight.at]!;
    const truth = (await truthOf(set, [labelled], [frame], grid)).tensors;
    const [label, known] = [truth.label!, truth.known!].map((t) => t.data as Uint8Array) as [Uint8Array, Uint8Array];
    const from = j * truth.label!.dims[2]!;
    for (const [t, layer] of layers.entries()) {
      const c = layer.vectors.cols;
      const vector: Matrix = { data: layer.vectors.data.subarray(j * c, (j + 1) * c), rows: 1, cols: c };
      const raw = sight.activations[t]!;
      const a = layer.cut.length > 0 ? binarised(raw, layer.cut) : raw;
      const scores = await scoresOnFrame(a, vector, [layer.bias[j]!], sight.geometry, frame, grid, env.engine);
      const cut = logit(layer.threshold[j]!);
      const counts = [0, 0, 0];
      for (let i = 0; i < scores.length; i++) {
        const byte = from + (i >> 3);
        const bit = 1 << (i & 7);
        if (!(known[byte]! & bit)) continue;
        const is = label[byte]! & bit ? 1 : 0;
        counts[2]! += is;
        if (!(scores[i]! > cut)) continue;
        counts[1]!++;
        counts[0]! += is;
      }
      out[t]!.push(counts);
    }
  }
  return out;
}

/** The masked pixels of `picture` on `background`, stretched to its size (nearest pixels). */
export function composed(picture: Picture, mask: Uint8Array, background: Picture): Picture {
  const { width, height } = picture;
  const data = new Uint8Array(width * height * 3);
  for (let y = 0, i = 0; y < height; y++) {
    const row = Math.floor(((y + 0.5) * background.height) / height) * background.width;
    for (let x = 0; x < width; x++, i++) {
      const other = row + Math.floor(((x + 0.5) * background.width) / width);
      const [source, at] = mask[i] ? [picture.data, i] : [background.data, other];
      for (let c = 0; c < 3; c++) data[i * 3 + c] = source[at * 3 + c]!;
    }
  }
  return { width, height, data };
}

/** Flagged when the 97.5 % bound of (set IoU there - half of that at home) is below 0. */
function judged(there: readonly number[][], here: readonly number[][], weights: Matrix) {
  const score = (table: readonly number[][], weight: (x: number) => number) => {
    const sums = [0, 0, 0];
    table.forEach((row, x) => {
      for (let c = 0; c < 3; c++) sums[c]! += weight(x) * row[c]!;
    });
    return iou(sums[0]!, sums[1]!, sums[2]!);
  };
  const differences = Array.from({ length: weights.rows }, (_, r) => {
    const weight = (x: number) => weights.data[r * weights.cols + x]!;
    return score(there, weight) - LEFT * score(here, weight);
  });
  const all = () => 1;
  return {
    background_iou: value(score(there, all)),
    background_reference: value(score(here, all)),
    background_flag: percentileInterval(differences).high < 0,
  };
}
