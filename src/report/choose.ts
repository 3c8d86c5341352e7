import type { PairExamples } from "../similarity/examples.js";
import type { StudyResult } from "../study.js";

/** Photographs a pair in the page: strongest, middle, most different. */
export const SHOWN = [3, 1, 2] as const;
export const PLACES_A_PAIR = 6;

/** The first examples of each group that the page has: places among `place`'s values, -1 where there is none; with them the IoU on each. */
export function shownExamples(
  examples: PairExamples,
  concept: number,
  place: ReadonlyMap<number, number>,
): { photos: number[]; ious: number[] } {
  const { layout } = examples;
  const photos: number[] = [];
  const ious: number[] = [];
  SHOWN.forEach((many, group) => {
    const end = layout.starts[group + 1] ?? layout.places;
    let found = 0;
    for (let i = layout.starts[group]!; i < end && found < many; i++) {
      const at = concept * layout.places + i;
      const shown = place.get(examples.images[at]!);
      if (shown === undefined) continue;
      photos.push(shown);
      ious.push(examples.ious[at]!);
      found++;
    }
    for (; found < many; found++) {
      photos.push(-1);
      ious.push(Number.NaN);
    }
  });
  return { photos, ious };
}

/** The test images the page needs: all, or those `asked` for and those that show best pairs most often. */
export function chooseImages(
  { study, comparison }: StudyResult,
  most: number,
  asked: readonly number[] = [],
): number[] {
  const all = study.test.map((_, x) => x);
  if (all.length <= most) return all;
  const wanted = new Float64Array(all.length);
  for (const cell of comparison.cells) for (const x of cell.result.examples.images) if (x >= 0) wanted[x]!++;
  for (const x of asked) wanted[x] = Number.POSITIVE_INFINITY;
  return all
    .sort((p, q) => Number(wanted[q]! > wanted[p]!) - Number(wanted[q]! < wanted[p]!) || p - q)
    .slice(0, most)
    .sort((p, q) => p - q);
}
