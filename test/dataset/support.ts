import type { PreprocessingInput } from "../../src/contract/preprocessing.js";
import { preprocessingSchema } from "../../src/contract/preprocessing.js";
import type { ImageRef, Picture } from "../../src/dataset/types.js";

export const preprocessing = (p: Partial<PreprocessingInput>) =>
  preprocessingSchema.parse({ width: 8, height: 8, ...p });

export function imageRef(id: string, group = id): ImageRef {
  return { id, path: `/photographs/${id}`, hash: `hash of ${id}`, group, width: 640, height: 480 };
}

/** One colour everywhere. */
export function flat(width: number, height: number, rgb: readonly [number, number, number]): Picture {
  return { width, height, data: new Uint8Array(width * height * 3).map((_, i) => rgb[i % 3]!) };
}
