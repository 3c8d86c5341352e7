import { FEWEST_IMAGES } from "../contract/defaults.js";
import { SamesightError } from "../errors.js";
import { permutation } from "../numerics/random.js";
import type { Random } from "../numerics/types.js";
import type { ImageRef } from "./types.js";

export interface Split {
  readonly fit: readonly ImageRef[];
  readonly test: readonly ImageRef[];
}

/**
 * Photographs to mine concepts on and photographs to compare on: whole groups to either side, order of `images` kept.
 * Throws SamesightError `exhausted` when either side would be too small.
 */
export function splitImages(images: readonly ImageRef[], fitFraction: number, random: Random): Split {
  const sizes = new Map<string, number>();
  for (const { group } of images) sizes.set(group, (sizes.get(group) ?? 0) + 1);
  const groups = [...sizes];
  const fitGroups = new Set<string>();
  let taken = 0;
  for (const g of permutation(groups.length, random)) {
    if (taken >= fitFraction * images.length || fitGroups.size >= groups.length - 1) break;
    const [group, size] = groups[g]!;
    fitGroups.add(group);
    taken += size;
  }
  return checked({
    fit: images.filter((i) => fitGroups.has(i.group)),
    test: images.filter((i) => !fitGroups.has(i.group)),
  });
}

/** Throws SamesightError `exhausted` with the counts and the need; `duplicate` when a photograph is on both sides. */
export function checked(split: Split): Split {
  if (split.fit.length < FEWEST_IMAGES.fit || split.test.length < FEWEST_IMAGES.test) {
    throw new SamesightError(
      "exhausted",
      `too few images: ${split.fit.length} to fit and ${split.test.length} to test, at least ${FEWEST_IMAGES.fit} and ${FEWEST_IMAGES.test} are needed`,
      {
        hint: "Give a folder with more photographs; 100 and more give useful intervals.",
        details: { fit: split.fit.length, test: split.test.length, needed: FEWEST_IMAGES },
      },
    );
  }
  const fit = new Set(split.fit.map((i) => i.hash));
  const both = split.test.find((i) => fit.has(i.hash));
  if (both) {
    throw new SamesightError("duplicate", `image '${both.id}' is both in the images to fit and in those to test`, {
      hint: "Remove it from one of the folders: a concept must be tested on photographs it was not mined from.",
    });
  }
  return split;
}

/** `most` images chosen by `random`, order kept. */
export function thin(images: readonly ImageRef[], most: number | undefined, random: Random): readonly ImageRef[] {
  if (most === undefined || images.length <= most) return images;
  const kept = new Set(permutation(images.length, random).slice(0, most));
  return images.filter((_, i) => kept.has(i));
}
