/** Shuffled twins of networks built here: every form a convolution's weights may take. */
import { fromBinary } from "@bufbuild/protobuf";
import { afterAll, describe, expect, it } from "vitest";
import type { Forward, Probe } from "../../src/model/channels.js";
import { channelSums, measureChannels } from "../../src/model/channels.js";
import { readModel, writeModel } from "../../src/model/read.js";
import { shuffleWeights } from "../../src/model/shuffle.js";
import { recalibratedTwin } from "../../src/model/twin.js";
import { floatsOf } from "../../src/model/weights.js";
import { createEngine } from "../../src/node/engine.js";
import type { TensorValue } from "../../src/numerics/engine.js";
import { floatToHalf } from "../../src/numerics/half.js";
import { normal, seededRandom } from "../../src/numerics/random.js";
import { constant, floats, ints, modelBytes, node, valueInfo } from "../../src/onnx/build.js";
import type { NodeProto, TensorProto } from "../../src/onnx/onnx_pb.js";
import { ModelProtoSchema } from "../../src/onnx/onnx_pb.js";

const engine = createEngine();
afterAll(() => engine.dispose());
const random = seededRandom("net");
/** Channels of very different scale and offset, as folded batch normalisation leaves them. */
function weights(name: string, dims: number[], channelAxis = 0): TensorProto {
  const size = dims.reduce((n, d) => n * d, 1);
  const inner = dims.slice(channelAxis + 1).reduce((n, d) => n * d, 1);
  const values = Float32Array.from({ length: size }, (_, i) => {
    const c = Math.floor(i / inner) % dims[channelAxis]!;
    return normal(random) * 3 ** ((c % 5) - 2);
  });
  return floats(name, dims, values);
}
const bias = (name: string, n: number) =>
  floats(
    name,
    [n],
    Array.from({ length: n }, () => 2 * normal(random)),
  );

/** conv - relu - depthwise - grouped (no bias) - shared pointwise twice - transposed - constant-node weight - int8 chain - pool - gemm, matmul. */
function network(): Uint8Array {
  const pads = { pads: [1, 1, 1, 1] };
  const nodes: NodeProto[] = [
    node("Conv", ["image", "w1", "b1"], ["c1"], { strides: [2, 2], ...pads }),
    node("Relu", ["c1"], ["r1"]),
    node("Conv", ["r1", "w2", "b2"], ["depthwise"], { group: 12, ...pads }),
    node("Relu", ["depthwise"], ["r2"]),
    node("Conv", ["r2", "w3"], ["grouped"], { group: 3, ...pads }),
    node("Relu", ["grouped"], ["r3"]),
    node("Conv", ["r3", "shared", "bShared"], ["p1"]),
    node("Conv", ["r2", "shared", "bShared"], ["p2"]),
    node("Add", ["p1", "p2"], ["sum"]),
    node("ConvTranspose", ["sum", "wt", "bt"], ["up"], { group: 2, strides: [2, 2] }),
    node("Relu", ["up"], ["r4"]),
    node("Constant", [], ["held"], { value: weights("", [10, 8, 1, 1]) }),
    node("Conv", ["r4", "held"], ["fromConstant"]),
    node("DequantizeLinear", ["q", "qScale"], ["wq"]),
    node("Conv", ["fromConstant", "wq"], ["fromChain"], pads),
    node("GlobalAveragePool", ["fromChain"], ["pooled"]),
    node("Reshape", ["pooled", "flatShape"], ["flat"]),
    node("Gemm", ["flat", "wg", "bg"], ["dense"], { transB: 1 }),
    node("Gemm", ["flat", "wk"], ["dense2"]),
    node("MatMul", ["dense", "wm"], ["out"]),
    node("MatMul", ["out", "turned"], ["attention"]),
    node("Transpose", ["dense2"], ["turned"], { perm: [1, 0] }),
  ];
  return modelBytes({
    nodes,
    inputs: [valueInfo("image", "float32", ["n", 3, 16, 16])],
    outputs: ["out", "attention"],
    initializers: [
      weights("w1", [12, 3, 3, 3]),
      bias("b1", 12),
      weights("w2", [12, 1, 3, 3]),
      bias("b2", 12),
      weights("w3", [12, 4, 3, 3]),
      weights("shared", [12, 12, 1, 1]),
      bias("bShared", 12),
      weights("wt", [12, 4, 2, 2], 1),
      bias("bt", 8),
      constant("q", {
        type: "int8",
        dims: [6, 10, 3, 3],
        data: Int8Array.from({ length: 540 }, () => Math.round(40 * normal(random))),
      }),
      floats("qScale", [], [0.02]),
      ints("flatShape", [2], [0, 6]),
      weights("wg", [7, 6]),
      bias("bg", 7),
      weights("wk", [6, 5], 1),
      weights("wm", [7, 5], 1),
    ],
  });
}

