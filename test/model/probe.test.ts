/** Shapes and layouts found by one run, and the free batch. */
import { afterAll, describe, expect, it } from "vitest";
import { withFreeBatch } from "../../src/model/freebatch.js";
import { probeTaps } from "../../src/model/probe.js";
import { readModel, writeModel } from "../../src/model/read.js";
import { summarize } from "../../src/model/summarize.js";
import type { Tap } from "../../src/model/types.js";
import { createEngine } from "../../src/node/engine.js";
import { modelBytes, valueInfo } from "../../src/onnx/build.js";
import { inverted, Net, picture, residual, unet } from "./nets.js";

const engine = createEngine();
afterAll(() => engine.dispose());

async function probe(bytes: Uint8Array, dims: number[]): Promise<(name: string) => Tap | undefined> {
  const { input, tensors } = summarize(readModel(bytes));
  const taps = await probeTaps(engine, bytes, tensors, input.name, picture(dims), input.layout);
  return (name) => taps.find((t) => t.name === name);
}

describe("probing", () => {
  it("finds channels, grid and stride, and leaves out what is no feature map", async () => {
    const tap = await probe(residual().bytes(["scores", "boxes"]), [1, 3, 32, 32]);
    expect(tap("stem.act")).toMatchObject({ layout: "NCHW", channels: 8, height: 16, width: 16, stride: [2, 2] });
    expect(tap("b.act")).toMatchObject({ channels: 16, height: 8, width: 8, stride: [4, 4], blockEnd: true });
    for (const pooled of ["se.pool", "se.squeeze", "se.gate"]) expect(tap(pooled)).toBeUndefined();
    expect((await probe(unet().bytes(["mask"]), [1, 3, 32, 32]))("mask")).toBeUndefined(); // two channels
  });
  it("follows the grid of an input that is not square", async () => {
    const tap = await probe(residual([1, 3, "h", "w"]).bytes(["scores", "boxes"]), [1, 3, 24, 40]);
    expect(tap("b.act")).toMatchObject({ height: 6, width: 10, stride: [4, 4] });
  });
  it("tells NHWC from NCHW by the graph, also where all sizes are equal", async () => {
    const net = new Net([1, 16, 16, 3]);
    net.op("Transpose", ["image"], "planes", { perm: [0, 3, 1, 2] });
    net.op("Relu", [net.conv("planes", "c1", 16)], "r1");
    net.op("Transpose", ["r1"], "back", { perm: [0, 2, 3, 1] });
    net.op("Relu", ["back"], "r2");
    net.op("Transpose", ["r2"], "again", { perm: [0, 3, 1, 2] });
    net.conv("again", "y", 4);
    const tap = await probe(net.bytes(["y"]), [1, 16, 16, 3]);
    expect(["c1", "r1", "r2", "y"].map((t) => tap(t)!.layout)).toEqual(["NCHW", "NCHW", "NHWC", "NCHW"]);
    expect(tap("y")).toMatchObject({ channels: 4, height: 16, width: 16 });
  });
  it("takes tokens as a grid, a class token before them or not; a table of boxes is none", async () => {
    const net = new Net();
    net.op(
      "Reshape",
      [net.conv("image", "patch", 12, { stride: 4, kernel: 5 }), net.ints("flat", [1, 12, 64])],
      "rows",
    );
    net.op("Transpose", ["rows"], "columns", { perm: [0, 2, 1] });
    net.op("MatMul", ["columns", net.weight("m", [12, 6])], "tokens");
    net.op("Concat", [net.weight("cls", [1, 1, 6]), "tokens"], "with.cls", { axis: 1 });
    net.op("Relu", ["with.cls"], "act");
    net.op("Reshape", ["tokens", net.ints("four", [1, 96, 1, 4])], "table");
    net.op("Relu", ["table"], "boxes");
    const tap = await probe(net.bytes(["act", "boxes"]), [1, 3, 32, 32]);
    expect(tap("tokens")).toMatchObject({ layout: "NTD", channels: 6, height: 8, width: 8, stride: [4, 4] });
    expect(tap("act")).toMatchObject({ layout: "NTD", channels: 6, height: 8, width: 8 });
    expect(tap("boxes")).toBeUndefined();
  });
  it("knows attention weights for what they are, though they look like channels of a square grid", async () => {
    const net = new Net();
    net.op("Reshape", [net.conv("image", "patch", 12, { stride: 4, kernel: 5 }), net.ints("s", [1, 4, 3, 64])], "keys");
    net.op("Transpose", ["keys"], "queries", { perm: [0, 1, 3, 2] });
    net.op("Softmax", [net.op("MatMul", ["queries", "keys"], "scores")], "attention", { axis: 3 });
    const tap = await probe(net.bytes(["attention"]), [1, 3, 32, 32]);
    expect([tap("scores"), tap("attention")]).toEqual([undefined, undefined]);
    expect(tap("patch")).toBeDefined();
  });
  it("bears integers and empty tensors", async () => {
    const net = new Net();
    net.conv("image", "c", 4);
    net.op("Cast", ["c"], "whole", { to: 7 });
    net.op("Abs", ["whole"], "integers");
    net.ints("from", [0]);
    net.op("Slice", ["c", "from", "from"], "none");
    net.op("Relu", ["none"], "empty");
    const tap = await probe(net.bytes(["integers", "empty"]), [1, 3, 32, 32]);
    expect(tap("c")).toBeDefined();
    expect(tap("integers")).toBeUndefined();
    expect(tap("empty")).toBeUndefined();
  });
});

