/** Average precision by cases worked out by hand, and a few photographs through all three detectors. 64 photographs: npm run check:detectors. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createEngine } from "../../src/node/engine.js";
import { decodePicture } from "../../src/node/images.js";
import { labelled, NO_COCO } from "./coco.js";
import type { Detection } from "./detect.js";
import { ap50, detections, iou } from "./detect.js";
import { loadPair, useWasm } from "./pair.js";

const box = (x0: number, y0: number, x1: number, y1: number) => [x0, y0, x1, y1] as const;
const found = (label: number, score: number, b: Detection["box"]): Detection => ({ label, score, box: b });

describe("AP50", () => {
  const a = { label: 1, box: box(0, 0, 0.4, 0.4) };
  const b = { label: 1, box: box(0.5, 0.5, 1, 1) };
  test("intersection over union", () => {
    expect(iou(box(0, 0, 2, 1), box(1, 0, 3, 1))).toBeCloseTo(1 / 3, 12);
    expect(iou(box(0, 0, 1, 1), box(1, 0, 2, 1))).toBe(0);
  });
  test("all found: 1; nothing found: 0; one of two: recall stops at a half, 51 of 101 points", () => {
    expect(ap50([[found(1, 0.9, a.box), found(1, 0.8, b.box)]], [[a, b]])).toBe(1);
    expect(ap50([[]], [[a, b]])).toBe(0);
    expect(ap50([[found(1, 0.9, a.box)]], [[a, b]])).toBeCloseTo(51 / 101, 12);
  });
  test("a false one before the true ones halves the precision, one after them costs nothing", () => {
    const off = box(0.9, 0, 1, 0.1);
    expect(ap50([[found(1, 0.95, off), found(1, 0.9, a.box)]], [[a]])).toBeCloseTo(0.5, 12);
    expect(ap50([[found(1, 0.1, off), found(1, 0.9, a.box)]], [[a]])).toBe(1);
  });
  test("an object counts once; classes weigh the same; a wrong class is no hit", () => {
    expect(ap50([[found(1, 0.9, a.box), found(1, 0.8, a.box)]], [[a, b]])).toBeCloseTo(51 / 101, 12);
    expect(ap50([[found(1, 0.9, a.box)]], [[a, { label: 2, box: b.box }]])).toBeCloseTo(0.5, 12);
    expect(ap50([[found(2, 0.9, a.box)]], [[a]])).toBe(0);
  });
});

describe.skipIf(NO_COCO !== "")(`photographs of coco128${NO_COCO}`, () => {
  const engine = createEngine();
  beforeAll(useWasm);
  afterAll(() => engine.dispose());
  test.each(["ssdlite-mobilenetv2", "centernet-mobilenetv3", "nanodet"])(
    "zoo:%s finds much of what is in 12 of them",
    async (name) => {
      const photographs = await labelled("val2017", 12);
      const pair = await loadPair(name, engine);
      const run = await pair.session(pair.heads);
      const each: Detection[][] = [];
      for (const { image } of photographs) each.push(detections(name, await run(await decodePicture(image))));
      await pair.dispose();
      const truth = photographs.map((p) => p.truth);
      const ap = ap50(each, truth);
      // the same boxes on other photographs: what is left when a detector does not look
      const astray = ap50([...each.slice(1), each[0]!], truth);
      expect(ap).toBeGreaterThan(0.4);
      expect(astray).toBeLessThan(0.1);
    },
  );
});
