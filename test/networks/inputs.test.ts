/** Inputs that are not three planes of float32. Truth: the same network with a usual input, given the same values. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { preprocess } from "../../src/dataset/preprocess.js";
import { withTaps } from "../../src/model/taps.js";
import { createEngine } from "../../src/node/engine.js";
import { openNetwork, prepareNetwork, probeNetwork } from "../../src/node/network.js";
import type { ElementType } from "../../src/numerics/engine.js";
import { constant, floats, modelBytes, node, valueInfo } from "../../src/onnx/build.js";
import { ownStore, photographs, SMALL, samesight } from "../e2e/support.js";
import { pattern } from "../golden/pattern.js";

const engine = createEngine();
const folder = mkdtempSync(join(tmpdir(), "samesight-inputs-"));
afterAll(async () => {
  await engine.dispose();
  rmSync(folder, { recursive: true, force: true });
});

/** Two convolutions behind an input of any type and number of channels. */
function net(name: string, type: ElementType, channels: number, cast = type !== "float32"): string {
  const weights = (size: number, seed: number) => Array.from({ length: size }, (_, i) => Math.sin(seed + i * 1.7) / 5);
  const conv = (x: string, w: string, y: string) =>
    node("Conv", [x, w], [y], { kernel_shape: [3, 3], strides: [2, 2] });
  const first = cast ? "real" : "image";
  const nodes = [
    ...(cast ? [node("Cast", ["image"], ["real"], { to: 1 })] : []),
    conv(first, "w1", "c1"),
    node("Relu", ["c1"], ["a1"]),
    conv("a1", "w2", "c2"),
    node("Relu", ["c2"], ["a2"]),
    conv("a2", "w2", "out"),
  ];
  const w1 = weights(8 * channels * 9, 1);
  const initializers = [
    type === "float64" && !cast
      ? constant("w1", { type, dims: [8, channels, 3, 3], data: Float64Array.from(w1) })
      : floats("w1", [8, channels, 3, 3], w1),
    floats("w2", [8, 8, 3, 3], weights(576, 2)),
  ];
  const path = join(folder, `${name}.onnx`);
  const inputs = [valueInfo("image", type, [1, channels, 33, 33])];
  writeFileSync(path, modelBytes({ nodes, inputs, outputs: ["out"], initializers }));
  return path;
}

async function firstActivation(path: string) {
  const network = await openNetwork(path, undefined);
  const taps = await probeNetwork(network, engine);
  const kernel = await engine.compile(withTaps(network.bytes, ["a1"]));
  const { input } = preprocess([pattern(50, 40)], network.preprocessing);
  const out = await kernel.run({ image: input });
  await kernel.release();
  return { network, taps, a1: [...(out.a1!.data as Float32Array)] };
}

describe("types", () => {
  test("double is given float32", async () => {
    const [plain, double] = [
      await firstActivation(net("plain", "float32", 3)),
      await firstActivation(net("double", "float64", 3)),
    ];
    expect(double.a1).toEqual(plain.a1);
    expect(double.taps.map((t) => t.name)).toEqual(plain.taps.map((t) => t.name));
    expect(plain.taps.map((t) => t.name)).toEqual(["c1", "a1", "c2", "a2", "out"]);
  });
  test.each(["int32", "int64"] as const)("%s is given bytes", async (type) => {
    const [bytes, whole] = [await firstActivation(net("bytes", "uint8", 3)), await firstActivation(net(type, type, 3))];
    expect(whole.network.preprocessing).toEqual(bytes.network.preprocessing);
    expect(whole.network.preprocessing).toMatchObject({ type: "uint8", scale: 1 });
    expect(whole.a1).toEqual(bytes.a1);
    expect(Math.max(...whole.a1)).toBeGreaterThan(20);
  });
  test("double throughout, which onnxruntime cannot run: one line says so", async () => {
    const network = await openNetwork(net("all", "float64", 3, false), undefined).catch((e) => e);
    const failed = network instanceof Error ? network : await probeNetwork(network, engine).catch((e: Error) => e);
    expect(failed).toMatchObject({ code: "invalid" });
  });
});

describe("grey", () => {
  test("one channel is luminance, whatever the preprocessing file says of colours", async () => {
    const path = net("grey", "float32", 1);
    const guess = await openNetwork(path, undefined);
    expect(guess.preprocessing).toMatchObject({ channels: "L", width: 33, height: 33 });
    expect(guess.notes.join()).toMatch(/guessed grey \(luminance\), 0\.\.1/);
    const file = join(folder, "preprocessor_config.json");
    const said = {
      image_processor_type: "ViTImageProcessor",
      do_normalize: true,
      image_mean: [0.13],
      image_std: [0.3],
    };
    writeFileSync(file, JSON.stringify({ ...said, size: { width: 33, height: 33 }, do_resize: true }));
    const { preprocessing } = await openNetwork(path, file);
    expect(preprocessing).toMatchObject({ channels: "L", mean: [0.13, 0.13, 0.13], std: [0.3, 0.3, 0.3] });
    rmSync(file);
  });
  test("one channel cannot be asked of a network that takes three", async () => {
    const file = join(folder, "grey.json");
    writeFileSync(file, JSON.stringify({ width: 33, height: 33, channels: "L" }));
    await expect(openNetwork(net("three", "float32", 3), file)).rejects.toThrow(/one channel of grey.*three colours/);
  });
  test("two channels are refused", async () => {
    await expect(openNetwork(net("two", "float32", 2), undefined)).rejects.toThrow(/2 channels.*three colours or one/);
  });
  test("a study of a grey network beside one in colour", async () => {
    ownStore();
    const out = join(folder, "study");
    const [colour, grey] = [net("colour", "float32", 3), net("mono", "float32", 1)];
    const photos = await photographs(14, join(folder, "photographs"));
    const twins = ["--twins", "1"];
    const outcome = await samesight(["compare", colour, grey, "--images", photos, ...SMALL, ...twins, "--out", out]);
    expect(outcome.code, outcome.err).toBe(0);
    const run = JSON.parse(readFileSync(join(out, "run.json"), "utf8"));
    expect(run.models.map((m: { preprocessing: { channels: string } }) => m.preprocessing.channels)).toEqual(
      expect.arrayContaining(["RGB", "L"]),
    );
    expect((await prepareNetwork({ source: grey, layers: ["auto:2"] }, "mono", engine)).taps).toHaveLength(2);
  }, 60_000);
});
