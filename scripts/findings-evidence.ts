/**
 * The paper's two findings on three detectors with shuffled twins, as Markdown:
 *   npm run evidence:findings -- [--run DIR] [--out FILE] [--cache DIR] [--twins 3] [--statistics]
 * With --run it prints what is in a folder that a run has written; without, it runs the study into a folder of the temporary directory: fits on coco128's
 * train2017, tests on its val2017, found at ../shared/data or SAMESIGHT_TEST_DATA. --statistics adds how much simple properties of the photographs
 * explain of the concept maps (of the same study, from the cache).
 */
import { mkdtempSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { configSchema } from "../src/contract/config.js";
import { createEnvironment } from "../src/node/environment.js";
import { listImages } from "../src/node/images.js";
import { prepareNetwork } from "../src/node/network.js";
import { runToFolder } from "../src/node/run.js";
import { runStudy } from "../src/pipeline.js";
import { pictureStatistics } from "./findings-statistics.js";
import { findingsEvidence } from "./findings-tables.js";

const { values } = parseArgs({
  options: {
    run: { type: "string" },
    out: { type: "string" },
    cache: { type: "string" },
    twins: { type: "string", default: "3" },
    statistics: { type: "boolean" },
  },
});

const data = join(process.env.SAMESIGHT_TEST_DATA ?? "../shared/data", "coco128");
const config = configSchema.parse({
  networks: ["ssdlite-mobilenetv2", "centernet-mobilenetv3", "nanodet"].map((name) => ({
    source: `zoo:${name}`,
    layers: ["auto:6"],
  })),
  images: join(data, "images/train2017"),
  testImages: join(data, "images/val2017"),
  twins: Number(values.twins),
  similarity: { permutations: 100, bootstrap: 1000 },
  controls: ["cka", "procrustes", "rsa", "mutual_knn", "matching", "rdx"],
});
const cache = values.cache ? { cacheDir: values.cache } : {};

async function study(): Promise<string> {
  const out = mkdtempSync(join(tmpdir(), "samesight-findings-"));
  await runToFolder(config, { out, ...cache });
  return out;
}

async function statistics(): Promise<string> {
  const env = createEnvironment({ ...cache, progress: () => {} });
  try {
    const networks = [];
    for (const n of config.networks) networks.push(await prepareNetwork(n, n.source.slice("zoo:".length), env.engine));
    const fit = (await listImages(config.images!)).images;
    const test = (await listImages(config.testImages!)).images;
    const result = await runStudy({ config, networks, fit, test }, env);
    const files = test.map((image) => image.path);
    return `\n## What simple properties of the photographs explain\n\nMean R^2 over the concepts of a tap, on a 10 x 10 grid: of the maps' means over each photograph by its brightness, contrast, edges across and down, and red less blue (adjusted); of the maps cell by cell, each position's mean removed, by the same of the cell.\n\n${await pictureStatistics(result, files)}\n`;
  } finally {
    await env.dispose();
  }
}

const text = findingsEvidence(values.run ?? (await study())) + (values.statistics ? await statistics() : "");
if (values.out) await writeFile(values.out, text);
else process.stdout.write(text);
