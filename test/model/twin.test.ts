/** Shuffled twins of trained detectors: fitted on eight photographs, judged on four others too. */
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { preprocess } from "../../src/dataset/preprocess.js";
import { measureChannels } from "../../src/model/channels.js";
import { readModel } from "../../src/model/read.js";
import { healthOf } from "../../src/model/recalibrate.js";
import { shuffleWeights } from "../../src/model/shuffle.js";
import { recalibratedTwin } from "../../src/model/twin.js";
import { createEngine } from "../../src/node/engine.js";
import { decodePicture, listImages } from "../../src/node/images.js";
import { openNetwork } from "../../src/node/network.js";
import { seededRandom } from "../../src/numerics/random.js";

const data = process.env.SAMESIGHT_TEST_DATA ?? new URL("../../../shared/data", import.meta.url).pathname;
const photographs = join(data, "coco128/images");
const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "samesight/packages");
const missing = !existsSync(photographs)
  ? `no photographs at ${photographs}`
  : !existsSync(cache)
    ? `no networks at ${cache}`
    : "";
const engine = createEngine({ threads: 2 });
afterAll(() => engine.dispose());

describe.skipIf(missing !== "")(`twins of detectors${missing && ` (skipped: ${missing})`}`, () => {
  it.each([
    ["ssdlite-mobilenetv2", 88],
    ["centernet-mobilenetv3", 89],
    ["nanodet", 34],
  ])(
    "%s: statistics restored within 5 %%, nothing above 10 times the trained maximum",
    async (name, count) => {
      const { images } = await listImages(photographs);
      const pictures = await Promise.all(images.slice(0, 12).map(decodePicture));
      const network = await openNetwork(`zoo:${name}`, undefined);
      const inputs = pictures.map((p) => preprocess([p], network.preprocessing).input);
      const fit = { engine, inputName: network.summary.input.name, inputs: inputs.slice(0, 8) };
      const { model, health } = await recalibratedTwin(network.bytes, fit, seededRandom("twin", 1));
      const { convolutions } = shuffleWeights(readModel(network.bytes), seededRandom("twin", 1));
      const held = { ...fit, inputs: inputs.slice(8) };
      const other = healthOf(
        convolutions,
        await measureChannels(held, network.bytes, convolutions),
        await measureChannels(held, model, convolutions),
      );
      expect(health.convolutions).toBe(count);
      expect(health.meanError).toBeLessThan(0.05);
      expect(health.sdError).toBeLessThan(0.05);
      expect(health.maximumRatio).toBeLessThan(10);
      expect(health.deadChannels / health.channels).toBeLessThan(0.05);
      expect(other.maximumRatio).toBeLessThan(10);
    },
    240_000,
  );
});
