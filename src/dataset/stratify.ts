import { permutation } from "../numerics/random.js";
import type { Random } from "../numerics/types.js";
import type { Split } from "./split.js";
import type { ImageRef } from "./types.js";

interface Group {
  /** Images. */
  size: number;
  /** Images that show each concept. */
  readonly concepts: Map<number, number>;
}

/**
 * Photographs to fit and to test so that each named concept, and its absence, falls on both sides in the same share: iterative stratification
 * (Sechidis et al. 2011), rarest concept first; whole groups to either side, order of `images` kept. `shown`: concepts of an image, 0-based. A concept with
 * enough images for what each side needs gets that, where its share would be less; where concepts share images, groups change sides until all such have it.
 */
export function stratifiedSplit(
  images: readonly ImageRef[],
  fitFraction: number,
  shown: (image: ImageRef) => readonly number[],
  random: Random,
  needs: { readonly fit: number; readonly test: number } = { fit: 0, test: 0 },
): Split {
  const groups = new Map<string, Group>();
  for (const image of images) {
    const group = groups.get(image.group) ?? { size: 0, concepts: new Map<number, number>() };
    groups.set(image.group, group);
    group.size++;
    for (const c of new Set(shown(image))) group.concepts.set(c, (group.concepts.get(c) ?? 0) + 1);
  }
  const names = [...groups.keys()];
  const open = Array.from(permutation(names.length, random), (i) => names[i]!);
  const counts = new Map<number, number>();
  for (const { concepts } of groups.values()) for (const c of concepts.keys()) counts.set(c, (counts.get(c) ?? 0) + 1);
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
    for (const c of concepts.keys()) wanted.get(c)![side]--;
  };
  for (const c of rarest)
    for (const name of open) if (!placed.has(name) && groups.get(name)!.concepts.has(c)) place(name, wanted.get(c)!);
  for (const name of open) if (!placed.has(name)) place(name, whole);
  meetNeeds(
    open.map((name) => ({ name, ...groups.get(name)! })),
    fit,
    needs,
    Math.round(fitFraction * images.length),
  );
  return { fit: images.filter((i) => fit.has(i.group)), test: images.filter((i) => !fit.has(i.group)) };
}

/** Moves groups between the sides (`fit`: names of those to fit) while that leaves fewer images lacking; then others back, as far as none lacks, until `size` are to fit. */
function meetNeeds(
  groups: readonly (Group & { readonly name: string })[],
  fit: Set<string>,
  needs: { readonly fit: number; readonly test: number },
  size: number,
): void {
  const has = new Map<number, { fit: number; test: number }>();
  let fitted = 0;
  for (const { name, concepts, size: images } of groups) {
    const side = fit.has(name) ? "fit" : "test";
    if (side === "fit") fitted += images;
    for (const [c, n] of concepts) {
      const own = has.get(c) ?? { fit: 0, test: 0 };
      own[side] += n;
      has.set(c, own);
    }
  }
  for (const [c, { fit: a, test: b }] of has) if (a + b < needs.fit + needs.test) has.delete(c);
  const lacking = (a: number, b: number) => Math.max(0, needs.fit - a) + Math.max(0, needs.test - b);
  /** How many more images lack when a group changes sides. */
  const change = ({ name, concepts }: (typeof groups)[number]) => {
    let sum = 0;
    for (const [c, n] of concepts) {
      const own = has.get(c);
      if (!own) continue;
      const by = fit.has(name) ? -n : n;
      sum += lacking(own.fit + by, own.test - by) - lacking(own.fit, own.test);
    }
    return sum;
  };
  const move = ({ name, concepts, size: images }: (typeof groups)[number]) => {
    const by = fit.has(name) ? -1 : 1;
    for (const [c, n] of concepts) {
      const own = has.get(c);
      if (!own) continue;
      own.fit += by * n;
      own.test -= by * n;
    }
    fitted += by * images;
    if (!fit.delete(name)) fit.add(name);
  };
  let moved = false;
  for (;;) {
    let found: (typeof groups)[number] | undefined;
    let least = 0;
    for (const group of groups) {
      const by = change(group);
      if (by < least) [found, least] = [group, by];
    }
    if (!found) break;
    move(found);
    moved = true;
  }
  if (!moved) return;
  for (const group of groups) {
    const over = fitted - size;
    const helps = fit.has(group.name) ? over > 0 : over < 0;
    if (helps && Math.abs(over) >= group.size && change(group) === 0) move(group);
  }
}
