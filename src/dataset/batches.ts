import type { Preprocessing } from "../contract/preprocessing.js";
import { mapConcurrent } from "./prefetch.js";
import type { InputTensor } from "./preprocess.js";
import { emptyInput, preprocessInto } from "./preprocess.js";
import type { Batch, Geometry, ImageRef, Picture } from "./types.js";

/**
 * Images in batches of `size` (the last may be smaller) as one network sees them. The next batch is decoded while the present one is used; a
 * picture is dropped as soon as it lies in its batch, so that memory holds two batches and the few pictures being decoded.
 * Throws what `decode` throws, when the batch of that image is asked for.
 */
export async function* batches(
  images: readonly ImageRef[],
  size: number,
  preprocessing: Preprocessing,
  decode: (image: ImageRef) => Promise<Picture>,
): AsyncGenerator<Batch> {
  const parts = chunks(images, size);
  const inputs = new Map<number, InputTensor>();
  const inputOf = (part: number): InputTensor => {
    const input = inputs.get(part) ?? emptyInput(parts[part]!.length, preprocessing);
    inputs.set(part, input);
    return input;
  };
  const ready = mapConcurrent(images, size, async (image, i) => {
    const picture = await decode(image);
    return preprocessInto(inputOf(Math.floor(i / size)).data, i % size, picture, preprocessing);
  });
  for (const [part, some] of parts.entries()) {
    const geometries: Geometry[] = [];
    while (geometries.length < some.length) geometries.push((await ready.next()).value!);
    const input = inputOf(part);
    inputs.delete(part);
    yield { images: some, geometries, input };
  }
}

/** Consecutive parts of at most `size`. */
export function chunks<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size));
}
