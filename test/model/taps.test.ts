/** A tap is an edit of the graph that must not change what the network computes; run on onnxruntime. */
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { isSamesightError } from "../../src/errors.js";
import { readModel, readPart } from "../../src/model/read.js";
import { split } from "../../src/model/split.js";
import { summarize } from "../../src/model/summarize.js";
import { withTaps } from "../../src/model/taps.js";
import { createEngine } from "../../src/node/engine.js";
import type { TensorValue } from "../../src/numerics/engine.js";
import { inverted, Net, picture, residual, unet } from "./nets.js";

const engine = createEngine();
afterAll(() => engine.dispose());
const image = picture([1, 3, 32, 32]);
type Feeds = Record<string, TensorValue>;

async function run(bytes: Uint8Array, feeds: Feeds = { image }): Promise<Feeds> {
  const kernel = await engine.compile(bytes);
  try {
    return await kernel.run(feeds);
  } finally {
    await kernel.release();
  }
}

/** Largest difference, in parts of the largest value. */
function difference(a: TensorValue, b: TensorValue): number {
  expect(b.dims).toEqual(a.dims);
  let worst = 0;
  let range = 0;
  for (let i = 0; i < a.data.length; i++) {
    worst = Math.max(worst, Math.abs(Number(a.data[i]) - Number(b.data[i])));
    range = Math.max(range, Math.abs(Number(a.data[i])));
  }
  expect(range).toBeGreaterThan(0);
  return worst / range;
}

const networks: [string, Uint8Array][] = [
  ["residual", residual().bytes(["scores", "boxes"])],
  ["inverted", inverted().bytes(["out"])],
  ["U-Net", unet().bytes(["mask"])],
];

describe.each(networks)("taps of the %s network", (_, bytes) => {
  const { tensors, outputs } = summarize(readModel(bytes));
  const names = tensors.map((t) => t.name);
  it("change no output, whichever are chosen, and are the same with and without the rest of the network", async () => {
    const plain = await run(bytes);
    await fc.assert(
      fc.asyncProperty(fc.subarray(names, { minLength: 1 }), async (chosen) => {
        const whole = await run(withTaps(bytes, chosen, { keepOutputs: true }));
        for (const o of outputs) expect(difference(plain[o]!, whole[o]!)).toBeLessThan(1e-6);
        const pruned = await run(withTaps(bytes, chosen));
        expect(Object.keys(pruned).sort()).toEqual([...chosen].sort());
        for (const t of chosen) expect(difference(whole[t]!, pruned[t]!)).toBeLessThan(1e-6);
      }),
      { numRuns: 12, seed: 3 },
    );
  });
});

describe("pruning", () => {
  it("leaves only what the taps need, weights included", () => {
    const graph = readModel(withTaps(residual().bytes(["scores", "boxes"]), ["a1.act"])).graph!;
    expect(graph.node.map((n) => n.output[0])).toEqual(["stem", "stem.act", "a1", "a1.act"]);
    expect(graph.initializer.map((t) => t.name)).toEqual(["stem.w", "a1.w"]);
    expect(graph.output.map((o) => o.name)).toEqual(["a1.act"]);
  });
  it("keeps outputs in front and in order, and a tap that is one of them once", () => {
    const bytes = withTaps(residual().bytes(["scores", "boxes"]), ["boxes", "stem"], { keepOutputs: true });
    expect(readModel(bytes).graph!.output.map((o) => o.name)).toEqual(["scores", "boxes", "stem"]);
  });
  it("does not touch the bytes it was given", () => {
    const bytes = residual().bytes(["scores"]);
    const copy = bytes.slice();
    withTaps(bytes, ["stem"]);
    expect(bytes).toEqual(copy);
  });
  it("offers the nearest name", () => {
    try {
      withTaps(residual().bytes(["scores"]), ["stem.atc"]);
      expect.unreachable();
    } catch (error) {
      expect(isSamesightError(error) && [error.code, error.details.nearest]).toEqual(["unknown", "stem.act"]);
    }
  });
});

describe("split", () => {
  const bytes = residual().bytes(["scores", "boxes"]);
  it.each([[["stem.act"]], [["b.act"]], [["a2", "stem.act"]], [["scores", "b.act"]]])(
    "at %j: head then tail is the network",
    async (cut) => {
      const { head, tail } = split(bytes, cut);
      const middle = await run(head);
      expect(Object.keys(middle).sort()).toEqual([...cut].sort());
      const [plain, after] = [await run(bytes), await run(tail, middle)];
      for (const o of ["scores", "boxes"]) expect(difference(plain[o]!, after[o]!)).toBeLessThan(1e-6);
    },
  );
  it("the tail holds none of the head's weights and may be tapped in its turn", async () => {
    const { head, tail } = split(bytes, ["b.act"]);
    const weights = readPart(tail).graph!.initializer.map((t) => t.name);
    expect(weights).toEqual(["class1.w", "class2.w", "boxes.w"]);
    const tapped = await run(withTaps(tail, ["class1.act"]), await run(head));
    const direct = await run(withTaps(bytes, ["class1.act"]));
    expect(difference(direct["class1.act"]!, tapped["class1.act"]!)).toBeLessThan(1e-6);
  });
  it("a changed activation changes what follows", async () => {
    const { head, tail } = split(bytes, ["b.act"]);
    const middle = (await run(head))["b.act"]!;
    const doubled = { ...middle, data: (middle.data as Float32Array).map((v) => 2 * v) };
    const [plain, changed] = [await run(tail, { "b.act": middle }), await run(tail, { "b.act": doubled })];
    expect(difference(plain.boxes!, changed.boxes!)).toBeGreaterThan(0.1);
  });
  it("refuses a cut with a way around it, and names the input", () => {
    expect(() => split(bytes, ["a2"])).toThrow(/cut at 'a2' leaves a way around it from input 'image'/);
    expect(() => split(bytes, ["a3"])).toThrow(/no layer is called 'a3'/);
  });
});

it("half precision passes through", async () => {
  const net = new Net();
  net.op("Relu", [net.op("Cast", [net.conv("image", "c", 4)], "half", { to: 10 })], "act");
  net.op("Cast", ["act"], "y", { to: 1 });
  const { act } = await run(withTaps(net.bytes(["y"]), ["act"]));
  expect(act!.type).toBe("float16");
});