describe("a batch fixed at one", () => {
  /** Two images, so many at a time as `dims` says. */
  async function runAll(bytes: Uint8Array, dims: number[]): Promise<number[]> {
    const kernel = await engine.compile(bytes);
    const data = picture([2, ...dims.slice(1)], "two").data as Float32Array;
    const size = (dims[0]! * data.length) / 2;
    const out: number[] = [];
    for (let at = 0; at < data.length; at += size) {
      const result = await kernel.run({ image: { type: "float32", dims, data: data.slice(at, at + size) } });
      for (const t of Object.values(result)) out.push(...(t.data as Float32Array));
    }
    await kernel.release();
    return out;
  }
  function shuffled(): Net {
    const net = new Net();
    net.conv("image", "c", 8);
    net.op("Reshape", ["c", net.ints("groups", [1, 2, 4, 32, 32])], "g");
    net.op("Transpose", ["g"], "t", { perm: [0, 2, 1, 3, 4] });
    net.op("Reshape", ["t", net.ints("planes", [1, 8, 32, 32])], "s");
    net.conv("s", "y", 2);
    return net;
  }

  it.each([
    ["residual", residual(), "boxes"],
    ["inverted", inverted(), "out"],
    ["U-Net", unet(), "mask"],
    ["channel-shuffling (its reshapes are constants)", shuffled(), "y"],
  ])("becomes free in the %s network: two images at once give what each gives alone", async (_, net, output) => {
    const bytes = net.bytes([output]);
    const { model, free, reason } = withFreeBatch(readModel(bytes));
    expect([free, reason]).toEqual([true, ""]);
    expect(summarize(model).input.shape).toEqual([-1, 3, 32, 32]);
    const alone = await runAll(bytes, [1, 3, 32, 32]);
    const both = await runAll(writeModel(model), [2, 3, 32, 32]);
    expect(both.length).toBe(alone.length);
    const scale = Math.max(...alone.map(Math.abs));
    expect(Math.max(...both.map((v, i) => Math.abs(v - alone[i]!)))).toBeLessThan(1e-6 * scale);
  });

  it.each([
    ["a reshape that merges images", (n: Net) => n.op("Reshape", ["c", n.ints("s", [-1, 4])], "y")],
    ["a reshape of unknown target", (n: Net) => n.op("Reshape", ["c", n.op("Shape", ["c"], "s")], "y")],
    ["a transposition of the first axis", (n: Net) => n.op("Transpose", ["c"], "y", { perm: [1, 0, 2, 3] })],
    ["a concatenation over images", (n: Net) => n.op("Concat", ["c", "c"], "y", { axis: 0 })],
    ["a concatenation over images, counted from the end", (n: Net) => n.op("Concat", ["c", "c"], "y", { axis: -4 })],
    ["a mean over all axes", (n: Net) => n.op("ReduceMean", ["c"], "y")],
    ["a resizing to a constant size", (n: Net) => n.op("Resize", ["c", "", "", n.ints("z", [1, 4, 8, 8])], "y")],
  ])("stays where it is unsafe, and says why: %s", (_, last) => {
    const net = new Net();
    net.conv("image", "c", 4);
    last(net);
    const model = readModel(net.bytes(["y"]));
    const result = withFreeBatch(model);
    expect(result.free).toBe(false);
    expect(result.model).toBe(model);
    expect(result.reason).toMatch(/^node 'y' \(\w+\) may mix images$/);
  });

  it("is left alone where it is free, or fixed at another number", () => {
    const stem = (n: number | string) =>
      modelBytes({
        nodes: residual().nodes.slice(0, 1),
        inputs: [valueInfo("image", "float32", [n, 3, 8, 8])],
        outputs: ["stem"],
        initializers: residual().initializers.slice(0, 1),
      });
    expect(withFreeBatch(readModel(stem("n"))).free).toBe(true);
    expect(withFreeBatch(readModel(stem(4)))).toMatchObject({ free: false, reason: "the batch is fixed at 4" });
  });
});
