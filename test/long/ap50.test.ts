/** The imported detectors still detect: AP50 on 64 labelled photographs, ours against TensorFlow.js's own, and SSDLite's with the preprocessing of its own graph. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createEngine } from "../../src/node/engine.js";
import { decodePicture } from "../../src/node/images.js";
import { labelled, NO_COCO } from "../detectors/coco.js";
import type { Detection } from "../detectors/detect.js";
import { ap50, detections } from "../detectors/detect.js";
import { loadPair, useWasm } from "../detectors/pair.js";

const engine = createEngine({ threads: 2 });
beforeAll(useWasm);
afterAll(() => engine.dispose());

/** Measured once on 128 photographs of val2017 by another decoder; 64 of them hold fewer classes, and give other figures. */
const EXPECTED = { "ssdlite-mobilenetv2": 0.53, "centernet-mobilenetv3": 0.52, nanodet: 0.46 };

describe.skipIf(NO_COCO !== "")(`coco128 val2017${NO_COCO}`, () => {
  test.each(Object.entries(EXPECTED))("zoo:%s detects as TensorFlow.js does, near %f", async (name, expected) => {
    const photographs = await labelled("val2017");
    expect(photographs.length).toBe(64);
    const pair = await loadPair(name, engine);
    const ours: Detection[][] = [];
    const theirs: Detection[][] = [];
    const untouched: Detection[][] = [];
    const run = await pair.session(pair.heads);
    for (const { image } of photographs) {
      const picture = await decodePicture(image);
      const heads = await run(picture);
      ours.push(detections(name, heads));
      const reference = pair.theirs(picture, pair.heads);
      theirs.push(
        detections(
          name,
          pair.heads.map((h) => reference.get(h)!),
        ),
      );
      if (name.startsWith("ssdlite")) untouched.push(detections(name, await pair.untouched(picture)));
    }
    await pair.dispose();
    const truth = photographs.map((p) => p.truth);
    const [a, b] = [ap50(ours, truth), ap50(theirs, truth)];
    process.stdout.write(
      `${name}: AP50 ${a.toFixed(4)}, TensorFlow.js ${b.toFixed(4)}, ${expected} once on 128 photographs\n`,
    );
    expect(Math.abs(a - b)).toBeLessThan(0.005);
    if (untouched.length > 0) {
      const c = ap50(untouched, truth);
      process.stdout.write(`${name}: TensorFlow.js with the preprocessing in its own graph ${c.toFixed(4)}\n`);
      // what is left is our rounding of resized pixels to 8 bit: .0053 of AP, on which few boxes hang
      expect(Math.abs(a - c)).toBeLessThan(0.01);
    }
    expect(Math.abs(a - expected)).toBeLessThan(0.08);
  });
});
