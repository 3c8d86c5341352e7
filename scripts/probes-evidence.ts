/**
 * Named concepts in three detectors, as Markdown: npm run evidence:probes -- [--out FILE] [--cache DIR]
 * Fits on coco128's train2017, tests on its val2017 (semantic PNG labels), found at ../shared/data or SAMESIGHT_TEST_DATA.
 * bench/evidence/probes.md is what it printed last.
 */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { configSchema } from "../src/contract/config.js";
import { labelsSchema } from "../src/contract/labels.js";
import { probesSchema } from "../src/contract/probes.js";
import { createEnvironment } from "../src/node/environment.js";
import { listImages } from "../src/node/images.js";
import { openLabels } from "../src/node/labels/open.js";
import { prepareNetwork } from "../src/node/network.js";
import { supervise } from "../src/study/supervise.js";
import { shuffledTwins } from "../src/study/twins.js";
import { evidence } from "./probes-tables.js";

const { values } = parseArgs({
  options: {
    out: { type: "string" },
    cache: { type: "string" },
    grid: { type: "string" },
    layers: { type: "string", default: "auto:6" },
    concept: { type: "string", multiple: true, default: ["*"] },
  },
});
const data = join(process.env.SAMESIGHT_TEST_DATA ?? "../shared/data", "coco128");
const names = ["ssdlite-mobilenetv2", "centernet-mobilenetv3", "nanodet"];
const config = configSchema.parse({
  networks: names.map((id) => ({ id, source: `zoo:${id}`, layers: [values.layers] })),
  images: join(data, "images/train2017"),
  testImages: join(data, "images/val2017"),
});
const started = performance.now();
const times: Record<string, number> = {};
let [stage, since] = ["", started];
const env = createEnvironment({
  ...(values.cache ? { cacheDir: values.cache } : {}),
  progress: (e) => {
    if (e.stage === stage) return;
    const now = performance.now();
    times[stage] = (times[stage] ?? 0) + now - since;
    [stage, since] = [e.stage, now];
  },
});
try {
  const networks = [];
  for (const network of config.networks) networks.push(await prepareNetwork(network, network.id!, env.engine));
  const fit = (await listImages(config.images!)).images;
  const test = (await listImages(config.testImages!)).images;
  const labels = await openLabels(labelsSchema.parse({ path: join(data, "semantic"), concepts: values.concept }), [
    ...fit,
    ...test,
  ]);
  const probes = probesSchema.parse(values.grid ? { grid: Number(values.grid) } : {});
  const twins = await shuffledTwins({ config: { ...config, twins: 1 }, networks, fit, test }, env);
  const result = await supervise({ config, networks: [...networks, ...twins], fit, test }, labels, probes, env);
  // the same probes from the store, each network beside its shuffled copy and the first beside itself
  const beside = [
    ...networks,
    ...twins.map(({ twin: _, ...network }) => network),
    { ...networks[0]!, id: `${networks[0]!.id} again` },
  ];
  const nulls = await supervise({ config, networks: beside, fit, test }, labels, { ...probes, shuffled: false }, env);
  times[stage] = (times[stage] ?? 0) + performance.now() - since;
  const seconds = (performance.now() - started) / 1000;
  const pairs = networks.map((n) => [n.id, twins.find((t) => t.twin?.of === n.id)!.id] as const);
  const lines = evidence(result, names, { result: nulls, shuffled: new Map(pairs), again: beside.at(-1)!.id });
  const cost = Object.entries(times).map(([name, ms]) => `${name || "opening"} ${(ms / 1000).toFixed(1)} s`);
  const memory = Math.round(process.resourceUsage().maxRSS / 1024);
  const text = `${lines}\n\n${seconds.toFixed(0)} s in all (${cost.join(", ")}), peak memory ${memory} MB.\n`;
  if (values.out) await writeFile(values.out, text);
  else process.stdout.write(text);
} finally {
  await env.dispose();
}
