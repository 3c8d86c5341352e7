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

test("twelve concepts that share images, some with just enough, all have what each side needs; so do crops counted one by one", () => {
  for (let seed = 0; seed < 20; seed++) {
    const random = seededRandom("shared", seed);
    const of = new Map(images.map((i) => [i.id, [] as number[]]));
    for (let c = 0; c < 12; c++) {
      const order = [...images]
        .filter((i) => i.group !== "g0" && Number(i.id) < 97)
        .map((i) => ({ i, at: random() + 2 * of.get(i.id)!.length * (c % 2) }));
      for (const { i } of order.sort((a, b) => b.at - a.at).slice(0, 13 + c)) of.get(i.id)!.push(c);
    }
    // all of group g0: ten crops of one photograph
    for (const i of images) if (i.group === "g0") of.get(i.id)!.push(12);
    for (const id of ["97", "98", "99"]) of.get(id)!.push(12);
    const needs = { fit: 10, test: 3 };
    const { fit, test: rest } = stratifiedSplit(images, 0.6, ({ id }) => of.get(id)!, seededRandom(seed), needs);
    const count = (list: readonly ImageRef[], c: number) => list.filter((i) => of.get(i.id)!.includes(c)).length;
    for (let c = 0; c < 13; c++) {
      expect(count(fit, c), `concept ${c}, seed ${seed}`).toBeGreaterThanOrEqual(10);
      expect(count(rest, c), `concept ${c}, seed ${seed}`).toBeGreaterThanOrEqual(3);
    }
    expect(Math.abs(fit.length - 60)).toBeLessThanOrEqual(9);
    const groups = new Set(fit.map((i) => i.group));
    expect(rest.some((i) => groups.has(i.group))).toBe(false);
  }
});
