/** A network cut at one tensor must give what it gave before when the tensor comes back unchanged, wherever the cut lies. */
import { afterAll, describe, expect, it } from "vitest";
import { isSamesightError } from "../../src/errors.js";
import { readModel } from "../../src/model/read.js";
import { summarize } from "../../src/model/summarize.js";
import { tailFrom } from "../../src/model/tail.js";
import { createEngine } from "../../src/node/engine.js";
import type { ElementType, TensorValue } from "../../src/numerics/engine.js";
import { ints } from "../../src/onnx/build.js";
import { inverted, Net, picture, residual, unet } from "./nets.js";

const engine = createEngine();
afterAll(() => engine.dispose());
const image = picture([1, 3, 32, 32]);
type Values = Record<string, TensorValue>;

async function run(bytes: Uint8Array, feeds: Values = { image }): Promise<Values> {
  const kernel = await engine.compile(bytes);
  try {
    return await kernel.run(feeds);
  } finally {
    await kernel.release();
  }
}

async function goOn(bytes: Uint8Array, tap: string, change: (v: TensorValue) => TensorValue = (v) => v) {
  const cut = tailFrom(bytes, tap);
  const given = await run(cut.head);
  const types = new Map<string, ElementType>(Object.entries(given).map(([n, v]) => [n, v.type]));
  return { ...cut, out: await run(cut.tail(types), { ...given, [tap]: change(given[tap]!) }) };
}

const networks: [string, Uint8Array][] = [
  ["residual", residual().bytes(["scores", "boxes"])],
  ["inverted", inverted().bytes(["out"])],
  ["U-Net", unet().bytes(["mask"])],
];

describe.each(networks)("the %s network", (_, bytes) => {
  const { tensors, outputs } = summarize(readModel(bytes));
  it("goes on from every inner tensor to the outputs it gave before", async () => {
    const plain = await run(bytes);
    for (const { name } of tensors) {
      if (outputs.includes(name)) continue;
      const { out, outputs: own } = await goOn(bytes, name);
      expect(own.length).toBeGreaterThan(0);
      for (const o of own) {
        const worst = Array.from(out[o]!.data as Float32Array, (v, i) =>
          Math.abs(Number(v) - Number(plain[o]!.data[i])),
        );
        expect(Math.max(...worst)).toBeLessThan(1e-5);
      }
    }
  });
});

describe("branches around the cut", () => {
  it("of a tensor inside a residual block keep their values; of one that all paths cross there are none", () => {
    expect(tailFrom(networks[0]![1], "a1.act").beside).toEqual(["stem.act"]);
    expect(tailFrom(networks[0]![1], "a.act").beside).toEqual([]);
  });
  it("changing the tensor changes every output that the cut names, and no other is named", async () => {
    const before = (await goOn(networks[0]![1], "class1.act")).out;
    const { out, outputs } = await goOn(networks[0]![1], "class1.act", (v) => ({
      ...v,
      data: Float32Array.from(v.data as Float32Array, (x) => x + 1),
    }));
    expect(outputs).toEqual(["scores"]); // the boxes come from elsewhere
    expect(out.scores!.data).not.toEqual(before.scores!.data);
  });
  it("shapes read from the image are given too, with their own type", async () => {
    const net = new Net();
    net.conv("image", "first", 4);
    net.op("Shape", ["image"], "size");
    net.initializers.push(ints("two", [1], [2]), ints("four", [1], [4]));
    net.op("Slice", ["size", "two", "four"], "sides");
    net.op("Shape", ["first"], "own");
    net.initializers.push(ints("none", [1], [0]));
    net.op("Slice", ["own", "none", "two"], "ends");
    net.op("Concat", ["ends", "sides"], "whole", { axis: 0 });
    net.op("Resize", [net.conv("first", "second", 2, { stride: 2 }), "", "", "whole"], "up");
    const { beside, out } = await goOn(net.bytes(["up"]), "second");
    expect(beside).toHaveLength(1);
    expect(out.up!.dims).toEqual([1, 4, 32, 32]);
  });
});

describe("outputs that are lists", () => {
  it("are replaced by what the first selection selects from", async () => {
    const net = residual();
    net.initializers.push(ints("three", [1], [3]));
    net.op("GlobalMaxPool", ["scores"], "best");
    net.op("Flatten", ["best"], "flat");
    net.op("TopK", ["flat", "three"], "top");
    net.nodes.at(-1)!.output.push("which");
    const { outputs } = tailFrom(net.bytes(["top", "boxes"]), "a.act");
    expect([...outputs].sort()).toEqual(["boxes", "flat"]);
  });
  it("nothing is computed from an output: unsupported, in a line", () => {
    try {
      tailFrom(networks[0]![1], "boxes");
      expect.unreachable();
    } catch (error) {
      expect(isSamesightError(error) && error.code).toBe("unsupported");
      expect((error as Error).message).toBe("no output of the network is computed from 'boxes'");
    }
  });
});
