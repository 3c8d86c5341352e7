/** Depth, trunk and ends of blocks on networks whose every tensor was placed by hand. */
import { describe, expect, it } from "vitest";
import { readModel } from "../../src/model/read.js";
import { summarize } from "../../src/model/summarize.js";
import type { NetworkSummary, TensorInfo } from "../../src/model/types.js";
import { inverted, Net, residual, unet } from "./nets.js";

function of(net: Net, outputs: string[]): { summary: NetworkSummary; at: (name: string) => TensorInfo } {
  const summary = summarize(readModel(net.bytes(outputs)));
  return { summary, at: (name) => summary.tensors.find((t) => t.name === name)! };
}
const ends = (s: NetworkSummary) => s.tensors.filter((t) => t.blockEnd).map((t) => t.name);
const trunk = (s: NetworkSummary) => s.tensors.filter((t) => t.trunk).map((t) => t.name);

describe("residual network with squeeze-and-excite and two heads", () => {
  const { summary, at } = of(residual(), ["scores", "boxes"]);
  it("counts convolutions on the longest path, the squeeze-and-excite way included", () => {
    const positions = { stem: 1, "stem.act": 1, a1: 2, a2: 3, "a.act": 3, b1: 4, "se.gate": 6, "se.scaled": 6, b2: 7 };
    for (const [name, position] of Object.entries(positions))
      expect([name, at(name).position]).toEqual([name, position]);
    expect(at("b.short").position).toBe(4);
    expect(summary.longestPath).toBe(9);
    expect(at("b.act").depth).toBeCloseTo(7 / 9, 12);
  });
  it("measures depth to the nearest head: the shallow one where a tensor feeds both", () => {
    expect(at("boxes").position).toBe(8);
    expect(at("b.act").headDepth).toBeCloseTo(7 / 8, 12);
    expect(at("class1.act").headDepth).toBeCloseTo(8 / 9, 12);
    expect(at("boxes").headDepth).toBe(1);
    expect(at("class2").headDepth).toBe(1);
    expect(at("scores").headDepth).toBe(1);
  });
  it("has neither residual branches nor side paths on the trunk, and both heads", () => {
    expect(trunk(summary)).toEqual(
      "stem stem.act a.sum a.act b.sum b.act class1 class1.act class2 scores boxes".split(" "),
    );
  });
  it("ends its blocks after the activation that follows an addition", () => {
    expect(ends(summary)).toEqual(["stem.act", "a.act", "b.act", "class1.act"]);
  });
});

describe("concatenated heads", () => {
  it("keep their own depths, so that the extra layers of SSD do not stretch all of them", () => {
    const net = residual();
    net.conv("b.act", "extra1", 16, { stride: 2 });
    net.conv(net.op("Relu", ["extra1"], "extra1.act"), "extra2", 16);
    net.conv(net.op("Relu", ["extra2"], "extra2.act"), "late", 5, { kernel: 1 });
    net.ints("row", [1, -1, 5]);
    net.op("Reshape", ["scores", "row"], "early.row");
    net.op("Reshape", ["late", "row"], "late.row");
    net.op("Concat", ["early.row", "late.row"], "all", { axis: 1 });
    const { summary, at } = of(net, ["all"]);
    expect(summary.longestPath).toBe(10);
    expect(at("b.act").headDepth).toBeCloseTo(7 / 9, 12);
    expect(at("class2").headDepth).toBe(1);
    expect(at("extra2.act").headDepth).toBeCloseTo(9 / 10, 12);
    expect(ends(summary)).toContain("extra2.act");
    expect(at("all").depth).toBe(1);
  });
});

describe("inverted residuals", () => {
  const { summary } = of(inverted(), ["out"]);
  it("end at the addition, or at the linear projection where there is none; not inside", () => {
    expect(ends(summary)).toEqual(["stem.act", "one.sum", "two.project", "last.act"]);
  });
  it("a SiLU's gate is beside the trunk, its product on it", () => {
    expect(trunk(summary)).not.toContain("last.act.gate");
    expect(trunk(summary)).toContain("last.act");
  });
});

describe("other ways of writing", () => {
  it("normalisation and bias apart from the convolution end no block, nor does what goes on into an activation", () => {
    const net = new Net();
    net.conv("image", "c1", 4);
    for (const n of ["scale", "shift", "mean", "var"]) net.weight(n, [4]);
    net.op("BatchNormalization", ["c1", "scale", "shift", "mean", "var"], "bn1");
    net.op("Relu", ["bn1"], "r1");
    net.op("Add", [net.conv("r1", "c2", 4), net.weight("bias", [4, 1, 1])], "biased");
    net.weight("three", [1]);
    net.op("Clip", [net.op("Add", ["biased", "three"], "plus3")], "clipped");
    net.op("Mul", [net.join("Mul", ["biased", "clipped"], "swish6"), net.weight("sixth", [1])], "swish");
    net.conv("swish", "y", 2);
    const { summary } = of(net, ["y"]);
    expect(ends(summary)).toEqual(["r1", "swish"]);
    expect(trunk(summary)).not.toContain("clipped");
  });
  it("depthwise-separable blocks end after the pointwise convolution", () => {
    const net = new Net();
    net.op("Relu", [net.conv("image", "stem", 8)], "stem.act");
    net.op("Relu", [net.conv("stem.act", "dw", 8, { group: 0 })], "dw.act");
    net.op("Relu", [net.conv("dw.act", "pw", 8, { kernel: 1 })], "pw.act");
    net.conv("pw.act", "y", 2);
    expect(ends(of(net, ["y"]).summary)).toEqual(["stem.act", "pw.act"]);
  });
  it("what only looks at shapes has no depth and hides nothing", () => {
    const net = new Net(["batch", 3, 32, 32]);
    net.op("Relu", [net.conv("image", "c1", 4)], "r1");
    net.op("Shape", ["r1"], "shape");
    net.op("Cast", ["shape"], "shape.float", { to: 1 });
    net.weight("m", [4, 4]);
    net.op("MatMul", ["shape.float", "m"], "odd");
    net.op("Relu", [net.conv("r1", "c2", 4)], "r2");
    net.op("Reshape", ["r2", "shape"], "same");
    net.conv("same", "y", 2);
    const { summary, at } = of(net, ["y", "odd"]);
    expect(at("odd")).toBeUndefined();
    expect(summary.longestPath).toBe(3);
    expect(ends(summary)).toEqual(["r1", "r2"]);
  });
  it("a decoder's own layers are on the trunk although skip connections pass them by", () => {
    const { summary } = of(unet(), ["mask"]);
    expect(trunk(summary)).toEqual(expect.arrayContaining(["e2.act", "mid.act", "cat2", "d2.act", "cat1", "d1.act"]));
    expect(ends(summary)).toEqual(["e1.act", "e2.act", "mid.act", "cat2", "d2.act", "cat1", "d1.act"]);
  });
  it("a network without a convolution has no layer", () => {
    const net = new Net();
    net.op("Relu", ["image"], "y");
    expect(of(net, ["y"]).summary.tensors).toEqual([]);
  });
});
