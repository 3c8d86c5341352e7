/** Networks that compute with integers. Truth: the network on real numbers that they were made from. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { forwardOf } from "../../src/activations/forward.js";
import { withDequantized } from "../../src/model/integers.js";
import { readModel, writeModel } from "../../src/model/read.js";
import { summarize } from "../../src/model/summarize.js";
import { withTaps } from "../../src/model/taps.js";
import { createEngine } from "../../src/node/engine.js";
import { openNetwork, probeNetwork } from "../../src/node/network.js";
import { ownStore, photographs, SMALL, samesight } from "../e2e/support.js";
import { channelsLast, inverted, picture, residual, unet } from "../model/nets.js";
import { dynamic, integer } from "./integers.js";

const engine = createEngine();
const folder = mkdtempSync(join(tmpdir(), "samesight-integers-"));
afterAll(async () => {
  await engine.dispose();
  rmSync(folder, { recursive: true, force: true });
});

const input = picture([1, 3, 32, 32]);
const seen = [input, picture([1, 3, 32, 32], "another")];
const nets = {
  residual: residual().bytes(["scores", "boxes"]),
  unet: unet().bytes(["mask"]),
  channelsLast: channelsLast().bytes(["scores"]),
};

async function blocks(bytes: Uint8Array, name: string) {
  const path = join(folder, `${name}.onnx`);
  writeFileSync(path, bytes);
  const network = await openNetwork(path, undefined);
  const taps = (await probeNetwork(network, engine)).filter((t) => t.blockEnd);
  const kernel = await engine.compile(
    withTaps(
      network.bytes,
      taps.map((t) => t.name),
    ),
  );
  const planes = await forwardOf(kernel, "image", taps)(input);
  await kernel.release();
  return { taps, planes };
}

/** Largest difference over the range of the truth. */
function apart(found: ArrayLike<number>, truth: ArrayLike<number>): number {
  const range = Math.max(...Array.from(truth)) - Math.min(...Array.from(truth));
  expect(found.length).toBe(truth.length);
  return Math.max(...Array.from(truth, (v, i) => Math.abs(v - found[i]!))) / range;
}

describe("integer operators throughout", () => {
  test.each(["residual", "unet", "channelsLast"] as const)(
    "%s: the blocks of the original, dequantised",
    async (name) => {
      const plain = await blocks(nets[name], name);
      const eight = await blocks(await integer(nets[name], seen, engine), `${name}8`);
      const place = (taps: typeof plain.taps) => taps.map((t) => [t.position, t.channels, t.height, t.layout, t.trunk]);
      expect(place(eight.taps)).toEqual(place(plain.taps));
      expect(plain.taps.length).toBeGreaterThanOrEqual(3);
      const differences = plain.planes.map((p, i) => apart(eight.planes[i]!.data, p.data));
      // 2^-9 of a tensor's range for each of some ten roundings on the way, of activations and of weights
      expect(Math.max(...differences)).toBeLessThan(0.2);
      // 8 bits: a tap has at most 256 different values, and is no copy
      for (const p of eight.planes) expect(new Set(p.data).size).toBeLessThanOrEqual(256);
      expect(Math.min(...differences)).toBeGreaterThan(1e-3);
    },
  );
  test("a tap is the integer tensor, less its zero point, times its scale", async () => {
    const bytes = await integer(nets.residual, seen, engine);
    const model = withDequantized(readModel(bytes));
    const kernel = await engine.compile(withTaps(writeModel(model), ["a.sum", "a.sum_quantized"]));
    const { "a.sum": real, "a.sum_quantized": whole } = await kernel.run({ image: input });
    await kernel.release();
    const value = (name: string) => model.graph!.initializer.find((t) => t.name === name)!.rawData!;
    const [scale] = new Float32Array(value("a.sum_scale").slice().buffer);
    const [zero] = value("a.sum_zero_point");
    expect(whole!.type).toBe("uint8");
    const expected = Float32Array.from(whole!.data as Uint8Array, (v) => (v - zero!) * scale!);
    expect(real!.data).toEqual(expected);
    expect(new Set(expected).size).toBeGreaterThan(20);
  });
  test("the network itself computes what it did", async () => {
    const bytes = await integer(nets.unet, seen, engine);
    const run = async (model: Uint8Array) => {
      const kernel = await engine.compile(model);
      const { mask } = await kernel.run({ image: input });
      await kernel.release();
      return mask!.data;
    };
    expect(await run(writeModel(withDequantized(readModel(bytes))))).toEqual(await run(bytes));
  });
  test("names: without the quantiser's suffix, or with '.float' where that name is taken; what is dequantised already is left", async () => {
    const model = readModel(await integer(nets.residual, seen, engine));
    for (const n of model.graph!.node) {
      n.input = n.input.map((i) => (i === "a2_quantized" ? "a2.q" : i));
      n.output = n.output.map((o) => (o === "a2_quantized" ? "a2.q" : o));
    }
    const before = model.graph!.node.length;
    const added = withDequantized(model).graph!.node.slice(before);
    expect(added.map((n) => n.output[0])).toEqual(expect.arrayContaining(["a2.q.float", "a.sum", "se.gate"]));
    expect(added.map((n) => n.output[0])).not.toContain("boxes");
    expect(added.map((n) => n.opType)).toEqual(added.map(() => "DequantizeLinear"));
    expect(withDequantized(readModel(nets.residual)).graph!.node).toHaveLength(
      readModel(nets.residual).graph!.node.length,
    );
  });
});

