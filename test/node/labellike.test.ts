import { expect, test } from "vitest";
import { labelLike } from "../../src/node/labellike.js";

test("label maps are known by the photograph beside them, and photographs that happen to be PNG are not", () => {
  const label = (id: string, beside: string) => ({ id, beside });
  expect(
    labelLike(["a.jpg", "a.png", "b.jpg", "b_mask.png", "c.png", "c_labelIds.png", "d/a.png", "mask.png"]),
  ).toEqual([label("a.png", "a.jpg"), label("b_mask.png", "b.jpg"), label("c_labelIds.png", "c.png")]);
  expect(labelLike(["p0.png", "p1.png", "unmasked.png", "my_mask.png", "x.jpg", "x_mask.jpg"])).toEqual([]);
});
