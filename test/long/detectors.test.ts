/** Every tap that `samesight inspect --all` offers, and the heads, of the three detectors, on real photographs and on noise, against TensorFlow.js. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Picture } from "../../src/dataset/types.js";
import { createEngine } from "../../src/node/engine.js";
import { decodePicture } from "../../src/node/images.js";
import { ZOO } from "../../src/node/zoo/catalogue.js";
import { demoImages } from "../../src/node/zoo/photographs.js";
import { seededRandom } from "../../src/numerics/random.js";
import { loadPair, useWasm } from "../detectors/pair.js";
import { difference } from "../model/tfjs/graphs.js";

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

/** Names a run, so that no graph of 250 outputs has to keep them all. */
const AT_ONCE = 60;

describe.each(Object.keys(ZOO))("zoo:%s", (name) => {
  test("heads and taps within 1e-4 of each tensor's range", async () => {
    const pair = await loadPair(name, engine);
    const names = [...new Set([...pair.heads, ...pair.taps.map((t) => t.name)])];
    for (const { title, picture } of pictures) {
      let worst = { name: "", gap: 0 };
      for (let i = 0; i < names.length; i += AT_ONCE) {
        const some = names.slice(i, i + AT_ONCE);
        const [ours, theirs] = [await pair.ours(picture, some), pair.theirs(picture, some)];
        for (const n of some) {
          const gap = difference(ours.get(n)!.data, theirs.get(n)!.data);
          expect(gap, `${n} on ${title}`).toBeLessThan(1e-4);
          if (gap > worst.gap) worst = { name: n, gap };
        }
      }
      const heads = `${pair.heads.length} heads and ${pair.taps.length} taps`;
      process.stdout.write(
        `${name}, ${title}: ${heads}; largest difference ${worst.gap.toExponential(1)} of the range, at ${worst.name}\n`,
      );
    }
    await pair.dispose();
  });
});
