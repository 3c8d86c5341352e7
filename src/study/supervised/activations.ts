import { forwardOf } from "../../activations/forward.js";
import { batches } from "../../dataset/batches.js";
import type { Geometry, ImageRef, Picture } from "../../dataset/types.js";
import type { Tensor4 } from "../../numerics/types.js";
import type { Environment, StudyNetwork } from "../../study.js";

export interface SeenImage {
  /** 0-based place among the images asked for. */
  readonly at: number;
  readonly image: ImageRef;
  readonly geometry: Geometry;
  /** One tensor a tap, n = 1. */
  readonly activations: readonly Tensor4[];
}

/** Images through a network one by one, the next being decoded meanwhile. `decode` may paint them anew. */
export async function* seen(
  network: StudyNetwork,
  images: readonly ImageRef[],
  env: Environment,
  decode: (image: ImageRef) => Promise<Picture> = env.decode,
): AsyncGenerator<SeenImage> {
  const kernel = await env.engine.compile(network.tapped);
  try {
    const forward = forwardOf(kernel, network.inputName, network.taps);
    let at = 0;
    for await (const batch of batches(images, 1, network.preprocessing, decode)) {
      const activations = await forward(batch.input);
      yield { at, image: batch.images[0]!, geometry: batch.geometries[0]!, activations };
      at++;
    }
  } finally {
    await kernel.release();
  }
}
