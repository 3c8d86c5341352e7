import { gatherRowsInto, rowsPerImage } from "../../activations/sample.js";
import type { ProbeShard } from "../../concepts/proberows.js";
import { maskSums, onFrame, onTensor } from "../../dataset/labels/grids.js";
import type { ImageMasks, LabelledImage, LabelSet } from "../../dataset/labels/types.js";
import { samplePositions } from "../../dataset/positions.js";
import type { Rect } from "../../dataset/types.js";
import type { Tap } from "../../model/types.js";
import { seededRandom } from "../../numerics/random.js";
import type { Matrix } from "../../numerics/types.js";
import type { Sight } from "../look.js";

/** Cells of every tap in one image with their share of each concept: one shard a tap. */
export interface RowsRequest {
  readonly set: LabelSet;
  readonly taps: readonly Tap[];
  /** Rows over all images, a number a tap. */
  readonly rows: readonly number[];
  readonly images: number;
  readonly seed: number;
}

export async function shardsOf(
  request: RowsRequest,
  labelled: LabelledImage,
  { at, geometry, activations }: Sight,
): Promise<ProbeShard[]> {
  const { set, taps } = request;
  const masks = await set.open(labelled.image);
  const k = set.concepts.length;
  const sums = conceptSums(masks, labelled, k);
  return taps.map((tap, t) => {
    const a = activations[t]!;
    const most = rowsPerImage(request.rows[t]!, request.images, a.h * a.w);
    const positions = samplePositions(
      a.h,
      a.w,
      most,
      geometry,
      seededRandom(request.seed, "probe", labelled.image.hash, tap.name),
    );
    const rows: Matrix = { data: new Float32Array(positions.length * a.c), rows: positions.length, cols: a.c };
    gatherRowsInto(rows, 0, a, 0, positions);
    const targets = new Float32Array(positions.length * k);
    const weights = new Float32Array(positions.length * k);
    sums.forEach((sum, j) => {
      const { share, weight } = onTensor(sum, geometry, { h: a.h, w: a.w });
      positions.forEach((cell, r) => {
        targets[r * k + j] = share[cell]!;
        weights[r * k + j] = weight[cell]!;
      });
    });
    return { rows, targets, weights: oneForAll(weights, k), images: new Int32Array(positions.length).fill(at) };
  });
}

function conceptSums(masks: ImageMasks, labelled: LabelledImage, k: number) {
  const present = new Set(labelled.entries.map((e) => e.concept));
  const empty = new Uint8Array(masks.width * masks.height);
  let plain: ReturnType<typeof maskSums> | undefined;
  return Array.from({ length: k }, (_, j) => {
    const valid = masks.valid(j);
    if (present.has(j)) return maskSums(masks.mask(j), masks.width, masks.height, valid);
    if (valid) return maskSums(empty, masks.width, masks.height, valid);
    plain ??= maskSums(empty, masks.width, masks.height);
    return plain;
  });
}

/** r x k weights as r, where they are the same for all concepts. */
function oneForAll(weights: Float32Array, k: number): Float32Array {
  const rows = weights.length / k;
  for (let r = 0; r < rows; r++) for (let j = 1; j < k; j++) if (weights[r * k + j] !== weights[r * k]) return weights;
  return Float32Array.from({ length: rows }, (_, r) => weights[r * k]!);
}

/** Concepts' mean mask over the frames of the images, on grid x grid cells: share of images (by known area) in which a cell is labelled. k x cells. */
export async function meanMasks(
  set: LabelSet,
  images: readonly LabelledImage[],
  frames: readonly Rect[],
  grid: number,
): Promise<{ inside: Float64Array; known: Float64Array }> {
  const k = set.concepts.length;
  const inside = new Float64Array(k * grid * grid);
  const known = new Float64Array(k * grid * grid);
  for (const [x, labelled] of images.entries()) {
    const masks = await set.open(labelled.image);
    conceptSums(masks, labelled, k).forEach((sum, j) => {
      const { share, weight } = onFrame(sum, frames[x]!, { h: grid, w: grid });
      for (let i = 0; i < share.length; i++) {
        inside[j * share.length + i]! += share[i]! * weight[i]!;
        known[j * share.length + i]! += weight[i]!;
      }
    });
  }
  return { inside, known };
}