const bytes = network();
const images: TensorValue[] = [0, 1, 2, 3].map((i) => {
  const r = seededRandom("image", i);
  return {
    type: "float32",
    dims: [2, 3, 16, 16],
    data: Float32Array.from({ length: 2 * 3 * 256 }, (_, at) => normal(r) + Math.sin(at / (3 + i)) + i / 2),
  };
});
const forward: Forward = { engine, inputName: "image", inputs: images };
const stats = (model: Uint8Array, probes: readonly Probe[]) => measureChannels(forward, model, probes);
const sorted = (t: TensorProto) => [...(floatsOf(t) ?? t.rawData)].sort((a, b) => a - b);
const byName = (list: readonly TensorProto[]) => new Map(list.map((t) => [t.name, t]));

describe("shuffleWeights", () => {
  const source = readModel(bytes);
  const { model, convolutions } = shuffleWeights(source, seededRandom(1));
  const [before, after] = [byName(source.graph!.initializer), byName(model.graph!.initializer)];

  it("finds every convolution with constant weights, with its level; leaves products of two live tensors alone", () => {
    expect(convolutions.map((c) => [c.name, c.op, c.level, c.slot.inside])).toEqual(
      expect.arrayContaining([
        ["c1", "Conv", 1, true],
        ["depthwise", "Conv", 2, true],
        ["grouped", "Conv", 3, true],
        ["p1", "Conv", 4, true],
        ["p2", "Conv", 3, true],
        ["up", "ConvTranspose", 5, true],
        ["fromConstant", "Conv", 6, true],
        ["fromChain", "Conv", 7, false],
        ["dense", "Gemm", 8, true],
        ["dense2", "Gemm", 8, true],
        ["out", "MatMul", 9, false],
      ]),
    );
    expect(convolutions.length).toBe(11);
  });
  it("permutes values inside each tensor: the same values, another order, the source untouched", () => {
    for (const [old, now] of [
      ["w1", "c1/weight"],
      ["w2", "depthwise/weight"],
      ["w3", "grouped/weight"],
      ["wt", "up/weight"],
      ["wg", "dense/weight"],
      ["wm", "out/weight"],
      ["q", "q"],
    ] as const) {
      expect(after.get(now)!.dims).toEqual(before.get(old)!.dims);
      expect(sorted(after.get(now)!)).toEqual(sorted(before.get(old)!));
      expect(after.get(now)!.rawData).not.toEqual(before.get(old)!.rawData);
    }
    expect(fromBinary(ModelProtoSchema, bytes).graph).toEqual(source.graph);
  });
  it("gives convolutions that share weights the same shuffled values in tensors of their own", () => {
    expect(after.get("p1/weight")!.rawData).toEqual(after.get("p2/weight")!.rawData);
    expect(after.has("shared")).toBe(false);
  });
  it("leaves shapes, scales and biases as they are", () => {
    expect(after.get("flatShape")).toEqual(before.get("flatShape"));
    expect(after.get("qScale")).toEqual(before.get("qScale"));
    expect(floatsOf(after.get("c1/bias")!)).toEqual(floatsOf(before.get("b1")!));
    expect([...floatsOf(after.get("grouped/bias")!)!]).toEqual(new Array(12).fill(0));
  });
  it("the seed decides", () => {
    const again = shuffleWeights(source, seededRandom(1)).model;
    const other = shuffleWeights(source, seededRandom(2)).model;
    expect(again.graph).toEqual(model.graph);
    expect(byName(other.graph!.initializer).get("c1/weight")!.rawData).not.toEqual(after.get("c1/weight")!.rawData);
  });
  it("refuses integer convolutions and networks without weights", () => {
    const plain = modelBytes({
      nodes: [node("Relu", ["image"], ["y"])],
      inputs: [valueInfo("image", "float32", [1, 3, 8, 8])],
      outputs: ["y"],
    });
    expect(() => shuffleWeights(readModel(plain), random)).toThrow("no weights that could be shuffled");
    const integers = modelBytes({
      nodes: [node("Cast", ["image"], ["i"], { to: 2 }), node("ConvInteger", ["i", "w"], ["y"])],
      inputs: [valueInfo("image", "float32", [1, 3, 8, 8])],
      outputs: ["y"],
      initializers: [constant("w", { type: "uint8", dims: [2, 3, 1, 1], data: new Uint8Array(6) })],
    });
    expect(() => shuffleWeights(readModel(integers), random)).toThrow("integer weights");
  });
});

