import { forwardOf } from "../activations/forward.js";
import { conceptMethods } from "../concepts/methods.js";
import { preparePlanes } from "../concepts/negative.js";
import type { Preprocessing } from "../contract/preprocessing.js";
import type { RunFile } from "../contract/results.js";
import { readSafetensors } from "../contract/safetensors.js";
import { preprocess } from "../dataset/preprocess.js";
import type { Geometry, Picture } from "../dataset/types.js";
import { SamesightError } from "../errors.js";
import { probeTaps } from "../model/probe.js";
import { readModel } from "../model/read.js";
import { summarize } from "../model/summarize.js";
import { withTaps } from "../model/taps.js";
import type { Tap } from "../model/types.js";
import type { Engine } from "../numerics/engine.js";
import type { Matrix } from "../numerics/types.js";

/** The concepts of one layer seen in one picture. */
export interface LiveLayer {
  readonly name: string;
  readonly depth: number;
  /** Scores k x h x w, over the network's tensor. */
  readonly scores: Float32Array;
  readonly k: number;
  readonly h: number;
  readonly w: number;
}

/** A network of a finished study, ready to look at new pictures; `dispose` frees it. */
export interface LiveNetwork {
  readonly id: string;
  readonly layers: readonly { readonly name: string; readonly depth: number; readonly k: number }[];
  /** One forward pass and the concepts of every layer of the study; `geometry` says where the picture lies in the tensor. */
  see(picture: Picture): Promise<{ readonly geometry: Geometry; readonly layers: readonly LiveLayer[] }>;
  release(): Promise<void>;
}

/**
 * A network of a finished study, live: its ONNX bytes, its entry of run.json's `models`, and the bytes of its `vectors/<model>.safetensors`.
 * `method`: run.json's config.concepts.method. Throws SamesightError `missing` where vectors and layers do not belong together.
 */
export async function openLiveNetwork(
  engine: Engine,
  bytes: Uint8Array,
  model: RunFile["models"][number],
  vectors: Uint8Array,
  method: string,
): Promise<LiveNetwork> {
  const summary = summarize(readModel(bytes, model.id), model.id);
  const preprocessing = model.preprocessing as unknown as Preprocessing;
  const names = model.taps.map((t) => t.name);
  const known = new Map(model.taps.map((t) => [t.name, t]));
  const { width, height, layout } = preprocessing;
  const grey = { width, height, data: new Uint8Array(width * height * 3).fill(127) };
  const tensors = summary.tensors.filter((t) => known.has(t.name));
  const { input } = preprocess([grey], preprocessing);
  const probed = await probeTaps(engine, bytes, tensors, summary.input.name, input, layout);
  const taps = names.map((name) => {
    const tap = probed.find((t) => t.name === name);
    if (!tap) throw missing(`${model.id}: the network has no layer '${name}'`);
    return tap;
  });
  const file = readSafetensors(vectors, `vectors of ${model.id}`);
  const concepts = taps.map((t) => matrixOf(file, `${t.name}/${method}`, model.id));
  const encoder = (conceptMethods as Readonly<Record<string, (typeof conceptMethods)["nmf"]>>)[method];
  if (!encoder) throw missing(`no concept method is called '${method}'`);
  const kernel = await engine.compile(withTaps(bytes, names));
  const forward = forwardOf(kernel, summary.input.name, taps);
  return {
    id: model.id,
    layers: taps.map((t, i) => ({ name: t.name, depth: t.depth, k: concepts[i]!.rows })),
    async see(picture) {
      const { input: tensor, geometries } = preprocess([picture], preprocessing);
      const layers: LiveLayer[] = [];
      for (const [i, raw] of (await forward(tensor)).entries()) {
        const planes = preparePlanes(raw, modeOf(encoder.signed, concepts[i]!, taps[i]!));
        const { data, c, h, w } = await encoder.encode(planes, concepts[i]!, engine);
        layers.push({ name: taps[i]!.name, depth: taps[i]!.depth, scores: data, k: c, h, w });
      }
      return { geometry: geometries[0]!, layers };
    },
    release: () => kernel.release(),
  };
}

/** Twice the channels: negative activations were split off. */
function modeOf(signed: boolean, concepts: Matrix, tap: Tap) {
  if (signed) return "none";
  return concepts.cols === 2 * tap.channels ? "split" : "clip";
}

function matrixOf({ tensors }: ReturnType<typeof readSafetensors>, name: string, id: string): Matrix {
  const t = tensors[name];
  if (!t || !(t.data instanceof Float32Array)) throw missing(`vectors of ${id} have no '${name}'`);
  return { data: t.data, rows: t.dims[0]!, cols: t.dims[1]! };
}

function missing(what: string): SamesightError {
  return new SamesightError("missing", what, { hint: "Give the network, run.json and vectors of one finished run." });
}
