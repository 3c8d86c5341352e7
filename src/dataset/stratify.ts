import { permutation } from "../numerics/random.js";
import type { Random } from "../numerics/types.js";
import type { Split } from "./split.js";
import type { ImageRef } from "./types.js";

/**
 * Photographs to fit and to test so that each named concept, and its absence, falls on both sides in the same share: iterative stratification
 * (Sechidis et al. 2011), rarest concept first; whole groups to either side, order of `images` kept. `shown`: concepts of an image, 0-based. A concept with
 * enough images for what each side needs gets that, where its share would be less.
 */
export function stratifiedSplit(
  images: readonly ImageRef[],
  fitFraction: number,
  shown: (image: ImageRef) => readonly number[],
  random: Random,
  needs: { readonly fit: number; readonly test: number } = { fit: 0, test: 0 },
): Split {
  const groups = new Map<string, { size: number; concepts: Set<number> }>();
  for (const image of images) {
    const group = groups.get(image.group) ?? { size: 0, concepts: new Set<number>() };
    groups.set(image.group, group);
    group.size++;
    for (const c of shown(image)) group.concepts.add(c);
  }
  const names = [...groups.keys()];
  const open = Array.from(permutation(names.length, random), (i) => names[i]!);
  const counts = new Map<number, number>();
  for (const { concepts } of groups.values()) for (const c of concepts) counts.set(c, (counts.get(c) ?? 0) + 1);
  const rarest = [...counts.keys()].sort((a, b) => counts.get(a)! - counts.get(b)! || a - b);
  const fit = new Set<string>();
  const placed = new Set<string>();
  // what each side still wants: of each concept (in groups), and of images
  const want = (total: number) => ({ fit: fitFraction * total, test: (1 - fitFraction) * total });
  const wanted = new Map(
    rarest.map((c) => {
      const total = counts.get(c)!;
      if (total < needs.fit + needs.test) return [c, want(total)];
      const toFit = Math.min(total - needs.test, Math.max(needs.fit, fitFraction * total));
      return [c, { fit: toFit, test: total - toFit }];
    }),
  );
  const whole = want(images.length);
  const place = (name: string, need: { fit: number; test: number }) => {
    const { size, concepts } = groups.get(name)!;
    const toFit = need.fit !== need.test ? need.fit > need.test : whole.fit >= whole.test;
    const side = toFit ? "fit" : "test";
    if (toFit) fit.add(name);
    placed.add(name);
    whole[side] -= size;
    for (const c of concepts) wanted.get(c)![side]--;
  };
  for (const c of rarest)
    for (const name of open) if (!placed.has(name) && groups.get(name)!.concepts.has(c)) place(name, wanted.get(c)!);
  for (const name of open) if (!placed.has(name)) place(name, whole);
  return { fit: images.filter((i) => fit.has(i.group)), test: images.filter((i) => !fit.has(i.group)) };
}