test("a study: the integer network beside its original", async () => {
  ownStore();
  writeFileSync(join(folder, "plain.onnx"), nets.residual);
  writeFileSync(join(folder, "whole.onnx"), await integer(nets.residual, seen, engine));
  const out = join(folder, "study");
  const photos = await photographs(16, join(folder, "photographs"));
  writeFileSync(join(folder, "measured.onnx"), dynamic(nets.residual));
  const three = ["plain", "whole", "measured"].map((name) => join(folder, `${name}.onnx`));
  const given = ["compare", ...three, "--images", photos];
  const outcome = await samesight([...given, ...SMALL, "--out", out, "--quiet"]);
  expect(outcome.code, outcome.err).toBe(0);
  const [head, ...rows] = readFileSync(join(out, "layers.csv"), "utf8").trim().split("\n");
  const column = (name: string) => head!.split(",").indexOf(name);
  const cells = rows
    .map((r) => r.split(","))
    .filter(
      (r) => r[column("method")] === "nmf" && r[column("model_a")] === "plain" && r[column("model_b")] === "whole",
    );
  const twins = cells.filter((r) => r[column("depth_a")] === r[column("depth_b")]);
  expect(twins).toHaveLength(3);
  // weights of noise: a layer finds itself in 8 bits, and no other layer as well
  for (const r of twins) {
    const own = Number(r[column("similarity")]);
    const others = cells.filter((o) => o[column("layer_a")] === r[column("layer_a")] && o !== r);
    expect(own).toBeGreaterThan(0.5);
    for (const o of others) expect(own).toBeGreaterThan(Number(o[column("similarity")]));
  }
  // layers of the same names: held against their own refits, in words and numbers
  const { findings } = JSON.parse(readFileSync(join(out, "run.json"), "utf8"));
  const version = findings.filter((f: { kind: string }) => f.kind === "version");
  expect(version.map((f: { id: string }) => f.id)).toEqual(["version/plain/measured"]);
  expect(outcome.out).toContain(version[0].sentence);
  const same = rows
    .map((r) => r.split(","))
    .filter(
      (r) => r[column("method")] === "nmf" && r[column("model_a")] === "plain" && r[column("model_b")] === "measured",
    )
    .filter((r) => r[column("layer_a")] === r[column("layer_b")]);
  expect(same).toHaveLength(3);
  for (const r of same) {
    const [s, a, b] = ["similarity", "self_a", "self_b"].map((c) => Number(r[column(c)]));
    expect(version[0].values[`below_refit:${r[column("layer_a")]}`].value).toBeCloseTo(s! - (a! + b!) / 2, 12);
  }
}, 60_000);

describe("ranges measured in every run (ConvInteger)", () => {
  test.each(["residual", "unet", "inverted", "channelsLast"] as const)(
    "%s: the blocks of the original under their names",
    async (name) => {
      const bytes = name === "inverted" ? inverted().bytes(["out"]) : nets[name];
      const [plain, eight] = [await blocks(bytes, name), await blocks(dynamic(bytes), `${name}d`)];
      expect(eight.taps.map((t) => [t.name, t.position])).toEqual(plain.taps.map((t) => [t.name, t.position]));
      const differences = plain.planes.map((p, i) => apart(eight.planes[i]!.data, p.data));
      expect(Math.max(...differences)).toBeLessThan(0.2);
      expect(Math.min(...differences)).toBeGreaterThan(1e-4);
    },
  );
  test("a product over channels that lie last is tapped as the original's is", async () => {
    const whole = await integer(nets.channelsLast, seen, engine);
    for (const [bytes, name] of [
      [nets.channelsLast, "last"],
      [whole, "last8"],
      [dynamic(nets.channelsLast), "lastd"],
    ] as const) {
      const { taps } = await blocks(bytes, name);
      expect(
        taps.map((t) => [t.layout, t.channels, t.height]),
        name,
      ).toContainEqual(["NHWC", 8, 16]);
    }
  });
  test("depth counts them as convolutions", () => {
    expect(summarize(readModel(dynamic(nets.residual))).longestPath).toBe(
      summarize(readModel(nets.residual)).longestPath,
    );
  });
});
