import { basename } from "node:path";
import type { NetworkConfig } from "../contract/config.js";
import type { Preprocessing } from "../contract/preprocessing.js";
import { preprocess } from "../dataset/preprocess.js";
import { SamesightError } from "../errors.js";
import { withFreeBatch } from "../model/freebatch.js";
import { withUsualInput } from "../model/input.js";
import { withDequantized } from "../model/integers.js";
import type { FoundPreprocessing, PreprocessingOrigin } from "../model/preprocessing/found.js";
import { probeTaps } from "../model/probe.js";
import { readModel, readPart, writeModel } from "../model/read.js";
import { selectTaps } from "../model/select.js";
import { summarize } from "../model/summarize.js";
import { withTaps } from "../model/taps.js";
import type { NetworkSummary, Tap } from "../model/types.js";
import type { Engine } from "../numerics/engine.js";
import type { StudyNetwork } from "../pipeline.js";
import { loadModelFile, sha256Of } from "./modelfile.js";
import { findPreprocessing } from "./preprocessing.js";
import type { FetchOptions } from "./zoo/fetch.js";
import type { LoadedNetwork } from "./zoo/load.js";
import { loadTfjsModel, loadZooNetwork } from "./zoo/load.js";

export { readPreprocessing } from "./preprocessing.js";

export interface OpenNetwork extends Omit<LoadedNetwork, "preprocessing"> {
  readonly source: string;
  readonly sha256: string;
  readonly summary: NetworkSummary;
  readonly preprocessing: Preprocessing;
  readonly origin: PreprocessingOrigin;
  readonly notes: readonly string[];
  readonly guessed: boolean;
}

/** Opens what NETWORK may be: zoo:NAME, an .onnx file, a TensorFlow.js model.json. `given`: preprocessing, or the path of its file. */
export async function openNetwork(
  source: string,
  given: Preprocessing | string | undefined,
  options: FetchOptions = {},
): Promise<OpenNetwork> {
  const loaded = await load(source, options);
  const read = readModel(loaded.bytes, source);
  const model = withDequantized(withUsualInput(read));
  const summary = summarize(model, source);
  const found: FoundPreprocessing = await findPreprocessing(source, summary, given, loaded.preprocessing);
  return {
    ...loaded,
    ...found,
    bytes: model === read ? loaded.bytes : writeModel(model),
    source,
    sha256: sha256Of(loaded.bytes),
    summary,
    guessed: found.origin === "guessed",
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

/** All feature maps of a network, with shapes, found by running one grey picture. */
export async function probeNetwork(network: OpenNetwork, engine: Engine): Promise<Tap[]> {
  const { width, height } = network.preprocessing;
  const grey = { width, height, data: new Uint8Array(width * height * 3).fill(127) };
  const { input } = preprocess([grey], network.preprocessing);
  const { tensors, input: info } = network.summary;
  return probeTaps(engine, network.bytes, tensors, info.name, input, network.preprocessing.layout);
}

/**
 * A network ready for a study: taps chosen, heads pruned, the batch freed where every node can be seen to treat images apart. Throws SamesightError `unsupported`
 * where no layer holds a feature map, and what opening, probing and choosing throw.
 */
export async function prepareNetwork(
  config: NetworkConfig,
  id: string,
  engine: Engine,
  options: FetchOptions & { readonly whole?: boolean } = {},
): Promise<StudyNetwork & Pick<OpenNetwork, "guessed" | "notes" | "origin">> {
  const network = await openNetwork(config.source, config.preprocess, options);
  const candidates = await probeNetwork(network, engine);
  if (candidates.length === 0) {
    throw new SamesightError("unsupported", `${config.source}: no layer holds a feature map`, {
      hint: "samesight compares convolutional networks on images.",
    });
  }
  const notes = [...network.notes];
  const taps = selectTaps(candidates, config.layers, (note) => notes.push(note));
  const tapped = withTaps(
    network.bytes,
    taps.map((t) => t.name),
  );
  const { model, free } = withFreeBatch(readPart(tapped, config.source));
  const fixed = network.summary.input.shape[0]! > 0;
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
    batchFree: free,
    taps,
    tapped: inSharedMemory(free && fixed ? writeModel(model) : tapped),
    ...(options.whole ? { whole: inSharedMemory(network.bytes) } : {}),
    guessed: network.guessed,
    origin: network.origin,
    notes,
  };
}

/** One copy for all worker threads. */
function inSharedMemory(bytes: Uint8Array): Uint8Array {
  const shared = new Uint8Array(new SharedArrayBuffer(bytes.length));
  shared.set(bytes);
  return shared;
}
