import * as tf from "@tensorflow/tfjs";
import type { TfNode } from "../../../src/model/tfjs/graph.js";

type Attribute = NonNullable<TfNode["attr"]>[string];

/** TensorFlow.js writes strings as base64 or as character codes; the tests use both. */
export const b64 = (text: string): Attribute => ({ s: Buffer.from(text).toString("base64") });
export const codes = (text: string): Attribute => ({ s: [...Buffer.from(text)] });
export const list = (...i: number[]): Attribute => ({ list: { i } });
export const strings = (...s: string[]): Attribute => ({
  list: { s: s.map((text) => Buffer.from(text).toString("base64")) },
});
export const int = (i: number): Attribute => ({ i });
export const float = (f: number): Attribute => ({ f });
export const bool = (b: boolean): Attribute => ({ b });

/** Writes a TensorFlow.js graph model node by node; names are given back, so that nodes nest. */
export class GraphWriter {
  readonly nodes: TfNode[] = [];
  readonly weights: { name: string; shape: number[]; dtype: string; quantization?: object }[] = [];
  private readonly parts: Uint8Array[] = [];

  constructor(
    readonly shape: readonly number[],
    readonly random: () => number,
  ) {
    const dim = shape.map((size, i) => ({ size: i === 0 ? -1 : size }));
    this.nodes.push({ name: "x", op: "Placeholder", attr: { dtype: { type: "DT_FLOAT" }, shape: { shape: { dim } } } });
  }

  add(op: string, input: string[], attr: Record<string, Attribute> = {}, name = `${op}_${this.nodes.length}`): string {
    this.nodes.push({ name, op, input, attr: { T: { type: "DT_FLOAT" }, ...attr } });
    return name;
  }

  stored(bytes: ArrayBufferView, shape: number[], dtype: string, quantization?: object): string {
    const name = `const_${this.nodes.length}`;
    const type = dtype === "float32" ? "DT_FLOAT" : dtype === "bool" ? "DT_BOOL" : "DT_INT32";
    this.nodes.push({ name, op: "Const", attr: { dtype: { type } } });
    this.weights.push({ name, shape, dtype, ...(quantization ? { quantization } : {}) });
    this.parts.push(new Uint8Array(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.byteLength));
    return name;
  }

  floats(shape: number[], value: (i: number) => number = () => this.random() * 2 - 1): string {
    const count = shape.reduce((a, d) => a * d, 1);
    return this.stored(
      Float32Array.from({ length: count }, (_, i) => value(i)),
      shape,
      "float32",
    );
  }

  ints(values: number[], shape: number[] = [values.length]): string {
    return this.stored(Int32Array.from(values), shape, "int32");
  }

  scalar(value: number): string {
    return this.ints([value], []);
  }

  json() {
    return {
      format: "graph-model",
      modelTopology: { node: this.nodes, versions: {} },
      weightsManifest: [{ paths: ["weights.bin"], weights: this.weights }],
    };
  }

  bytes(): Uint8Array {
    return new Uint8Array(Buffer.concat(this.parts));
  }

  /** The same graph in TensorFlow.js. */
  async reference(): Promise<tf.GraphModel> {
    return referenceModel(this.json(), this.bytes());
  }
}

export async function referenceModel(
  json: { modelTopology: object; weightsManifest: readonly { weights: readonly object[] }[] },
  weights: Uint8Array,
): Promise<tf.GraphModel> {
  return tf.loadGraphModel({
    load: async () => ({
      modelTopology: json.modelTopology,
      format: "graph-model",
      weightSpecs: json.weightsManifest.flatMap((g) => g.weights) as tf.io.WeightsManifestEntry[],
      weightData: weights.slice().buffer,
    }),
  });
}

/** An ONNX output, whose axis i is TensorFlow's axis order[i], in TensorFlow's order. */
export function inOriginalOrder(
  data: ArrayLike<number>,
  dims: readonly number[],
  order: readonly number[],
): { data: Float32Array; shape: number[] } {
  const shape = order.map((_, axis) => dims[order.indexOf(axis)]!);
  const strides = dims.map((_, i) => dims.slice(i + 1).reduce((a, d) => a * d, 1));
  const steps = shape.map((_, axis) => strides[order.indexOf(axis)]!);
  const out = new Float32Array(data.length);
  const index = new Int32Array(shape.length);
  let from = 0;
  for (let i = 0; i < out.length; i++) {
    out[i] = data[from]!;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += steps[axis]!;
      if (++index[axis]! < shape[axis]!) break;
      from -= steps[axis]! * shape[axis]!;
      index[axis] = 0;
    }
  }
  return { data: out, shape };
}

/** Largest absolute difference over the range of the reference (over 1 where that is flat). NaN where one is not finite, unless both are the same infinity. */
export function difference(ours: ArrayLike<number>, theirs: ArrayLike<number>): number {
  if (ours.length !== theirs.length) return Number.NaN;
  let worst = 0;
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < theirs.length; i++) {
    if (ours[i] === theirs[i] && !Number.isFinite(theirs[i])) continue; // what max pooling is padded with
    const gap = Math.abs(ours[i]! - theirs[i]!);
    if (!Number.isFinite(gap)) return Number.NaN;
    worst = Math.max(worst, gap);
    low = Math.min(low, theirs[i]!);
    high = Math.max(high, theirs[i]!);
  }
  return worst / (high > low ? high - low : 1);
}
