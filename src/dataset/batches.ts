import type { Preprocessing } from "../contract/preprocessing.js";
import { preprocess } from "./preprocess.js";
import type { Batch, ImageRef, Picture } from "./types.js";

/** Images in batches as one network sees them; the next batch is decoded while the present one is used. */
export async function* batches(
  images: readonly ImageRef[],
  size: number,
  preprocessing: Preprocessing,
  decode: (image: ImageRef) => Promise<Picture>,
): AsyncGenerator<Batch> {
  const start = (at: number): Promise<Batch> | undefined => {
    const some = images.slice(at, at + size);
    if (some.length === 0) return undefined;
    const batch = Promise.all(some.map(decode)).then((pictures) => ({
      images: some,
      ...preprocess(pictures, preprocessing),
    }));
    // a failure is met when the batch is awaited, not before
    batch.catch(() => undefined);
    return batch;
  };
  let next = start(0);
  for (let at = size; next; at += size) {
    const batch = await next;
    next = start(at);
    yield batch;
  }
}

/** Consecutive parts of at most `size`. */
export function chunks<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size));
}
