import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import type { NetworkConfig } from "../contract/config.js";
import type { Preprocessing } from "../contract/preprocessing.js";
import { preprocessingSchema } from "../contract/preprocessing.js";
import { preprocess } from "../dataset/preprocess.js";
import { SamesightError } from "../errors.js";
import { probeTaps } from "../model/probe.js";
import { readModel } from "../model/read.js";
import { selectTaps } from "../model/select.js";
import { summarize } from "../model/summarize.js";
import { withTaps } from "../model/taps.js";
import type { NetworkSummary, Tap } from "../model/types.js";
import type { Engine } from "../numerics/engine.js";
import type { StudyNetwork } from "../pipeline.js";
import { loadModelFile, sha256Of } from "./modelfile.js";
import type { FetchOptions } from "./zoo/fetch.js";
import type { LoadedNetwork } from "./zoo/load.js";
import { loadTfjsModel, loadZooNetwork } from "./zoo/load.js";

export interface OpenNetwork extends LoadedNetwork {
  readonly source: string;
  readonly sha256: string;
  readonly summary: NetworkSummary;
  readonly preprocessing: Preprocessing;
  readonly guessed: boolean;
}

/** Opens what NETWORK may be: zoo:NAME, an .onnx file, a TensorFlow.js model.json. */
export async function openNetwork(
  source: string,
  given: Preprocessing | undefined,
  options: FetchOptions = {},
): Promise<OpenNetwork> {
  const loaded = await load(source, options);
  const summary = summarize(readModel(loaded.bytes, source), source);
  const own = given ?? loaded.preprocessing;
  return {
    ...loaded,
    source,
    sha256: sha256Of(loaded.bytes),
    summary,
    preprocessing: own ?? guess(source, summary),
    guessed: !own,
  };
}

async function load(source: string, options: FetchOptions): Promise<LoadedNetwork> {
  if (source.startsWith("zoo:")) return loadZooNetwork(source.slice(4), options);
  const plain = {
    preprocessing: undefined,
    licence: null,
    family: null,
    title: basename(source).replace(/\.(onnx|json)$/, ""),
  };
  if (source.endsWith(".json")) return { ...plain, bytes: (await loadTfjsModel(source)).bytes };
  return { ...plain, bytes: await loadModelFile(source) };
}

/** RGB in 0..1, stretched: what most detectors were trained on. Throws SamesightError `missing` when the size is free. */
function guess(source: string, { input }: NetworkSummary): Preprocessing {
  const [height, width] =
    input.layout === "NCHW" ? [input.shape[2]!, input.shape[3]!] : [input.shape[1]!, input.shape[2]!];
  if (height < 1 || width < 1) {
    throw new SamesightError("missing", `${source}: its input size is free, so preprocessing must be given`, {
      hint: 'Write {"width": 640, "height": 640, ...} to a file and pass --preprocess NETWORK=FILE.',
    });
  }
  const type = input.type === "float16" || input.type === "uint8" ? input.type : "float32";
  return preprocessingSchema.parse({
    width,
    height,
    layout: input.layout,
    type,
    ...(type === "uint8" ? { scale: 1 } : {}),
  });
}

/** Reads a --preprocess file. Throws SamesightError `invalid` with the key that is wrong. */
export async function readPreprocessing(path: string): Promise<Preprocessing> {
  const text = await readFile(path, "utf8").catch((cause) => {
    throw new SamesightError("missing", `no file at ${path}`, {
      hint: "Give a JSON file with width, height, mean, std ...",
      cause,
    });
  });
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new SamesightError("invalid", `${path}: not JSON`, {
      hint: "Give a JSON file with width, height, mean, std ...",
      cause,
    });
  }
  const parsed = preprocessingSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  throw new SamesightError("invalid", `${path}: ${issue.path.join(".") || "the file"}: ${issue.message}`, {
    hint: "See schemas/preprocessing.schema.json.",
  });
}

/** All feature maps of a network, with shapes, found by running one grey picture. */
export async function probeNetwork(network: OpenNetwork, engine: Engine): Promise<Tap[]> {
  const { width, height } = network.preprocessing;
  const grey = { width, height, data: new Uint8Array(width * height * 3).fill(127) };
  const { input } = preprocess([grey], network.preprocessing);
  return probeTaps(
    engine,
    network.bytes,
    network.summary.tensors,
    network.summary.input.name,
    input,
    network.summary.input.layout,
  );
}

/** A network ready for a study: taps chosen, heads pruned. */
export async function prepareNetwork(
  config: NetworkConfig,
  id: string,
  engine: Engine,
  options: FetchOptions = {},
): Promise<StudyNetwork & { guessed: boolean }> {
  const network = await openNetwork(config.source, config.preprocess, options);
  const candidates = await probeNetwork(network, engine);
  if (candidates.length === 0) {
    throw new SamesightError("unsupported", `${config.source}: no layer holds a feature map`, {
      hint: "samesight compares convolutional networks on images.",
    });
  }
  const taps = selectTaps(candidates, config.layers);
  return {
    id,
    source: config.source,
    title: network.title,
    family: network.family,
    licence: network.licence,
    sha256: network.sha256,
    parameterBytes: network.summary.parameterBytes,
    preprocessing: network.preprocessing,
    inputName: network.summary.input.name,
    batchFree: (network.summary.input.shape[0] ?? 1) < 1,
    taps,
    tapped: withTaps(
      network.bytes,
      taps.map((t) => t.name),
    ),
    guessed: network.guessed,
  };
}
