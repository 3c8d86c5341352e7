import { geometry } from "../dataset/geometry.js";
import { mapConcurrent } from "../dataset/prefetch.js";
import { preprocess } from "../dataset/preprocess.js";
import type { Geometry, ImageRef } from "../dataset/types.js";
import type { TensorValue } from "../numerics/engine.js";
import type { Tensor4 } from "../numerics/types.js";
import type { Context } from "./context.js";

/** What a network makes of one image: all its taps, 1 x c x h x w each. */
export interface Sight {
  readonly network: number;
  /** Place in the list of images. */
  readonly at: number;
  readonly image: ImageRef;
  readonly geometry: Geometry;
  readonly activations: readonly Tensor4[];
}

/** One image as a network takes it. */
export interface Seen extends Omit<Sight, "activations"> {
  readonly input: TensorValue;
}

/** Images as the inputs of networks, image by image, each decoded once for all of them while the one before is at work. Throws what decoding throws. */
export async function* inputs(
  context: Context,
  networks: readonly number[],
  images: readonly ImageRef[],
): AsyncGenerator<Seen> {
  if (networks.length === 0) return;
  let at = 0;
  for await (const picture of mapConcurrent(images, ahead(images, context.study.config.batchSize), (image) =>
    context.decode(image),
  )) {
    const image = images[at]!;
    for (const network of networks) {
      const { input, geometries } = preprocess([picture], context.study.networks[network]!.preprocessing);
      yield { network, at, image, geometry: geometries[0]!, input };
    }
    at++;
  }
}

/**
 * Runs images through networks. One image a run: so the bits of a result do not depend on which images stand together, and memory holds one image's
 * activations. Throws what decoding throws.
 */
export async function* look(
  context: Context,
  networks: readonly number[],
  images: readonly ImageRef[],
): AsyncGenerator<Sight> {
  for await (const { input, ...seen } of inputs(context, networks, images)) {
    const forward = await context.session(seen.network);
    yield { ...seen, activations: await forward(input) };
  }
}

/** Most bytes of decoded photographs that wait for their turn: of large ones fewer wait. */
const WAITING_BYTES = 32_000_000;

function ahead(images: readonly ImageRef[], batchSize: number): number {
  const largest = images.reduce((most, { width, height }) => Math.max(most, 3 * width * height), 1);
  return Math.max(1, Math.min(batchSize, Math.floor(WAITING_BYTES / largest)));
}

/**
 * Activations of all taps of one network on any images, one image after the other: from the store where a run has kept them, else by inference.
 * What steps beyond the concepts build on (probes on labelled images, controls).
 */
export async function* activationsOf(
  context: Context,
  network: number,
  images: readonly ImageRef[],
): AsyncGenerator<Sight> {
  const { store, plan } = context;
  const missing = new Set<ImageRef>();
  for (const image of images) if (!(await store.has(plan.keys.activations(network, image)))) missing.add(image);
  const fresh = look(context, [network], [...missing]);
  for (const [at, image] of images.entries()) {
    const kept = missing.has(image) ? undefined : await keptSight(context, network, image, at);
    // damaged ones are seen again, alone
    const source = missing.has(image) ? fresh : look(context, [network], [image]);
    yield kept ?? { ...(await source.next()).value!, at };
  }
}

/** The same for one image, from the store alone. */
export async function keptSight(
  context: Context,
  network: number,
  image: ImageRef,
  at: number,
): Promise<Sight | undefined> {
  const file = await context.store.get(context.plan.keys.activations(network, image));
  if (!file) return undefined;
  const { preprocessing, taps } = context.study.networks[network]!;
  const activations = taps.map((_, t): Tensor4 => {
    const { data, dims } = file.tensors[`${t}`]!;
    return { data: data as Float32Array, n: 1, c: dims[1]!, h: dims[2]!, w: dims[3]! };
  });
  return { network, at, image, geometry: geometry(preprocessing, image.width, image.height), activations };
}

/** Keeps the activations of an image for later runs with other concepts. */
export async function keepSight(context: Context, { network, image, activations }: Sight): Promise<void> {
  const tensors = activations.map((a, t) => [
    `${t}`,
    { type: "float32" as const, dims: [1, a.c, a.h, a.w], data: a.data },
  ]);
  const file = { tensors: Object.fromEntries(tensors), metadata: { kind: "activations" } };
  await context.store.put(context.plan.keys.activations(network, image), file, { lasting: false });
}
