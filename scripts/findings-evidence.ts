/**
 * The paper's two findings on three detectors with shuffled twins, as Markdown:
 *   npm run evidence:findings -- [--run DIR] [--out FILE] [--cache DIR] [--twins 3]
 * With --run it prints what is in a folder that a run has written; without, it runs the study into a folder of the temporary directory: fits on coco128's
 * train2017, tests on its val2017, found at ../shared/data or SAMESIGHT_TEST_DATA.
 */
import { mkdtempSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { configSchema } from "../src/contract/config.js";
import { runToFolder } from "../src/node/run.js";
import { findingsEvidence } from "./findings-tables.js";

const { values } = parseArgs({
  options: {
    run: { type: "string" },
    out: { type: "string" },
    cache: { type: "string" },
    twins: { type: "string", default: "3" },
  },
});

async function study(): Promise<string> {
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
  const out = mkdtempSync(join(tmpdir(), "samesight-findings-"));
  await runToFolder(config, { out, ...(values.cache ? { cacheDir: values.cache } : {}) });
  return out;
}

const text = findingsEvidence(values.run ?? (await study()));
if (values.out) await writeFile(values.out, text);
else process.stdout.write(text);
