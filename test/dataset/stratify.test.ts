import { expect, test } from "vitest";
import { stratifiedSplit } from "../../src/dataset/stratify.js";
import type { ImageRef } from "../../src/dataset/types.js";
import { seededRandom } from "../../src/numerics/random.js";

const images: ImageRef[] = Array.from({ length: 100 }, (_, i) => ({
  id: `${i}`,
  path: "",
  hash: `${i}`,
  group: `g${i < 10 ? 0 : i}`,
  width: 1,
  height: 1,
}));
/** Concept 0 on five images, 1 on every third, 2 on the first half. */
const shown = ({ id }: ImageRef) => [
  ...(Number(id) % 20 === 19 ? [0] : []),
  ...(Number(id) % 3 === 0 ? [1] : []),
  ...(Number(id) < 50 ? [2] : []),
];

test.each([1, 2, 3, 4, 5, 6, 7, 8])("each concept falls on both sides in the wanted share, seed %i", (seed) => {
  const { fit, test: rest } = stratifiedSplit(images, 0.6, shown, seededRandom(seed));
  expect(fit.length + rest.length).toBe(100);
  expect(Math.abs(fit.length - 60)).toBeLessThanOrEqual(6);
  const of = (list: readonly ImageRef[], c: number) => list.filter((i) => shown(i).includes(c)).length;
  expect(of(fit, 0)).toBe(3);
  for (const c of [1, 2]) expect(Math.abs(of(fit, c) / (of(fit, c) + of(rest, c)) - 0.6)).toBeLessThan(0.12);
  const groups = new Set(fit.map((i) => i.group));
  expect(rest.some((i) => groups.has(i.group))).toBe(false);
  expect(stratifiedSplit(images, 0.6, shown, seededRandom(seed))).toEqual({ fit, test: rest });
});

test.each([1, 2, 3, 4])("a concept with just enough images has what each side needs, seed %i", (seed) => {
  const scarce = ({ id }: ImageRef) => [
    ...(Number(id) >= 30 && Number(id) < 43 ? [0] : []),
    ...(Number(id) % 2 ? [1] : []),
    ...(Number(id) > 93 ? [2] : []),
  ];
  const { fit, test: rest } = stratifiedSplit(images, 0.6, scarce, seededRandom(seed), { fit: 10, test: 3 });
  const of = (list: readonly ImageRef[], c: number) => list.filter((i) => scarce(i).includes(c)).length;
  expect([of(fit, 0), of(rest, 0)]).toEqual([10, 3]);
  // enough for its share; too few for either
  expect(Math.abs(of(fit, 1) - 30)).toBeLessThanOrEqual(4);
  expect(Math.abs(of(fit, 2) - 3.6)).toBeLessThan(1);
  expect(Math.abs(fit.length - 60)).toBeLessThanOrEqual(6);
});
