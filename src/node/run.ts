import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import type { StudyConfig } from "../contract/config.js";
import type { RunFile } from "../contract/results.js";
import { conceptRowSchema, layerRowSchema, pairRowSchema, SCHEMA_VERSION } from "../contract/results.js";
import { writeSafetensors } from "../contract/safetensors.js";
import { chainRowSchema, differenceRowSchema, flowRowSchema, summaryRowSchema } from "../contract/trust.js";
import { checked, thin } from "../dataset/split.js";
import type { ImageRef } from "../dataset/types.js";
import { SamesightError } from "../errors.js";
import { seededRandom } from "../numerics/random.js";
import { runStudy } from "../pipeline.js";
import { findings } from "../report/findings.js";
import type { ReportRows } from "../report/gather.js";
import { namedConcepts, supervisedLayerRows } from "../report/supervised.js";
import { conceptRows, layerRows, pairRows, tapRows } from "../report/tables.js";
import {
  chainRows,
  controlRows,
  differenceRows,
  findingsInput,
  flowRows,
  summaryRows,
  twinRows,
} from "../report/trusttables.js";
import { asksFor } from "../study/controls.js";
import type { SupervisedResult } from "../study/supervise.js";
import { superviseWith } from "../study/supervised/with.js";
import type { Progress, Study, StudyResult } from "../study.js";
import { createEnvironment, storeDirOf } from "./environment.js";
import { fileName } from "./filenames.js";
import type { ImageList } from "./images.js";
import { listImages } from "./images.js";
import { prepareNetwork } from "./network.js";
import { reportOf } from "./report.js";
import { writeSeen } from "./seen.js";
import { sha256, writeAtomic } from "./store.js";
import {
  labelWarnings,
  probeTensors,
  splitOf,
  studyLabels,
  supervisedTables,
  vectorsMetadata,
  writeSupervised,
} from "./supervised.js";
import { writeParquet, writeTable } from "./tables.js";
import { runWarnings } from "./warnings.js";
import { checkWritable } from "./write.js";
import type { PackageSource } from "./zoo/catalogue.js";

/** How a study is run: where to, how fast, and who is told. */
export interface RunOptions {
  readonly out: string;
  readonly cacheDir?: string;
  readonly cacheBytes?: number;
  readonly workers?: number;
  readonly progress?: (event: Progress) => void;
  readonly stopped?: () => boolean;
  readonly onFetch?: (source: PackageSource) => void;
  /** Photographs that are not a folder: the demo's. */
  readonly images?: { readonly list: ImageList; readonly sources: RunFile["dataset"]["sources"] };
}

/** Where a finished run lies, and what stands in its run.json. */
export interface RunOutcome {
  readonly dir: string;
  readonly report: string;
  readonly run: RunFile;
  /** Photographs that could not be used. */
  readonly skipped: number;
}

const { version } = createRequire(import.meta.url)("../../package.json") as { version: string };
const ortVersion = (createRequire(import.meta.url)("onnxruntime-node/package.json") as { version: string }).version;

/** Runs a study and writes its folder. Every file appears whole; an interrupted run goes on from the store when called again. */
export async function runToFolder(config: StudyConfig, options: RunOptions): Promise<RunOutcome> {
  const stagesMs: Record<string, number> = {};
  const timed = async <T>(stage: string, work: () => Promise<T>): Promise<T> => {
    const start = performance.now();
    try {
      return await work();
    } finally {
      stagesMs[stage] = Math.round((stagesMs[stage] ?? 0) + performance.now() - start);
    }
  };
  await checkWritable(options.out);
  await checkWritable(storeDirOf(options.cacheDir), "--cache");
  const env = createEnvironment({ ...options, progress: (event) => options.progress?.(event) });
  try {
    const data = await timed("images", () => collect(config, options));
    const ids = uniqueIds(config);
    const networks = await timed("networks", async () => {
      const out = [];
      const whole = asksFor(config, "replacement");
      for (const [i, n] of config.networks.entries())
        out.push(await prepareNetwork(n, ids[i]!, env.engine, { ...options, whole }));
      return out;
    });
    const study: Study = { config, networks, fit: data.fit, test: data.test };
    const labels = await timed("labels", () => studyLabels(config, [...data.fit, ...data.test], env.progress, options));
    const clock = stageClock(stagesMs);
    const told = {
      ...env,
      progress: (event: Progress) => {
        clock(event.stage);
        options.progress?.(event);
      },
    };
    const result = await runStudy(study, told);
    const named = labels && (await superviseWith(result, labels, told));
    clock("");
    const warnings = runWarnings(result, networks, labels && named ? labelWarnings(labels, named) : []);
    const run = runFile(result, data, warnings, stagesMs);
    const dir = resolve(options.out);
    for (const n of networks.filter((each) => each.guessed)) {
      await writeSeen(join(dir, "seen", `${fileName(n.id)}.png`), study.test.slice(0, 3), n.preprocessing);
    }
    const report = await timed("files", () => writeRun(dir, result, run, named));
    await writeAtomic(join(dir, "run.json"), [
      `${JSON.stringify({ ...run, stagesMs, peakMemoryBytes: peakMemory() }, null, 2)}\n`,
    ]);
    return { dir, report, run, skipped: data.skipped.length };
  } finally {
    await env.dispose();
  }
}

function peakMemory(): number {
  return process.resourceUsage().maxRSS * 1024;
}

/** Wall time between changes of stage goes to the stage that ended. */
function stageClock(stagesMs: Record<string, number>): (stage: string) => void {
  let current = "";
  let since = performance.now();
  return (stage) => {
    if (stage === current) return;
    const now = performance.now();
    const name = current || stage;
    if (name) stagesMs[name] = Math.round((stagesMs[name] ?? 0) + now - since);
    current = stage;
    since = now;
  };
}

