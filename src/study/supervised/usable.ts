import { enoughImages, usableOn } from "../../dataset/labels/coverage.js";
import type { Concept, LabelEntry, LabelSet } from "../../dataset/labels/types.js";
import type { ImageRef } from "../../dataset/types.js";

export interface UsableSet {
  readonly set: LabelSet;
  readonly refused: readonly { readonly concept: Concept; readonly why: string }[];
}

/**
 * The concepts that have enough images, and per image only what can be judged: where a concept's mask is too small for its area or cannot be known,
 * the image counts neither for nor against that concept (METHOD.md 1.2.3). Throws SamesightError `exhausted` when no concept is left.
 */
export function usableSet(set: LabelSet, isTest: (image: ImageRef) => boolean): UsableSet {
  const { kept, refused } = enoughImages(set, isTest);
  const place = new Map(kept.map((c, to) => [c, to]));
  const images = set.images.map(({ image, hash, entries }) => ({
    image,
    hash,
    entries: entries.flatMap((e): LabelEntry[] => {
      const concept = place.get(e.concept);
      return concept === undefined || !usableOn(e) ? [] : [{ ...e, concept }];
    }),
  }));
  const unclear = new Map(
    set.images.map(({ image, entries }) => [
      image,
      new Set(entries.flatMap((e) => (usableOn(e) ? [] : [place.get(e.concept) ?? -1]))),
    ]),
  );
  return {
    refused,
    set: {
      ...set,
      concepts: kept.map((c) => set.concepts[c]!),
      images,
      async open(image) {
        const masks = await set.open(image);
        const { width, height } = masks;
        return {
          width,
          height,
          mask: (concept) => masks.mask(kept[concept]!),
          valid: (concept) =>
            unclear.get(image)?.has(concept) ? new Uint8Array(width * height) : masks.valid(kept[concept]!),
        };
      },
    },
  };
}