describe("recalibratedTwin", () => {
  it.each([1, 2])("restores every channel's mean and standard deviation, seed %i", async (seed) => {
    const { model, health } = await recalibratedTwin(bytes, forward, seededRandom(seed));
    expect(health.convolutions).toBe(11);
    expect(health.levels).toBe(9);
    expect(health.channels).toBe(12 * 5 + 8 + 10 + 6 + 7 + 5 + 5);
    expect(health.meanError).toBeLessThan(1e-3);
    expect(health.sdError).toBeLessThan(1e-3);
    expect(health.deadChannels).toBe(0);
    expect(health.maximumRatio).toBeLessThan(10);
    // measured again, apart from the code that restored them
    const { convolutions } = shuffleWeights(readModel(bytes), seededRandom(seed));
    const [was, is] = [await stats(bytes, convolutions), await stats(model, convolutions)];
    for (const { name } of convolutions) {
      const [a, b] = [was.get(name)!, is.get(name)!];
      const pooled = (sd: Float64Array) => Math.sqrt(sd.reduce((sum, v) => sum + v * v, 0));
      expect(pooled(b.sd) / pooled(a.sd)).toBeCloseTo(1, 3);
      a.sd.forEach((sd, c) => {
        // 8 values a channel (after pooling) share one gain; maps have a gain a channel
        if (a.count >= 64) expect(b.sd[c]! / sd).toBeCloseTo(1, 3);
        expect(Math.abs(b.mean[c]! - a.mean[c]!) / sd).toBeLessThan(1e-3);
      });
    }
  });
  it("without recalibration the same shuffle is far off (the check can fail)", async () => {
    const { model, convolutions } = shuffleWeights(readModel(bytes), seededRandom(1));
    const [was, is] = [await stats(bytes, convolutions), await stats(writeModel(model), convolutions)];
    const off = convolutions.flatMap(({ name }) =>
      [...was.get(name)!.sd].map((sd, c) => Math.abs(Math.log(is.get(name)!.sd[c]! / sd))),
    );
    expect(Math.max(...off)).toBeGreaterThan(1);
  });
  it("the twin is another function with the same outputs", async () => {
    const { model } = await recalibratedTwin(bytes, forward, seededRandom(5));
    const [a, b] = [await engine.compile(bytes), await engine.compile(model)];
    expect(b.outputs).toEqual(a.outputs);
    const [was, is] = [await a.run({ image: images[0]! }), await b.run({ image: images[0]! })];
    expect(is.out!.dims).toEqual(was.out!.dims);
    expect(is.out!.data).not.toEqual(was.out!.data);
    await Promise.all([a.release(), b.release()]);
  });
  it("restores float16 weights to their precision", async () => {
    const half = (name: string, dims: number[]) =>
      constant(name, {
        type: "float16",
        dims,
        data: Uint16Array.from({ length: dims.reduce((n, d) => n * d, 1) }, () => floatToHalf(normal(random))),
      });
    const net = modelBytes({
      nodes: [
        node("Cast", ["image"], ["h"], { to: 10 }),
        node("Conv", ["h", "w", "b"], ["c1"]),
        node("Relu", ["c1"], ["r"]),
        node("Conv", ["r", "w2"], ["c2"]),
      ],
      inputs: [valueInfo("image", "float32", ["n", 3, 16, 16])],
      outputs: ["c2"],
      initializers: [half("w", [6, 3, 3, 3]), half("b", [6]), half("w2", [4, 6, 1, 1])],
    });
    const { health } = await recalibratedTwin(net, forward, seededRandom("half"));
    expect(health.meanError).toBeLessThan(0.02);
    expect(health.sdError).toBeLessThan(0.02);
  });
  it("counts channels that cannot be brought back, and gives them their mean", async () => {
    // a first convolution that is zero on every image starves one input; the trained second layer reads the other
    const net = modelBytes({
      nodes: [
        node("Conv", ["image", "w1", "b1"], ["c1"]),
        node("Relu", ["c1"], ["r"]),
        node("Conv", ["r", "w2"], ["c2"]),
      ],
      inputs: [valueInfo("image", "float32", ["n", 3, 16, 16])],
      outputs: ["c2"],
      initializers: [
        floats("w1", [2, 3, 1, 1], [0, 0, 0, 1, 1, 1]),
        floats("b1", [2], [-1, 0]),
        floats("w2", [3, 2, 1, 1], [0, 1, 0, 2, 0, 3]),
      ],
    });
    let found = false;
    for (let seed = 0; seed < 20 && !found; seed++) {
      const { model, health } = await recalibratedTwin(net, forward, seededRandom("dead", seed));
      if (health.deadChannels === 0) continue;
      const [was, is] = [
        await stats(net, [{ name: "c2", channelAxis: 1 }]),
        await stats(model, [{ name: "c2", channelAxis: 1 }]),
      ];
      is.get("c2")!.mean.forEach((m, c) => {
        expect(m).toBeCloseTo(was.get("c2")!.mean[c]!, 3);
      });
      found = true;
    }
    expect(found).toBe(true);
  });
});

