import { calibrate } from "../../concepts/calibrate.js";
import { bestFilters } from "../../concepts/filter.js";
import { NET2VEC } from "../../concepts/net2vec.js";
import type { ProbeOptions } from "../../concepts/probe.js";
import { fitPrepared, refitPrepared } from "../../concepts/probe.js";
import type { ProbeShard } from "../../concepts/proberows.js";
import { prepareRows } from "../../concepts/proberows.js";
import { sampleSizes } from "../../concepts/samplesize.js";
import { vectorStability } from "../../concepts/vectors.js";
import type { ProbesConfig } from "../../contract/probes.js";
import type { TensorFile } from "../../contract/safetensors.js";
import type { LabelledImage, LabelSet } from "../../dataset/labels/types.js";
import { bootstrapWeights } from "../../numerics/bootstrap.js";
import { seededRandom } from "../../numerics/random.js";
import type { Matrix } from "../../numerics/types.js";
import { keyOf } from "../context.js";
import { activationsOf } from "../look.js";
import type { Desk } from "./desk.js";
import { kept } from "./desk.js";
import { groupsOf, rowsOf } from "./held.js";
import { channelCuts, fitPublished } from "./published.js";
import { shardsOf } from "./rows.js";

/** The probes of one layer, with all that is known about them before a test image is seen. */
export interface LayerProbes {
  readonly key: string;
  /** k x c, on raw activations; score = vector . a + bias. */
  readonly vectors: Matrix;
  readonly bias: Float64Array;
  /** net2vec: the vectors act on 1[a > cut], a cut a channel; empty otherwise. */
  readonly cut: Float32Array;
  readonly loss: Float64Array;
  readonly iterations: Int32Array;
  readonly converged: Uint8Array;
  /** Probability, out of fold. */
  readonly threshold: Float64Array;
  readonly heldOut: Int32Array;
  /** Best single channel as a probe, and its number (-1: none). */
  readonly filterVectors: Matrix;
  readonly filterBias: Float64Array;
  readonly channel: Int32Array;
  readonly consistency: Float64Array;
  readonly separation: Float64Array;
  /** shares x k x 3, see concepts/samplesize; empty where not asked for. */
  readonly sizes: Float64Array;
}

export interface FitRequest {
  readonly set: LabelSet;
  /** Labelled images to learn from. */
  readonly images: readonly LabelledImage[];
  readonly probes: ProbesConfig;
  readonly seed: number;
}

/** Probes of every tap of a network, one artifact a tap. */
export async function fitNetwork(desk: Desk, at: number, request: FitRequest): Promise<LayerProbes[]> {
  const { env, context } = desk;
  const network = context.study.networks[at]!;
  const { set, images, probes, seed } = request;
  const keys = network.taps.map((tap) =>
    keyOf(
      env,
      "probes of layers",
      network.sha256,
      network.preprocessing,
      tap.name,
      [probes.method, probes.lambda, rowsOf(tap, request), probes.refits, probes.filterQuantile, probes.sampleSize],
      seed,
      set.concepts,
      images.map((i) => [i.image.hash, i.hash]),
    ),
  );
  const out: LayerProbes[] = [];
  const missing: number[] = [];
  for (const [t, key] of keys.entries()) {
    const known = await env.store.get(key);
    if (known) out[t] = probesFromFile(key, known);
    else missing.push(t);
  }
  for (const group of groupsOf(network, missing, request)) {
    const shards = await collect(desk, at, group, request);
    for (const [g, t] of group.entries()) {
      const file = await kept(env, keys[t]!, () => fitLayer(desk, at, t, shards[g]!, request));
      shards[g] = [];
      out[t] = probesFromFile(keys[t]!, file);
      env.progress({ stage: "probes", what: network.id, done: out.filter(Boolean).length, total: keys.length });
    }
  }
  return out;
}

async function collect(
  { env, context }: Desk,
  at: number,
  group: readonly number[],
  request: FitRequest,
): Promise<ProbeShard[][]> {
  const network = context.study.networks[at]!;
  const { set, images, seed } = request;
  const taps = group.map((t) => network.taps[t]!);
  const rows = taps.map((tap) => rowsOf(tap, request));
  const out: ProbeShard[][] = group.map(() => []);
  for await (const view of activationsOf(
    context,
    at,
    images.map((i) => i.image),
  )) {
    const own = { ...view, activations: group.map((t) => view.activations[t]!) };
    const shards = await shardsOf({ set, taps, rows, images: images.length, seed }, images[view.at]!, own);
    shards.forEach((s, g) => {
      out[g]!.push(s);
    });
    env.progress({ stage: "activations", what: network.id, done: view.at + 1, total: images.length });
  }
  return out;
}

