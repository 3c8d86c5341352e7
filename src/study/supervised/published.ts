import type { Net2vecImages } from "../../concepts/net2vec.js";
import { NET2VEC, trainNet2vec } from "../../concepts/net2vec.js";
import type { ProbeShard } from "../../concepts/proberows.js";
import { maskSums, onTensor } from "../../dataset/labels/grids.js";
import { seededRandom } from "../../numerics/random.js";
import type { Matrix, Tensor4 } from "../../numerics/types.js";
import { activationsOf } from "../look.js";
import type { Desk } from "./desk.js";
import type { FitRequest } from "./fit.js";
import { packInto } from "./truth.js";

/** Side of the masks that predictions are upsampled to: Broden's 113, rounded. */
const MASK_SIZE = 112;

/** T_c: each channel's upper .005 quantile over the sampled cells to fit (the value with at most that share above it). */
export function channelCuts(shards: readonly ProbeShard[]): Float32Array {
  const c = shards[0]!.rows.cols;
  const rows = shards.reduce((s, shard) => s + shard.rows.rows, 0);
  const column = new Float32Array(rows);
  return Float32Array.from({ length: c }, (_, i) => {
    let at = 0;
    for (const { rows: m } of shards) for (let r = 0; r < m.rows; r++) column[at++] = m.data[r * c + i]!;
    const sorted = column.slice().sort();
    return sorted[rows - 1 - Math.floor(NET2VEC.quantile * rows)]!;
  });
}

/** 1[a > T], a channel each; a new tensor. */
export function binarised(a: Tensor4, cut: Float32Array): Tensor4 {
  const cells = a.h * a.w;
  return { ...a, data: a.data.map((v, i) => (v > cut[Math.floor(i / cells) % a.c]! ? 1 : 0)) };
}

interface PackedImage {
  readonly x: Uint8Array;
  readonly masks: ReadonlyMap<number, { mask: Uint8Array; known: Uint8Array; share: number }>;
}

/** Every concept of one layer on the images that show it; binarised activations are kept as bits. */
export async function fitPublished(
  { env, context }: Desk,
  network: number,
  tap: number,
  cut: Float32Array,
  request: FitRequest,
): Promise<{ vectors: Matrix; loss: Float64Array }> {
  const { set, images, seed } = request;
  const k = set.concepts.length;
  const c = cut.length;
  const shown = images.filter((i) => i.entries.length > 0);
  const { height: h, width: w, name } = context.study.networks[network]!.taps[tap]!;
  const packed: PackedImage[] = [];
  for await (const sight of activationsOf(
    context,
    network,
    shown.map((i) => i.image),
  )) {
    const labelled = shown[sight.at]!;
    const masks = await set.open(labelled.image);
    const bits = new Uint8Array(Math.ceil((c * h * w) / 8));
    packInto(bits, 0, Uint8Array.from(binarised(sight.activations[tap]!, cut).data), c * h * w);
    const own = new Map(
      labelled.entries.map(({ concept }) => {
        const sums = maskSums(masks.mask(concept), masks.width, masks.height, masks.valid(concept));
        const { share, weight } = onTensor(sums, sight.geometry, { h: MASK_SIZE, w: MASK_SIZE });
        const mask = Uint8Array.from(share, (v) => (v >= 0.5 ? 1 : 0));
        const known = Uint8Array.from(weight, (v) => (v >= 0.5 ? 1 : 0));
        const area = known.reduce((s, v) => s + v, 0);
        return [concept, { mask, known, share: mask.reduce((s, v, i) => s + v * known[i]!, 0) / Math.max(1, area) }];
      }),
    );
    packed.push({ x: bits, masks: own });
  }
  const vectors: Matrix = { data: new Float32Array(k * c), rows: k, cols: c };
  const loss = new Float64Array(k);
  for (let j = 0; j < k; j++) {
    const some = packed.filter((p) => p.masks.has(j));
    const source: Net2vecImages = {
      n: some.length,
      c,
      h,
      w,
      size: MASK_SIZE,
      alpha: 1 - some.reduce((s, p) => s + p.masks.get(j)!.share, 0) / some.length,
      load(i, x, mask, known) {
        const own = some[i]!;
        for (let p = 0; p < x.length; p++) x[p] = (own.x[p >> 3]! >> (p & 7)) & 1;
        mask.set(own.masks.get(j)!.mask);
        known.set(own.masks.get(j)!.known);
      },
    };
    const found = await trainNet2vec(source, seededRandom(seed, "net2vec", name, set.concepts[j]!.name), env.engine);
    vectors.data.set(found.weights, j * c);
    loss[j] = found.loss;
  }
  return { vectors, loss };
}
