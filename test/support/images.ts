import type { ImageRef } from "../../src/dataset/types.js";

/** References to `count` square pictures that a test draws from their hash, each a group of its own; numbered on from `from`. */
export function drawnImages(from: number, count: number, side: number, name = ""): ImageRef[] {
  return Array.from({ length: count }, (_, i) => ({
    id: `i${from + i}`,
    path: "",
    hash: `${name}${from + i}`,
    group: `g${from + i}`,
    width: side,
    height: side,
  }));
}
