/**
 * Networks as exporters write them: torch's own over operator sets, and the same networks channels-last, in half precision, in 8 bits, with newer
 * operators and with their weights outside. Truth: what torch computes for a fixed picture, and the original's activations.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { forwardOf } from "../../src/activations/forward.js";
import { preprocessingSchema } from "../../src/contract/preprocessing.js";
import { preprocess } from "../../src/dataset/preprocess.js";
import { readModel, writeModel } from "../../src/model/read.js";
import { withTaps } from "../../src/model/taps.js";
import type { Tap } from "../../src/model/types.js";
import { createEngine } from "../../src/node/engine.js";
import { openNetwork, prepareNetwork, probeNetwork } from "../../src/node/network.js";
import type { TensorValue } from "../../src/numerics/engine.js";
import { ints, node } from "../../src/onnx/build.js";
import { StringStringEntryProtoSchema, TensorProto_DataLocation } from "../../src/onnx/onnx_pb.js";

const python = "/usr/bin/python3";
const reason = (() => {
  try {
    execFileSync(python, ["-c", "import torch"], { stdio: "ignore" });
    return "";
  } catch {
    return ` (skipped: ${python} has no torch)`;
  }
})();
const engine = createEngine();
let folder = "";
afterAll(async () => {
  await engine.dispose();
  if (folder) rmSync(folder, { recursive: true, force: true });
});
const at = (name: string) => join(folder, `${name}.onnx`);
const bytesOf = (name: string) => new Uint8Array(readFileSync(at(name)));

/** The picture of export_torch.py. */
function picture(layout: "NCHW" | "NHWC" = "NCHW"): TensorValue {
  const data = Float32Array.from({ length: 3 * 64 * 64 }, (_, i) => Math.sin(i * 0.37) + Math.sin(i * 0.011));
  if (layout === "NCHW") return { type: "float32", dims: [1, 3, 64, 64], data };
  return { type: "float32", dims: [1, 64, 64, 3], data: data.map((_, i) => data[(i % 3) * 4096 + Math.floor(i / 3)]!) };
}

async function outputs(
  bytes: Uint8Array,
  input = picture(),
): Promise<{ dims: readonly number[]; data: Float32Array }[]> {
  const kernel = await engine.compile(bytes);
  const out = await kernel.run({ image: input });
  const found = kernel.outputs.map((o) => ({ dims: out[o]!.dims, data: out[o]!.data as Float32Array }));
  await kernel.release();
  return found;
}

const ends = async (path: string) => {
  const taps = await probeNetwork(await openNetwork(path, undefined), engine);
  return taps.filter((t) => t.blockEnd);
};
const names = (taps: readonly Tap[]) => taps.map((t) => t.name);

async function planes(path: string, taps: readonly Tap[], input: TensorValue) {
  const kernel = await engine.compile(withTaps(new Uint8Array(readFileSync(path)), names(taps)));
  const found = await forwardOf(kernel, "image", taps)(input);
  await kernel.release();
  return found;
}

/** Largest difference over the range of the truth. */
function apart(found: ArrayLike<number>, truth: ArrayLike<number>): number {
  const range = Math.max(...Array.from(truth)) - Math.min(...Array.from(truth));
  expect(range).toBeGreaterThan(0);
  expect(found.length).toBe(truth.length);
  return Math.max(...Array.from(truth, (v, i) => Math.abs(v - found[i]!))) / range;
}

/** As tf2onnx writes a TensorFlow graph before its optimiser: channels-last throughout, a transposition on each side of every convolution. */
function channelsLast(bytes: Uint8Array): Uint8Array {
  const model = readModel(bytes);
  const graph = model.graph!;
  const shape = graph.input[0]!.type!.value;
  if (shape.case !== "tensorType") throw new Error("no tensor");
  const dims = shape.value.shape!.dim;
  shape.value.shape!.dim = [dims[0]!, dims[2]!, dims[3]!, dims[1]!];
  graph.node = graph.node.flatMap((n) => {
    if (n.opType === "ReduceMean" || n.opType === "GlobalAveragePool") {
      for (const a of n.attribute) if (a.name === "axes") a.ints = [1n, 2n];
    }
    if (n.opType !== "Conv") return [n];
    const [x, y] = [n.input[0]!, n.output[0]!];
    n.input[0] = `${x}.planes.${y}`;
    n.output[0] = `${y}.planes`;
    return [
      node("Transpose", [x], [n.input[0]], { perm: [0, 3, 1, 2] }),
      n,
      node("Transpose", [`${y}.planes`], [y], { perm: [0, 2, 3, 1] }),
    ];
  });
  graph.valueInfo = [];
  return writeModel(model);
}

