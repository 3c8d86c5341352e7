/**
 * Every tap that `samesight inspect --all` offers, and the heads, of the three detectors, on real photographs and on noise, against TensorFlow.js:
 * within 1e-4 of each tensor's range. CenterNet's squeeze-and-excite layers enlarge rounding until TensorFlow.js itself is 1.1e-4 away from what
 * double precision gives (ours 4.9e-5); there, double precision decides.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Picture } from "../../src/dataset/types.js";
import { createEngine } from "../../src/node/engine.js";
import { decodePicture } from "../../src/node/images.js";
import { ZOO } from "../../src/node/zoo/catalogue.js";
import { demoImages } from "../../src/node/zoo/photographs.js";
import { seededRandom } from "../../src/numerics/random.js";
import { loadPair, useWasm } from "../detectors/pair.js";
import { difference, inOriginalOrder } from "../model/tfjs/graphs.js";

const engine = createEngine();
const pictures: { title: string; picture: Picture }[] = [];
beforeAll(async () => {
  await useWasm();
  const whole = (await demoImages()).list.images.filter((i) => i.id.endsWith("#0"));
  for (const image of [whole[0]!, whole[4]!, whole[8]!])
    pictures.push({ title: image.id, picture: await decodePicture(image) });
  const random = seededRandom("noise");
  pictures.push({
    title: "noise",
    picture: { width: 333, height: 500, data: Uint8Array.from({ length: 333 * 500 * 3 }, () => 256 * random()) },
  });
});
afterAll(() => engine.dispose());

const say = (line: string) => process.stdout.write(`${line}\n`);

/** Names a run, so that no graph of 250 outputs has to keep them all. */
const AT_ONCE = 60;

describe.each(Object.keys(ZOO))("zoo:%s", (name) => {
  test("heads and taps within 1e-4 of each tensor's range", async () => {
    const pair = await loadPair(name, engine);
    const names = [...new Set([...pair.heads, ...pair.taps.map((t) => t.name)])];
    for (const { title, picture } of pictures) {
      const gaps = new Map<string, number>();
      const far = new Map<string, { ours: Float32Array; theirs: Float32Array }>();
      for (let i = 0; i < names.length; i += AT_ONCE) {
        const some = names.slice(i, i + AT_ONCE);
        const [ours, theirs] = [await pair.ours(picture, some), pair.theirs(picture, some)];
        for (const n of some) {
          const both = { ours: ours.get(n)!.data, theirs: theirs.get(n)!.data };
          gaps.set(n, difference(both.ours, both.theirs));
          if (!(gaps.get(n)! < 1e-4)) far.set(n, both);
        }
      }
      const [worst, gap] = [...gaps].reduce((a, b) => (b[1] > a[1] ? b : a));
      const heads = `${pair.heads.length} heads and ${pair.taps.length} taps`;
      say(`${name}, ${title}: ${heads}; largest difference ${gap.toExponential(1)} of the range, at ${worst}`);
      if (far.size === 0) continue;
      const exact = await pair.exact(picture);
      for (const [n, { ours, theirs }] of far) {
        const value = inOriginalOrder(exact.get(n)!.data as never, exact.get(n)!.dims, [0, 3, 1, 2]).data;
        const [we, they] = [difference(ours, value), difference(theirs, value)];
        say(`  from double precision: ours ${we.toExponential(1)}, TensorFlow.js ${they.toExponential(1)} at ${n}`);
        expect(we, `${n} on ${title}`).toBeLessThan(1e-4);
        expect(we).toBeLessThan(they);
      }
    }
    await pair.dispose();
  });
});
