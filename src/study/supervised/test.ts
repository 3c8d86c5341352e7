import type { LabelledImage, LabelSet } from "../../dataset/labels/types.js";
import type { Rect } from "../../dataset/types.js";
import { keyOf } from "../context.js";
import { activationsOf } from "../look.js";
import type { Desk } from "./desk.js";
import { kept } from "./desk.js";
import type { LayerProbes } from "./fit.js";
import { Predictions } from "./predict.js";
import type { Truth } from "./truth.js";
import { bitsOf, truthOf } from "./truth.js";

/** Test images of one artifact. */
export const TEST_SHARD = 16;

export interface TestRequest {
  readonly set: LabelSet;
  readonly images: readonly LabelledImage[];
  /** The part of each image that all networks see. */
  readonly frames: readonly Rect[];
  readonly grid: number;
}

export interface TestShard {
  /** Place of the first image. */
  readonly first: number;
  readonly images: readonly LabelledImage[];
  readonly frames: readonly Rect[];
}

export function testShards({ images, frames }: TestRequest): TestShard[] {
  return Array.from({ length: Math.ceil(images.length / TEST_SHARD) }, (_, s) => {
    const [from, to] = [s * TEST_SHARD, (s + 1) * TEST_SHARD];
    return { first: from, images: images.slice(from, to), frames: frames.slice(from, to) };
  });
}

function identity({ set, grid }: TestRequest, shard: TestShard) {
  return [set.concepts, grid, shard.images.map((i) => [i.image.hash, i.hash]), shard.frames];
}

/** Labels of a shard on the evaluation grid. */
export async function truth({ env }: Desk, request: TestRequest, shard: TestShard): Promise<Truth> {
  const key = keyOf(env, "truth", identity(request, shard));
  const file = await kept(env, key, () => truthOf(request.set, shard.images, shard.frames, request.grid));
  const cells = request.grid ** 2;
  return { label: bitsOf(file, "label", cells), known: bitsOf(file, "known", cells) };
}

/** The same of all test images, shard by shard. */
export async function* truths(desk: Desk, request: TestRequest): AsyncGenerator<Truth> {
  for (const shard of testShards(request)) yield await truth(desk, request, shard);
}

/** Predictions of all layers of a network on a shard: `bits/<tap>` and `counts/<tap>`. */
export async function predictions(
  desk: Desk,
  network: number,
  layers: readonly LayerProbes[],
  request: TestRequest,
  shard: TestShard,
) {
  const { env, context } = desk;
  const key = keyOf(
    env,
    "predictions",
    layers.map((l) => l.key),
    identity(request, shard),
  );
  return kept(env, key, async () => {
    const made = new Predictions(layers, await truth(desk, request, shard), request.grid);
    const images = shard.images.map((i) => i.image);
    for await (const sight of activationsOf(context, network, images)) {
      await made.add(sight.at, sight, shard.frames[sight.at]!, env.engine);
      env.progress({
        stage: "predictions",
        what: context.study.networks[network]!.id,
        done: shard.first + sight.at + 1,
        total: request.images.length,
      });
    }
    return made.file();
  });
}
