/** Choice of layers by words. */
import { describe, expect, it } from "vitest";
import { isSamesightError } from "../../src/errors.js";
import { readModel } from "../../src/model/read.js";
import { selectTaps } from "../../src/model/select.js";
import { stagesOf } from "../../src/model/stages.js";
import { summarize } from "../../src/model/summarize.js";
import type { Tap, TensorInfo } from "../../src/model/types.js";
import { residual } from "./nets.js";

const { tensors } = summarize(readModel(residual().bytes(["scores", "boxes"])));
const names = (...specs: string[]) => selectTaps(tensors, specs).map((t) => t.name);
const fails = (...specs: string[]) => {
  try {
    selectTaps(tensors, specs);
  } catch (error) {
    if (isSamesightError(error)) return error;
  }
  throw new Error("was accepted");
};
const layer = (name: string, depth: number): TensorInfo => ({
  name,
  op: "Relu",
  position: 100 * depth,
  depth,
  headDepth: depth,
  trunk: true,
  blockEnd: true,
});

describe("by name", () => {
  it("exactly, in the network's order, each once", () => {
    expect(names("b.act", "stem.act,b.act")).toEqual(["stem.act", "b.act"]);
  });
  it("by glob, where * crosses slashes", () => {
    expect(names("se.*")).toEqual(["se.pool", "se.squeeze", "se.act", "se.excite", "se.gate", "se.scaled"]);
    expect(names("{a,b}.act")).toEqual(["a.act", "b.act"]);
    expect(names("?1")).toEqual(["a1", "b1"]);
    const deep = [layer("/features/0/Relu_output_0", 0.1), layer("/head/Relu_output_0", 0.9)];
    expect(selectTaps(deep, ["/features/*"]).map((t) => t.name)).toEqual(["/features/0/Relu_output_0"]);
    expect(selectTaps(deep, ["*Relu*"])).toHaveLength(2);
  });
  it("an exact name wins over its reading as list, glob or keyword", () => {
    const odd = [layer("a,b", 0.1), layer("x[0]", 0.2), layer("x0", 0.3), layer("op:Relu", 0.4), layer("a", 0.5)];
    const pick = (spec: string) => selectTaps(odd, [spec]).map((t) => t.name);
    expect(pick("a,b")).toEqual(["a,b"]);
    expect(pick("x[0]")).toEqual(["x[0]"]);
    expect(pick("op:Relu")).toEqual(["op:Relu"]);
  });
  it("a typo gets the nearest name", () => {
    const error = fails("class1.atc");
    expect(error.code).toBe("unknown");
    expect(error.message).toBe("no layer is called 'class1.atc'");
    expect(error.hint).toContain("'class1.act'");
    expect(fails("nothing*").message).toBe("no layer matches 'nothing*'");
  });
});

describe("by operator and depth", () => {
  it("op: without regard to case; depth: ends of blocks only", () => {
    expect(names("op:add")).toEqual(["a.sum", "b.sum"]);
    expect(names("depth:0.3-0.8")).toEqual(["a.act", "b.act"]);
  });
  it.each(["auto:0", "auto:x", "auto:1.5", "depth:0.8-0.2", "depth:a-b", "depth:0.5"])(
    "%s is refused with an example",
    (spec) => {
      const error = fails(spec);
      expect(error.code).toBe("invalid");
      expect(error.hint).toMatch(/^Write /);
    },
  );
});

describe("auto:N", () => {
  const depths = [0.02, 0.05, 0.1, 0.12, 0.3, 0.33, 0.5, 0.52, 0.9, 0.92, 0.95, 1];
  const many = depths.map((d) => layer(`l${d}`, d));
  const picked = (n: number) => selectTaps(many, [`auto:${n}`]).map((t) => t.depth);
  it("spreads over relative depth from the first to the deepest", () => {
    expect(picked(1)).toEqual([1]);
    expect(picked(2)).toEqual([0.02, 1]);
    expect(picked(3)).toEqual([0.02, 0.52, 1]);
    // targets .02 .265 .51 .755 1: .3 is nearest to .265, .52 to .51, .9 to .755
    expect(picked(5)).toEqual([0.02, 0.3, 0.52, 0.9, 1]);
    expect(picked(12)).toEqual(depths);
  });
  it("gives exactly N different ones, whatever the depths", () => {
    for (let n = 1; n <= 12; n++) expect(new Set(picked(n)).size).toBe(n);
  });
  it("takes all and says so where there are fewer", () => {
    const notes: string[] = [];
    const all = selectTaps(tensors, ["auto:9"], (n) => notes.push(n)).map((t) => t.name);
    expect(all).toEqual(["stem.act", "a.act", "b.act", "class1.act"]);
    expect(notes).toEqual(["layers: auto:9 found 4 ends of blocks and takes them all"]);
  });
  it("passes over grids too small to locate anything", () => {
    const sized: Tap[] = [8, 4, 2].map((side, i) => ({
      ...layer(`g${side}`, (i + 1) / 3),
      layout: "NCHW",
      channels: 8,
      height: side,
      width: side,
      stride: [1, 1],
    }));
    expect(selectTaps(sized, ["auto:2"]).map((t) => t.name)).toEqual(["g8", "g4"]);
    expect(selectTaps(sized, ["g2"]).map((t) => t.name)).toEqual(["g2"]);
  });
});

describe("by stage", () => {
  const grid = (name: string, side: number, rest: Partial<Tap> = {}): Tap => ({
    ...layer(name, 0.5),
    layout: "NCHW",
    channels: 8,
    height: side,
    width: side,
    stride: [64 / side, 64 / side],
    ...rest,
  });
  // a ResNet's stem, two stages, and a decoder that returns to the first's grid
  const taps = [
    grid("stem", 32),
    grid("c2.inner", 16, { trunk: false, blockEnd: false }),
    grid("c2.0", 16),
    grid("c2.1", 16),
    grid("c3", 8),
    grid("up", 16),
    grid("head", 8, { trunk: false }),
  ];
  const chosen = (spec: string) => selectTaps(taps, [spec]).map((t) => t.name);
  it("counts where the grid changes along the trunk", () => {
    expect(chosen("stage:1")).toEqual(["stem"]);
    expect(chosen("stage:2")).toEqual(["c2.0", "c2.1"]);
    expect(chosen("stage:3-4")).toEqual(["c3", "up", "head"]);
    expect([...stagesOf(taps).values()].sort()).toEqual([1, 2, 2, 2, 3, 3, 4]);
  });
  it("refuses what is no range, and a stage that is not there", () => {
    expect(() => chosen("stage:b")).toThrow("layers: 'stage:b' needs a number or a range");
    expect(() => chosen("stage:9")).toThrow("no layer matches 'stage:9'");
  });
});

describe("by the names that inspect shows", () => {
  const taps = [
    layer("/body/layer1/layer1.0/relu/Relu_output_0", 0.1),
    layer("/body/layer1/layer1.1/relu/Relu_output_0", 0.9),
  ];
  it("shortened, as a glob over them, or cut in the middle", () => {
    const chosen = (spec: string) => selectTaps(taps, [spec]).map((t) => t.depth);
    expect(chosen("layer1.0/relu/Relu")).toEqual([0.1]);
    expect(chosen("layer1.*")).toEqual([0.1, 0.9]);
    expect(chosen("lay…1/relu/Relu")).toEqual([0.9]);
  });
});
