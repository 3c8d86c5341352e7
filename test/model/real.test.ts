/** Networks as real exporters write them: torchvision by torch.onnx.export, the zoo's detectors by the TensorFlow.js importer. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { withFreeBatch } from "../../src/model/freebatch.js";
import { probeTaps } from "../../src/model/probe.js";
import { readModel, writeModel } from "../../src/model/read.js";
import { selectTaps } from "../../src/model/select.js";
import { summarize } from "../../src/model/summarize.js";
import { withTaps } from "../../src/model/taps.js";
import { createEngine } from "../../src/node/engine.js";
import { loadZooNetwork } from "../../src/node/zoo/load.js";
import { picture } from "./nets.js";

const engine = createEngine();
afterAll(() => engine.dispose());

/**
 * What the architectures say. `longest`: weighted layers on the longest way (ResNet's name is that number; in MobileNetV3 the two of a
 * squeeze-and-excite count). `ends`: stem, every unit, and the last convolution where there is one.
 */
const TORCHVISION = [
  { name: "resnet18", longest: 18, ends: 1 + 8 },
  { name: "resnet50", longest: 50, ends: 1 + 16 },
  { name: "mobilenet_v2", longest: 53, ends: 1 + 17 + 1 },
  { name: "mobilenet_v3_small", longest: 54, ends: 1 + 11 + 1 },
  { name: "shufflenet_v2_x0_5", longest: 51, ends: 1 + 16 + 1 },
];
const python = "/usr/bin/python3";
const reason = (() => {
  try {
    execFileSync(python, ["-c", "import torchvision, onnx"], { stdio: "ignore" });
    return "";
  } catch {
    return ` (skipped: ${python} has no torchvision)`;
  }
})();

describe.skipIf(reason !== "")(`torchvision${reason}`, () => {
  let folder = "";
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "samesight-torch-"));
    const script = join(import.meta.dirname, "export_torchvision.py");
    execFileSync(python, [script, folder, ...TORCHVISION.map((t) => t.name)], { stdio: "ignore" });
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const image = picture([1, 3, 64, 64]);
  const run = async (model: Uint8Array, input = image) => {
    const kernel = await engine.compile(model);
    const out = await kernel.run({ image: input });
    await kernel.release();
    return (name: string) => out[name]!.data as Float32Array;
  };
  const near = (a: Float32Array, b: Float32Array) => {
    const range = a.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
    expect(range).toBeGreaterThan(0);
    expect(a.reduce((most, v, i) => Math.max(most, Math.abs(v - b[i]!)), 0)).toBeLessThan(2e-6 * range);
  };

  it.each(TORCHVISION)("$name: depth, blocks, taps and batch", async ({ name, longest, ends }) => {
    const bytes = new Uint8Array(readFileSync(join(folder, `${name}.onnx`)));
    const summary = summarize(readModel(bytes));
    expect(summary.longestPath).toBe(longest);
    const found = summary.tensors.filter((t) => t.blockEnd);
    expect(found).toHaveLength(ends);
    expect(found.every((t) => t.trunk)).toBe(true);
    // nothing inside residual and squeeze-and-excite branches is on the trunk
    const aside = /block.*avgpool\/|\/fc[12]\/|branch|layer\d\.\d\/relu\/Relu_/;
    expect(summary.tensors.filter((t) => t.trunk && aside.test(t.name))).toEqual([]);

    const taps = await probeTaps(engine, bytes, summary.tensors, "image", image, "NCHW");
    const chosen = selectTaps(taps, ["auto:5"]).map((t) => t.name);
    expect(chosen).toHaveLength(5);
    const output = summary.outputs[0]!;
    const tapped = await run(withTaps(bytes, chosen, { keepOutputs: true }));
    near((await run(bytes))(output), tapped(output));

    const free = withFreeBatch(readModel(withTaps(bytes, chosen)));
    expect(free.reason).toBe("");
    const data = new Float32Array(2 * image.data.length);
    data.set(picture([1, 3, 64, 64], "other").data as Float32Array);
    data.set(image.data as Float32Array, image.data.length);
    const both = await run(writeModel(free.model), { type: "float32", dims: [2, 3, 64, 64], data });
    for (const t of chosen) {
      expect(both(t).length).toBe(2 * tapped(t).length);
      near(tapped(t), both(t).subarray(tapped(t).length));
    }
  });
});

describe("the zoo's detectors", () => {
  const ends = async (name: string) => {
    const { tensors } = summarize(readModel((await loadZooNetwork(name)).bytes));
    return tensors.filter((t) => t.blockEnd);
  };
  it("SSDLite: the stem, each of 17 inverted residuals, and the layers its six heads read", async () => {
    const found = await ends("ssdlite-mobilenetv2");
    const names = found.map((t) => t.name);
    const blocks = names.flatMap((n) => /MobilenetV2\/(expanded_conv(?:_\d+)?)\//.exec(n)?.[1] ?? []);
    expect(new Set(blocks).size).toBe(17);
    // only the thirteenth block's expansion, which the first head reads, stands beside its block's end
    expect(blocks).toHaveLength(18);
    for (const layer of ["V2/Conv/Relu6", "expanded_conv_13/expand", "Conv_1/", "_2_3x3", "_3_3x3", "_4_3x3", "_5_3x3"])
      expect(names.filter((n) => n.includes(layer) && !n.includes("depthwise"))).toHaveLength(1);
    // it is amid the network and yet just before its own head
    const first = found.find((t) => t.name.includes("expanded_conv_13/expand"))!;
    expect(first.depth).toBeLessThan(0.65);
    expect(first.headDepth).toBeGreaterThan(0.9);
  });
  it("CenterNet: 15 inverted residuals and the merges of its pyramid, whose shortcuts break dominance", async () => {
    const names = (await ends("centernet-mobilenetv3")).map((t) => t.name);
    const blocks = names.flatMap((n) => /MobilenetV3\/(expanded_conv(?:_\d+)?)\//.exec(n)?.[1] ?? []);
    expect(new Set(blocks).size).toBe(15);
    for (const merge of ["Relu", "Relu_1", "Relu_2"]) expect(names).toContain(`tower_0/CenternetHead/${merge}`);
  });
  it("NanoDet: no end inside its cross-stage blocks", async () => {
    const backbone = (await ends("nanodet")).filter((t) => t.position < 26);
    expect(backbone.map((t) => t.op).join(" ")).toBe(
      "LeakyRelu LeakyRelu Concat LeakyRelu Concat LeakyRelu Concat LeakyRelu Concat",
    );
  });
});