it("channelSums merges batches into the statistics of all of them, on either axis", () => {
  const r = seededRandom("sums");
  const value = (dims: number[]): TensorValue => ({
    type: "float32",
    dims,
    data: Float32Array.from({ length: dims.reduce((n, d) => n * d, 1) }, () => 1000 + normal(r)),
  });
  for (const [axis, parts] of [
    [1, [value([2, 3, 4, 5]), value([1, 3, 4, 5])]],
    [-1, [value([4, 3]), value([2, 3])]],
  ] as const) {
    const sums = channelSums(axis);
    const lists: number[][] = [[], [], []];
    for (const part of parts) {
      sums.add(part);
      part.data.forEach((v, i) => {
        lists[axis === 1 ? Math.floor(i / 20) % 3 : i % 3]!.push(Number(v));
      });
    }
    const { mean, sd, peak } = sums.result();
    lists.forEach((list, c) => {
      const m = list.reduce((s, v) => s + v, 0) / list.length;
      expect(mean[c]).toBeCloseTo(m, 9);
      expect(sd[c]).toBeCloseTo(Math.sqrt(list.reduce((s, v) => s + (v - m) ** 2, 0) / list.length), 9);
      expect(peak[c]).toBe(Math.max(...list.map(Math.abs)));
    });
  }
});
