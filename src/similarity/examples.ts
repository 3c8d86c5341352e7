import type { PairCounts } from "./intervals.js";

/** Photographs kept a pair of concepts: with most cells in both masks, with a middling IoU, with most cells in one mask only. */
export const EXAMPLES = { strongest: 8, middle: 4, apart: 8 } as const;
/** Places a pair: the three groups one after the other. */
export const EXAMPLE_PLACES = EXAMPLES.strongest + EXAMPLES.middle + EXAMPLES.apart;

/** Where each group starts, and the places in all. */
export const EXAMPLE_LAYOUT = {
  starts: [0, EXAMPLES.strongest, EXAMPLES.strongest + EXAMPLES.middle],
  places: EXAMPLE_PLACES,
} as const;

/** Which test images show the best pair of each concept: first those of a with their partners in b, then those of b with theirs in a. */
export interface PairExamples {
  /** (ka + kb) x EXAMPLE_PLACES, -1 where there is none. An image stands in one group only. */
  readonly images: Int32Array;
  /** IoU of the two masks on that image; NaN where there is none. */
  readonly ious: Float32Array;
  readonly layout: typeof EXAMPLE_LAYOUT;
}

export function examplesOf(counts: PairCounts, bestForA: ArrayLike<number>, bestForB: ArrayLike<number>): PairExamples {
  const total = counts.ka + counts.kb;
  const out = {
    images: new Int32Array(total * EXAMPLE_PLACES).fill(-1),
    ious: new Float32Array(total * EXAMPLE_PLACES).fill(Number.NaN),
    layout: EXAMPLE_LAYOUT,
  };
  for (let i = 0; i < counts.ka; i++) if (bestForA[i]! >= 0) put(out, i, counts, i, bestForA[i]!);
  for (let j = 0; j < counts.kb; j++) if (bestForB[j]! >= 0) put(out, counts.ka + j, counts, bestForB[j]!, j);
  return out;
}

function put(out: PairExamples, at: number, counts: PairCounts, i: number, j: number): void {
  const seen: { x: number; both: number; apart: number; iou: number; far: number }[] = [];
  for (let x = 0; x < counts.n; x++) {
    const both = counts.intersections[(x * counts.ka + i) * counts.kb + j]!;
    const either = counts.areasA[x * counts.ka + i]! + counts.areasB[x * counts.kb + j]! - both;
    if (either > 0) seen.push({ x, both, apart: either - both, iou: both / either, far: 0 });
  }
  const taken = new Set<number>();
  const fill = (from: number, room: number, order: readonly (typeof seen)[number][]) => {
    let place = at * EXAMPLE_PLACES + from;
    const end = place + room;
    for (const s of order) {
      if (place === end) break;
      if (taken.has(s.x)) continue;
      taken.add(s.x);
      out.images[place] = s.x;
      out.ious[place++] = s.iou;
    }
  };
  const { strongest, middle, apart } = EXAMPLES;
  const inBoth = seen.filter((s) => s.both > 0).sort((p, q) => q.both - p.both || p.x - q.x);
  const inOne = seen.filter((s) => s.apart > 0).sort((p, q) => q.apart - p.apart || p.x - q.x);
  // of few photographs each group gets some
  const share = (room: number, of: number) => Math.min(room, Math.ceil((of * room) / EXAMPLE_PLACES));
  fill(0, share(strongest, seen.length), inBoth);
  fill(strongest + middle, share(apart, seen.length), inOne);
  const byIou = [...seen].sort((p, q) => p.iou - q.iou || p.x - q.x);
  byIou.forEach((s, rank) => {
    s.far = Math.abs(rank - (byIou.length - 1) / 2);
  });
  fill(
    strongest,
    middle,
    byIou.sort((p, q) => p.far - q.far),
  );
}
