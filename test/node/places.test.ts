/** Outputs are the same, to the bit, where the runtime writes into memory of the run before; and each run's are its own. */
import { afterAll, expect, test } from "vitest";
import { createEngine } from "../../src/node/engine.js";
import type { TensorValue } from "../../src/numerics/engine.js";
import { modelBytes, node, valueInfo } from "../../src/onnx/build.js";
import { Net } from "../model/nets.js";

const engine = createEngine();
afterAll(() => engine.dispose());

/** One picture each, no two alike. */
function pictures(seed: number, n = 1): TensorValue {
  const data = Float32Array.from({ length: n * 3 * 32 * 32 }, (_, i) => Math.sin(0.37 * i + seed));
  return { type: "float32", dims: [n, 3, 32, 32], data };
}

function casts(): Uint8Array {
  const net = new Net(["n", 3, 32, 32]);
  net.op("Relu", [net.conv("image", "planes", 12, { stride: 4, kernel: 5 })], "act");
  net.op("Transpose", ["act"], "turned", { perm: [0, 2, 3, 1] });
  net.op("Cast", ["act"], "half", { to: 10 });
  net.op("Cast", ["act"], "double", { to: 11 });
  net.op("Cast", ["act"], "whole", { to: 7 });
  return net.bytes(["act", "turned", "half", "double", "whole"]);
}

test("runs in any order of batches, every type, give what a fresh session gives, and keep it", async () => {
  const kernel = await engine.compile(casts());
  const names = ["act", "turned", "half", "double", "whole"];
  const results = [];
  const batches = [1, 1, 1, 3, 3, 1, 1];
  for (const [i, n] of batches.entries()) results.push(await kernel.run({ image: pictures(i, n) }, names));
  results.push(await kernel.run({ image: pictures(9) }, ["turned"]));
  results.push(await kernel.run({ image: pictures(8) }, ["turned"]));
  for (const [i, n] of batches.entries()) {
    const fresh = await engine.compile(casts());
    expect(results[i]).toEqual(await fresh.run({ image: pictures(i, n) }, names));
    await fresh.release();
  }
  const fresh = await engine.compile(casts());
  expect(results[8]).toEqual(await fresh.run({ image: pictures(8) }, ["turned"]));
  expect(results[7]!.turned).not.toEqual(results[8]!.turned);
  await fresh.release();
  await kernel.release();
});

test("outputs as long as there are values above zero", async () => {
  const kernel = await engine.compile(
    modelBytes({
      nodes: [node("Relu", ["x"], ["y"]), node("NonZero", ["y"], ["places"])],
      inputs: [valueInfo("x", "float32", [6])],
      outputs: ["y", "places"],
    }),
  );
  for (const values of [
    [1, 0, 0, 0, 0, 2],
    [0, 1, 0, 2, 0, 0],
    [1, 1, 1, 0, 1, 1],
    [0, 0, 0, 0, 0, 1],
    [0, 0, 0, 0, 0, 0],
  ]) {
    const x = { type: "float32" as const, dims: [6], data: Float32Array.from(values) };
    const { places } = await kernel.run({ x }, ["y", "places"]);
    expect([...(places!.data as BigInt64Array)].map(Number)).toEqual(values.flatMap((v, i) => (v > 0 ? [i] : [])));
  }
  await kernel.release();
});

test("what a network refuses is refused in one line, and the next run goes through", async () => {
  const kernel = await engine.compile(casts());
  const good = await kernel.run({ image: pictures(1) }, ["act"]);
  const narrow: TensorValue = { type: "float32", dims: [1, 2, 32, 32], data: new Float32Array(2 * 32 * 32) };
  await expect(kernel.run({ image: narrow }, ["act"])).rejects.toMatchObject({
    code: "invalid",
    message: expect.stringMatching(/^the network does not run: .+$/),
  });
  expect(await kernel.run({ image: pictures(1) }, ["act"])).toEqual(good);
  await kernel.release();
});
