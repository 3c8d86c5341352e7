import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { asyncBufferFromFile, parquetReadObjects } from "hyparquet";
import type { NetworkConfig, StudyConfig } from "../contract/config.js";
import type { ConceptRow, LayerRow, PairRow, RunFile } from "../contract/results.js";
import { SamesightError } from "../errors.js";
import { readPart } from "../model/read.js";
import { nearestName } from "../numerics/nearest.js";
import type { CheckedRun, CheckOptions, CheckResult } from "../report/check.js";
import { checkRun } from "../report/check.js";
import { openNetwork } from "./network.js";
import type { RunOptions } from "./run.js";
import { runToFolder, uniqueIds } from "./run.js";

export interface CheckRequest extends CheckOptions {
  /** Folder of the finished run that holds what must be kept. */
  readonly against: string;
  /** Where baseline networks lie now, by id; default: where the baseline run took them from. */
  readonly baselines?: Readonly<Record<string, string>>;
}

const SUFFIX = "@baseline";

/** Compares each network of a study with the one of the same name in a finished run, on the study's photographs, and judges. */
export async function checkStudy(
  config: StudyConfig,
  request: CheckRequest,
  options: RunOptions,
): Promise<CheckResult & { readonly report: string }> {
  const baseline = await readRun(request.against);
  const ids = uniqueIds(config);
  const old = baseline.models.filter((m) => (m.twin_of ?? null) === null);
  const networks: NetworkConfig[] = [];
  const pairs: { before: string; after: string }[] = [];
  for (const [i, network] of config.networks.entries()) {
    const after = ids[i]!;
    const model = counterpart(after, old, ids.length, request.against);
    const source = request.baselines?.[model.id] ?? model.source;
    const before = `${model.id}${SUFFIX}`;
    const names = model.taps.map((t) => t.name);
    await unchanged(model, source, options);
    networks.push({
      id: before,
      source,
      layers: names,
      preprocess: model.preprocessing as NetworkConfig["preprocess"],
    });
    networks.push({ ...network, id: after, layers: await sameLayers(network, names, options) });
    pairs.push({ before, after });
  }
  const outcome = await runToFolder({ ...config, networks }, options);
  return { ...checkRun(await readTables(outcome.dir, config.concepts.method), pairs, request), report: outcome.report };
}

/** Throws SamesightError `missing` or `invalid` where there is no finished run. */
export async function readRun(dir: string): Promise<RunFile> {
  const path = join(dir, "run.json");
  const text = await readFile(path, "utf8").catch((cause) => {
    throw new SamesightError("missing", `no finished run in ${dir}`, {
      hint: "Give the folder that samesight compare, run or demo wrote (--out).",
      cause,
    });
  });
  try {
    return JSON.parse(text) as RunFile;
  } catch (cause) {
    throw new SamesightError("invalid", `${path}: damaged`, { hint: "Run the study again.", cause });
  }
}

/** The tables of a finished run, read back. */
export async function readTables(dir: string, method: string): Promise<CheckedRun> {
  const rows = async <T>(name: string) =>
    (await parquetReadObjects({ file: await asyncBufferFromFile(join(dir, `${name}.parquet`)) })) as T[];
  return {
    method,
    layers: await rows<LayerRow>("layers"),
    concepts: await rows<ConceptRow>("concepts"),
    pairs: await rows<PairRow>("pairs"),
  };
}

/** The baseline's network of the same name, or the only one where both have one. */
function counterpart(id: string, models: RunFile["models"], count: number, against: string): RunFile["models"][number] {
  const found = models.find((m) => m.id === id) ?? (count === 1 && models.length === 1 ? models[0] : undefined);
  if (found) return found;
  const known = models.map((m) => m.id);
  const near = nearestName(id, known);
  throw new SamesightError("unknown", `the run in ${against} has no network '${id}'`, {
    hint: `${near ? `Did you mean '${near}'? ` : ""}It has ${known.join(", ")}; give the network that id in the study.`,
  });
}

/** The file must still be the network that the baseline looked at. */
async function unchanged(model: RunFile["models"][number], source: string, options: RunOptions): Promise<void> {
  const now = await openNetwork(source, model.preprocessing as NetworkConfig["preprocess"], options).catch((cause) => {
    throw new SamesightError(
      "missing",
      `the baseline's network '${model.id}' cannot be read: ${(cause as Error).message}`,
      {
        hint: `Keep a copy of it and pass --baseline ${model.id}=FILE.`,
        cause,
      },
    );
  });
  if (now.sha256 === model.sha256) return;
  throw new SamesightError("invalid", `${source} is no longer the network of the baseline (its bytes have changed)`, {
    hint: `Keep a copy of the old network and pass --baseline ${model.id}=FILE.`,
  });
}

/** The baseline's layers where the new network has them all, else the study's own choice. */
async function sameLayers(network: NetworkConfig, names: readonly string[], options: RunOptions): Promise<string[]> {
  const { bytes } = await openNetwork(network.source, network.preprocess, options);
  const made = new Set(readPart(bytes, network.source).graph!.node.flatMap((n) => n.output));
  return names.every((n) => made.has(n)) ? [...names] : network.layers;
}
