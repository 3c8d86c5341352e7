/** Outputs are the same, to the bit, where the runtime writes into memory of the run before; and each run's are its own. */
import { createHash } from "node:crypto";
import { afterAll, expect, test } from "vitest";
import { createEngine } from "../../src/node/engine.js";
import type { TensorValue } from "../../src/numerics/engine.js";
import { modelBytes, node, valueInfo } from "../../src/onnx/build.js";
import { Net } from "../model/nets.js";

const engine = createEngine();
afterAll(() => engine.dispose());

/** One picture each, no two alike. */
function pictures(seed: number, n = 1): TensorValue {
  const data = Float32Array.from({ length: n * 3 * 256 * 256 }, (_, i) => Math.sin(0.37 * i + seed));
  return { type: "float32", dims: [n, 3, 256, 256], data };
}

/** Every type of output, a megabyte each: as many as get a place of their own. */
function casts(): Uint8Array {
  const net = new Net(["n", 3, 256, 256]);
  net.op("Relu", [net.conv("image", "planes", 16, { stride: 2, kernel: 5 })], "act");
  net.op("Transpose", ["act"], "turned", { perm: [0, 2, 3, 1] });
  net.op("Cast", ["act"], "half", { to: 10 });
  net.op("Cast", ["act"], "double", { to: 11 });
  net.op("Cast", ["act"], "whole", { to: 7 });
  return net.bytes(NAMES);
}
const NAMES = ["act", "turned", "half", "double", "whole"];

/** Types, shapes and a digest of the values. */
function digests(outputs: Readonly<Record<string, TensorValue>>) {
  const of = ({ type, dims, data }: TensorValue) => [
    type,
    [...dims],
    createHash("sha256")
      .update(new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength))
      .digest("hex"),
  ];
  return Object.fromEntries(Object.entries(outputs).map(([name, value]) => [name, of(value)]));
}

test("runs in any order of batches, every type, give what a fresh session gives, and keep it", async () => {
  const kernel = await engine.compile(casts());
  const asked = [1, 1, 3, 3, 1, 1].map((n, i) => ({ image: pictures(i, n), names: NAMES }));
  // fewer outputs while all have their places
  for (const seed of [9, 8]) asked.splice(2, 0, { image: pictures(seed), names: ["act", "turned"] });
  const given = [];
  for (const { image, names } of asked) given.push(await kernel.run({ image }, names));
  const kept = given.map(digests);
  for (const [i, { image, names }] of asked.entries()) {
    const fresh = await engine.compile(casts());
    expect(kept[i]).toEqual(digests(await fresh.run({ image }, names)));
    await fresh.release();
  }
  expect(new Set(kept.map(({ act }) => JSON.stringify(act))).size).toBe(kept.length);
  await kernel.release();
}, 60_000);

test("outputs as long as there are values above zero", async () => {
  const size = 600_000;
  const kernel = await engine.compile(
    modelBytes({
      nodes: [node("Relu", ["x"], ["y"]), node("NonZero", ["y"], ["places"])],
      inputs: [valueInfo("x", "float32", [size])],
      outputs: ["y", "places"],
    }),
  );
  for (const above of [[0, 5], [1, 3], [0, 1, 2, 4, size - 1], [size - 1], []]) {
    const x = { type: "float32" as const, dims: [size], data: new Float32Array(size) };
    for (const i of above) x.data[i] = i + 1;
    const { y, places } = await kernel.run({ x }, ["y", "places"]);
    expect([...(places!.data as BigInt64Array)].map(Number)).toEqual(above);
    expect(Buffer.from((y!.data as Float32Array).buffer).equals(Buffer.from(x.data.buffer))).toBe(true);
  }
  await kernel.release();
});

test("what a network refuses is refused in one line, and the next run goes through", async () => {
  const kernel = await engine.compile(casts());
  const good = digests(await kernel.run({ image: pictures(1) }, NAMES));
  const narrow: TensorValue = { type: "float32", dims: [1, 2, 256, 256], data: new Float32Array(2 * 256 * 256) };
  await expect(kernel.run({ image: narrow }, NAMES)).rejects.toMatchObject({
    code: "invalid",
    message: expect.stringMatching(/^the network does not run: .+$/),
  });
  expect(digests(await kernel.run({ image: pictures(1) }, NAMES))).toEqual(good);
  await kernel.release();
});
