/** The imported detectors against TensorFlow.js itself, on one picture, at the heads and at a sample of taps. All taps: npm run check:detectors. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Picture } from "../../src/dataset/types.js";
import { createEngine } from "../../src/node/engine.js";
import { ZOO } from "../../src/node/zoo/catalogue.js";
import { discs } from "../e2e/support.js";
import { difference } from "../model/tfjs/graphs.js";
import type { Pair } from "./pair.js";
import { loadPair, sampled, useWasm } from "./pair.js";

const engine = createEngine();
let picture: Picture;
beforeAll(async () => {
  await useWasm();
  const data = new Uint8Array(await discs("detectors", 500, 375).raw().toBuffer());
  picture = { width: 500, height: 375, data };
});
afterAll(() => engine.dispose());

describe.each(Object.keys(ZOO))("zoo:%s", (name) => {
  let pair: Pair;
  beforeAll(async () => {
    pair = await loadPair(name, engine);
  });
  afterAll(() => pair.dispose());

  test("heads, and three taps of every operator, within 1e-4 of the tensor's range", async () => {
    const names = [...new Set([...pair.heads, ...sampled(pair.taps, 3).map((t) => t.name)])];
    expect(names.length).toBeGreaterThan(18);
    const [ours, theirs] = [await pair.ours(picture, names), pair.theirs(picture, names)];
    for (const n of names) {
      expect(ours.get(n)!.shape, n).toEqual(theirs.get(n)!.shape);
      expect(difference(ours.get(n)!.data, theirs.get(n)!.data), n).toBeLessThan(1e-4);
    }
  });

  test("the comparison notices two pictures that differ in one pixel block", async () => {
    const other = { ...picture, data: picture.data.slice().fill(255, 0, 150 * 500) };
    const head = pair.heads[0]!;
    const [ours, theirs] = [await pair.ours(other, [head]), pair.theirs(picture, [head])];
    expect(difference(ours.get(head)!.data, theirs.get(head)!.data)).toBeGreaterThan(1e-2);
  });
});