export interface Collected {
  readonly fit: readonly ImageRef[];
  readonly test: readonly ImageRef[];
  readonly skipped: RunFile["dataset"]["skipped"];
  readonly sources: RunFile["dataset"]["sources"];
}

export async function collect(config: StudyConfig, options: RunOptions): Promise<Collected> {
  const random = seededRandom(config.seed, "images");
  const few = (images: readonly ImageRef[]) => thin(images, config.maxImages, random);
  if (!options.images && !config.images) {
    throw new SamesightError("missing", "no photographs are given", {
      hint: "Add --images DIR, a folder of photographs like those the networks were made for.",
    });
  }
  const first = options.images?.list ?? (await listImages(config.images!));
  const sources = options.images?.sources ?? [
    { name: config.images!, licence: "the user's own", images: first.images.length },
  ];
  if (!config.testImages) {
    const { fit, test } = await splitOf(config, first.images, options);
    return { ...checked({ fit: few(fit), test: few(test) }), skipped: [...first.skipped], sources: [...sources] };
  }
  const second = await listImages(config.testImages);
  const split = checked({ fit: few(first.images), test: few(second.images) });
  return {
    ...split,
    skipped: [...first.skipped, ...second.skipped],
    sources: [...sources, { name: config.testImages, licence: "the user's own", images: second.images.length }],
  };
}

/** Names of networks in tables: given, else from the source; numbered where they would repeat. */
export function uniqueIds(config: StudyConfig): string[] {
  const seen = new Map<string, number>();
  return config.networks.map((n) => {
    const base =
      n.id ??
      n.source
        .replace(/^zoo:/, "")
        .replace(/^.*[\\/]/, "")
        .replace(/\.(onnx|json)$/, "");
    const count = (seen.get(base) ?? 0) + 1;
    seen.set(base, count);
    return count === 1 ? base : `${base}-${count}`;
  });
}

function runFile(
  result: StudyResult,
  data: Collected,
  warnings: readonly string[],
  stagesMs: Record<string, number>,
): RunFile {
  const { study } = result;
  return {
    schemaVersion: SCHEMA_VERSION,
    tool: { name: "samesight", version, node: process.version, onnxruntime: ortVersion },
    created: new Date().toISOString(),
    config: study.config as unknown as Record<string, unknown>,
    models: study.networks.map((n, i) => ({
      id: n.id,
      twin_of: n.twin?.of ?? null,
      source: n.source,
      sha256: n.sha256,
      licence: n.licence,
      parameterBytes: n.parameterBytes,
      preprocessing: n.preprocessing as unknown as Record<string, unknown>,
      taps: tapRows(result, i),
    })),
    dataset: {
      hash: sha256(JSON.stringify([study.fit.map((i) => i.hash), study.test.map((i) => i.hash)])),
      fit: study.fit.length,
      test: study.test.length,
      skipped: [...data.skipped],
      sources: [...data.sources],
    },
    seed: study.config.seed,
    stagesMs,
    peakMemoryBytes: peakMemory(),
    findings: findings(findingsInput(result)),
    twins: twinRows(result),
    warnings: [...warnings],
  };
}

/** Files of what stands beside the numbers. */
async function writeTrust(dir: string, result: StudyResult): Promise<NonNullable<ReportRows["tables"]>> {
  const summary = summaryRows(result);
  const flow = flowRows(result);
  const chains = chainRows(result);
  const differences = differenceRows(result);
  await Promise.all([
    writeTable(dir, "summary", summaryRowSchema, summary),
    writeTable(dir, "flow", flowRowSchema, flow),
    writeTable(dir, "chains", chainRowSchema, chains),
    ...(differences.length > 0 ? [writeTable(dir, "differences", differenceRowSchema, differences)] : []),
  ]);
  return { summary, flow, chains, differences };
}

async function writeRun(
  dir: string,
  result: StudyResult,
  run: RunFile,
  named: SupervisedResult | undefined,
): Promise<string> {
  const { probes } = result.study.config;
  const layers = [
    ...layerRows(result),
    ...controlRows(result),
    ...(named ? supervisedLayerRows(named.conceptLayers, probes.method, named.grid, named.images.length) : []),
  ];
  const concepts = namedConcepts(conceptRows(result), named?.bridge ?? []);
  const pairs = pairRows(result);
  const [tables] = await Promise.all([
    writeTrust(dir, result),
    writeTable(dir, "layers", layerRowSchema, layers),
    writeTable(dir, "concepts", conceptRowSchema, concepts),
    writeParquet(join(dir, "pairs.parquet"), pairRowSchema, pairs),
  ]);
  for (const [n, network] of result.study.networks.entries()) {
    const tensors = result.layers.flatMap((layer, at) => {
      const { vectors } = result.mined[at]!.fit;
      const name = `${layer.tap.name}/${result.study.config.concepts.method}`;
      return layer.network === n
        ? [[name, { type: "float32" as const, dims: [vectors.rows, vectors.cols], data: vectors.data }] as const]
        : [];
    });
    await writeAtomic(join(dir, "vectors", `${fileName(network.id)}.safetensors`), [
      writeSafetensors(
        {
          ...Object.fromEntries(tensors),
          ...(named && !network.twin ? probeTensors(n, network.taps, named, probes.method) : {}),
        },
        {
          axes: "concept,channel",
          ...(named && !network.twin ? vectorsMetadata(named) : {}),
          model: network.id,
          sha256: network.sha256,
        },
      ),
    ]);
  }
  if (named) await writeSupervised(dir, result.study, named, fileName);
  const both = { ...tables, ...(named ? supervisedTables(named) : {}) };
  return reportOf(dir, result, run, { layers, concepts, tables: both }, named);
}