async function fitLayer(
  desk: Desk,
  at: number,
  tap: number,
  shards: ProbeShard[],
  request: FitRequest,
): Promise<TensorFile> {
  const { set, images, probes, seed } = request;
  const { env } = desk;
  const k = set.concepts.length;
  const published = probes.method === "net2vec";
  const cut = published ? channelCuts(shards) : new Float32Array(0);
  const prepared = await prepareRows(draining(shards), Number.POSITIVE_INFINITY);
  const filters = await bestFilters(prepared, probes.filterQuantile);
  const single = {
    filterVectors: filters.fit.vectors,
    filterBias: filters.fit.bias,
    channel: filters.channel,
  };
  if (published) {
    // as published: one vector, threshold 0.5, no bias; what needs refits stays unknown
    const { vectors, loss } = await fitPublished(desk, at, tap, cut, request);
    const { separation } = vectorStability(vectors, []);
    return probesToFile({
      ...single,
      vectors,
      loss,
      cut,
      separation,
      sizes: new Float64Array(0),
      bias: new Float64Array(k),
      iterations: new Int32Array(k).fill(NET2VEC.epochs),
      converged: new Uint8Array(k).fill(1),
      threshold: new Float64Array(k).fill(0.5),
      heldOut: new Int32Array(k),
      consistency: new Float64Array(k).fill(Number.NaN),
    });
  }
  const options: ProbeOptions = {
    loss: probes.method === "dice" ? "dice" : "bce",
    lambda: probes.lambda,
    names: set.concepts.map((c) => c.name),
  };
  const fit = await fitPrepared(prepared, options, env.engine);
  const groups = images.slice(0, prepared.images).map((i) => i.image.group);
  const draws = transposed(bootstrapWeights(prepared.images, probes.refits, seededRandom(seed, "probe draws"), groups));
  const refits = await refitPrepared(prepared, draws, { ...options, start: fit, tolerance: 1e-4 }, env.engine);
  const { threshold, heldOut } = await calibrate(prepared, refits, draws, env.engine);
  const { consistency, separation } = vectorStability(
    fit.vectors,
    refits.map((r) => r.vectors),
  );
  const sizes = probes.sampleSize
    ? await sampleSizes(prepared, fit, seededRandom(seed, "sample size"), options, env.engine)
    : new Float64Array(0);
  return probesToFile({
    sizes,
    vectors: fit.vectors,
    bias: fit.bias,
    loss: fit.loss,
    iterations: fit.iterations,
    converged: Uint8Array.from(fit.converged, Number),
    threshold,
    heldOut,
    ...single,
    cut,
    consistency,
    separation,
  });
}

/** Each shard is let go once it is read: rows are then only in the prepared blocks. */
function* draining(shards: ProbeShard[]): Generator<ProbeShard> {
  for (let i = 0; i < shards.length; i++) {
    const shard = shards[i]!;
    delete shards[i];
    yield shard;
  }
}

function transposed(m: Matrix): Matrix {
  const data = new Float32Array(m.data.length);
  for (let r = 0; r < m.rows; r++) for (let c = 0; c < m.cols; c++) data[c * m.rows + r] = m.data[r * m.cols + c]!;
  return { data, rows: m.cols, cols: m.rows };
}

function probesToFile(p: Omit<LayerProbes, "key">): TensorFile {
  const matrix = (m: Matrix) => ({ type: "float32" as const, dims: [m.rows, m.cols], data: m.data });
  const f64 = (data: Float64Array) => ({ type: "float64" as const, dims: [data.length], data });
  const i32 = (data: Int32Array) => ({ type: "int32" as const, dims: [data.length], data });
  return {
    tensors: {
      vectors: matrix(p.vectors),
      filterVectors: matrix(p.filterVectors),
      cut: { type: "float32", dims: [p.cut.length], data: p.cut },
      bias: f64(p.bias),
      filterBias: f64(p.filterBias),
      loss: f64(p.loss),
      threshold: f64(p.threshold),
      consistency: f64(p.consistency),
      separation: f64(p.separation),
      sizes: f64(p.sizes),
      iterations: i32(p.iterations),
      heldOut: i32(p.heldOut),
      channel: i32(p.channel),
      converged: { type: "uint8", dims: [p.converged.length], data: p.converged },
    },
    metadata: {},
  };
}

function probesFromFile(key: string, { tensors }: TensorFile): LayerProbes {
  const matrix = (name: string): Matrix => {
    const t = tensors[name]!;
    return { data: t.data as Float32Array, rows: t.dims[0]!, cols: t.dims[1]! };
  };
  const f64 = (name: string) => tensors[name]!.data as Float64Array;
  const i32 = (name: string) => tensors[name]!.data as Int32Array;
  return {
    key,
    vectors: matrix("vectors"),
    filterVectors: matrix("filterVectors"),
    cut: tensors.cut!.data as Float32Array,
    bias: f64("bias"),
    filterBias: f64("filterBias"),
    loss: f64("loss"),
    threshold: f64("threshold"),
    consistency: f64("consistency"),
    separation: f64("separation"),
    sizes: f64("sizes"),
    iterations: i32("iterations"),
    heldOut: i32("heldOut"),
    channel: i32("channel"),
    converged: tensors.converged!.data as Uint8Array,
  };
}