/** Since operator set 18 the axes of a reduction are an input. */
function newer(bytes: Uint8Array, opset: bigint): Uint8Array {
  const model = readModel(bytes);
  for (const n of model.graph!.node) {
    const axes = n.opType === "ReduceMean" ? n.attribute.find((a) => a.name === "axes") : undefined;
    if (!axes) continue;
    model.graph!.initializer.push(ints(`${n.output[0]}.axes`, [axes.ints.length], axes.ints.map(Number)));
    n.input.push(`${n.output[0]}.axes`);
    n.attribute = n.attribute.filter((a) => a !== axes);
  }
  model.opsetImport[0]!.version = opset;
  model.irVersion = 9n;
  return writeModel(model);
}

describe.skipIf(reason !== "")(`networks written by torch.onnx${reason}`, () => {
  let truth: Record<string, { shape: number[]; values: number[] }[]> = {};
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "samesight-kinds-"));
    execFileSync(python, [join(import.meta.dirname, "export_torch.py"), folder], {
      stdio: ["ignore", "ignore", "inherit"],
    });
    truth = JSON.parse(readFileSync(join(folder, "outputs.json"), "utf8"));
  });

  test.each(["residual_11", "residual_13", "residual_17", "mobile", "fcn", "detector", "dynamic"])(
    "%s computes what torch does, and a study of it changes nothing",
    async (name) => {
      const given = preprocessingSchema.parse({ width: 64, height: 64 });
      const prepared = await prepareNetwork({ source: at(name), layers: ["auto:4"], preprocess: given }, name, engine);
      expect(prepared.taps).toHaveLength(4);
      // the segmenter's sizes to resize to hold the batch too
      expect(prepared.batchFree).toBe(name !== "fcn");
      const kept = withTaps(bytesOf(name), names(prepared.taps), { keepOutputs: true });
      const found = (await outputs(kept)).slice(0, truth[name]!.length);
      for (const [i, o] of found.entries()) {
        expect([...o.dims]).toEqual(truth[name]![i]!.shape);
        expect(apart(o.data.subarray(0, 50), truth[name]![i]!.values)).toBeLessThan(2e-5);
      }
    },
  );
  test("blocks are found where the architecture has them", async () => {
    const short = async (name: string) =>
      names(await ends(at(name))).map((n) => /(stem|layer\d\.\d|blocks\.\d|classify|Concat|Add)[^/]*\/?/.exec(n)![1]);
    expect(await short("residual_13")).toEqual([
      "stem",
      "layer1.0",
      "layer1.1",
      "layer2.0",
      "layer2.1",
      "layer3.0",
      "layer3.1",
    ]);
    expect(await short("mobile")).toEqual(["stem", "blocks.0", "blocks.1", "blocks.2", "blocks.3"]);
    expect((await short("fcn")).slice(-2)).toEqual(["Concat", "classify"]);
    expect((await short("detector")).slice(-2)).toEqual(["layer3.1", "Add"]);
  });
  test("a free input size needs preprocessing that names one", async () => {
    await expect(openNetwork(at("dynamic"), undefined)).rejects.toThrow(/its input size is free/);
  });

  test.each([18, 21])("operator set %i", async (opset) => {
    writeFileSync(at(`residual_${opset}`), newer(bytesOf("residual_17"), BigInt(opset)));
    expect(
      apart((await outputs(bytesOf(`residual_${opset}`)))[0]!.data, (await outputs(bytesOf("residual_17")))[0]!.data),
    ).toBeLessThan(1e-6);
    expect(names(await ends(at(`residual_${opset}`)))).toEqual(names(await ends(at("residual_17"))));
  });
  test("channels last with transpositions around convolutions: same blocks, same planes", async () => {
    writeFileSync(at("nhwc"), channelsLast(bytesOf("residual_13")));
    const [plain, last] = [await ends(at("residual_13")), await ends(at("nhwc"))];
    expect(names(last)).toEqual(names(plain));
    expect(new Set(last.map((t) => t.layout))).toEqual(new Set(["NHWC"]));
    expect(last.map((t) => [t.depth, t.channels, t.height])).toEqual(plain.map((t) => [t.depth, t.channels, t.height]));
    const [a, b] = [await planes(at("residual_13"), plain, picture()), await planes(at("nhwc"), last, picture("NHWC"))];
    for (const [i, p] of a.entries()) expect(apart(b[i]!.data, p.data)).toBeLessThan(1e-5);
  });
  test.each(["residual_13", "mobile", "fcn", "detector"])(
    "%s in half precision and in 8 bits has the same blocks, nearly the same activations",
    async (name) => {
      const { half } = await import("../../examples/lighter/half.mjs");
      const { calibrate, quantise } = await import("../../examples/lighter/quantise.mjs");
      writeFileSync(at(`${name}_half`), half(bytesOf(name)));
      const ranges = await calibrate(bytesOf(name), "image", [picture()]);
      writeFileSync(at(`${name}_int8`), quantise(bytesOf(name), ranges));
      const plain = await ends(at(name));
      const reference = await planes(at(name), plain, picture());
      // half has 11 bits: a rounding of 2^-12 each in some dozens of layers; 8 bits have 2^-9 of the range of a tensor
      for (const [kind, most] of [
        ["half", 0.01],
        ["int8", 0.2],
      ] as const) {
        const taps = await ends(at(`${name}_${kind}`));
        expect(names(taps)).toEqual(names(plain));
        const found = await planes(at(`${name}_${kind}`), taps, picture());
        const differences = reference.map((p, i) => apart(found[i]!.data, p.data));
        expect(Math.max(...differences)).toBeLessThan(most);
        // and it is no copy of the original
        expect(Math.max(...differences)).toBeGreaterThan(1e-5);
      }
    },
  );
  test("a float16 input is fed halves", async () => {
    const { half } = await import("../../examples/lighter/half.mjs");
    const model = readModel(half(bytesOf("residual_13")));
    const type = model.graph!.input[0]!.type!.value;
    if (type.case === "tensorType") type.value.elemType = 10;
    writeFileSync(at("halves"), writeModel(model));
    const network = await openNetwork(at("halves"), undefined);
    expect(network.preprocessing.type).toBe("float16");
    const { input } = preprocess([{ width: 1, height: 1, data: Uint8Array.of(255, 0, 51) }], network.preprocessing);
    expect(input.data[0]).toBe(0x3c00);
    expect((await probeNetwork(network, engine)).filter((t) => t.blockEnd)).toHaveLength(7);
  });
  test("weights in a file beside it", async () => {
    const model = readModel(bytesOf("residual_13"));
    const parts: Uint8Array[] = [];
    let offset = 0;
    for (const t of model.graph!.initializer) {
      const data = t.rawData;
      if (!data || data.length < 64) continue;
      const entry = (key: string, value: string) => create(StringStringEntryProtoSchema, { key, value });
      t.externalData = [
        entry("location", "weights.bin"),
        entry("offset", `${offset}`),
        entry("length", `${data.length}`),
      ];
      t.dataLocation = TensorProto_DataLocation.EXTERNAL;
      parts.push(data);
      offset += data.length;
      delete (t as { rawData?: Uint8Array }).rawData;
    }
    writeFileSync(at("external"), writeModel(model));
    writeFileSync(join(folder, "weights.bin"), Buffer.concat(parts));
    const network = await openNetwork(at("external"), undefined);
    expect(offset).toBeGreaterThan(100_000);
    expect(apart((await outputs(network.bytes))[0]!.data, (await outputs(bytesOf("residual_13")))[0]!.data)).toBe(0);
  });
});
