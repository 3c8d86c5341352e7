import type { PairCounts } from "./intervals.js";

const MOST = 32;

/** Images on which a concept and its best partner meet. */
export interface PairImages {
  /** ka x `most` places of test images, most common cells first (of equals the earlier image); -1 behind the last. */
  readonly images: Int32Array;
  readonly most: number;
}

export function topImages({ n, ka, kb, intersections }: PairCounts, bestForA: Int32Array): PairImages {
  const images = new Int32Array(ka * MOST).fill(-1);
  bestForA.forEach((j, i) => {
    if (j < 0) return;
    const common = (x: number) => intersections[(x * ka + i) * kb + j]!;
    const shown = Array.from({ length: n }, (_, x) => x).filter((x) => common(x) > 0);
    images.set(shown.sort((x, y) => common(y) - common(x) || x - y).slice(0, MOST), i * MOST);
  });
  return { images, most: MOST };
}
