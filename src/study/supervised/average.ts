import type { LabelledImage, LabelSet } from "../../dataset/labels/types.js";
import type { Rect } from "../../dataset/types.js";
import type { BitMasks } from "../../numerics/bits.js";
import { strideOf } from "../../numerics/bits.js";
import { iou } from "../../numerics/iou.js";
import { keyOf } from "../context.js";
import type { Desk } from "./desk.js";
import { kept } from "./desk.js";
import { meanMasks } from "./rows.js";

/**
 * The baseline that sees no image: each concept's average mask over the images to fit, cut where its set IoU with them is highest. Bits, 1 x k.
 * With f the share of images that have a cell, a cut gives I = n sum_{f > t} f and U = n (|f > t| + sum_{f <= t} f).
 */
export async function averageMasks(
  { env }: Desk,
  set: LabelSet,
  images: readonly LabelledImage[],
  frames: readonly Rect[],
  grid: number,
): Promise<BitMasks> {
  const k = set.concepts.length;
  const cells = grid * grid;
  const key = keyOf(
    env,
    "average",
    set.concepts,
    grid,
    frames,
    images.map((i) => [i.image.hash, i.hash]),
  );
  const file = await kept(env, key, async () => {
    const { inside, known } = await meanMasks(set, images, frames, grid);
    const share = inside.map((v, i) => (known[i]! > 0 ? v / known[i]! : 0));
    return { tensors: { share: { type: "float64", dims: [k, cells], data: share } }, metadata: {} };
  });
  const share = file.tensors.share!.data as Float64Array;
  const stride = strideOf(cells);
  const data = new Uint8Array(k * stride);
  for (let j = 0; j < k; j++) {
    const own = share.subarray(j * cells, (j + 1) * cells);
    const cut = bestCut(own);
    own.forEach((f, i) => {
      if (f >= cut) data[j * stride + (i >> 3)]! |= 1 << (i & 7);
    });
  }
  return { data, n: 1, k, cells, stride };
}

/** The value from which on cells are in. */
function bestCut(share: Float64Array): number {
  const sorted = share.slice().sort().reverse();
  const total = sorted.reduce((s, f) => s + f, 0);
  let both = 0;
  let best = 0;
  let cut = Number.POSITIVE_INFINITY;
  sorted.forEach((f, i) => {
    both += f;
    const value = iou(both, i + 1, total);
    if (f > 0 && value > best) {
      best = value;
      cut = f;
    }
  });
  return cut;
}
