import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, it } from "vitest";
import { IMPORTED_OPS, importGraphModel } from "../../../src/model/tfjs/import.js";
import { createEngine } from "../../../src/node/engine.js";
import { seededRandom } from "../../../src/numerics/random.js";
import { CASES } from "./cases.js";
import { difference, GraphWriter, inOriginalOrder } from "./graphs.js";

beforeAll(async () => {
  await tf.setBackend("cpu");
});

const covered = new Set<string>();

describe("every operator equals TensorFlow.js's own on random input, for two images at once where the batch is free", () => {
  it.each(CASES)("%s", async (_title, shape, build) => {
    const random = seededRandom(7);
    const g = new GraphWriter(shape, random);
    const outputs = build(g);
    for (const n of g.nodes) covered.add(n.op);
    const ours = importGraphModel(g.json(), g.bytes(), { input: { name: "x", shape }, outputs });
    const n = ours.batchFree ? 2 : 1;
    const count = n * shape.slice(1).reduce((a, d) => a * d, 1);
    const x = Float32Array.from({ length: count }, () => random() * 4 - 2);

    const model = await g.reference();
    const each = Array.from({ length: n }, (_, i) => {
      const image = tf.tensor(x.subarray((i * count) / n, ((i + 1) * count) / n), [...shape]);
      return ([model.execute({ x: image }, outputs)].flat() as tf.Tensor[])[0]!;
    });
    const theirs = n === 1 ? each[0]! : tf.concat(each, 0);

    const kernel = await createEngine().compile(ours.bytes);
    const { data, dims } = fed(x, [n, ...shape.slice(1)]);
    const result = (await kernel.run({ x: { type: "float32", dims, data } }))[outputs[0]!]!;
    const laid = inOriginalOrder(result.data as Float32Array, result.dims, ours.outputOrders[outputs[0]!]!);
    expect(laid.shape).toEqual(theirs.shape);
    expect(difference(laid.data, theirs.dataSync())).toBeLessThan(2e-6);
    await kernel.release();
  });

  it("no operator that is read goes without a case", () => {
    expect(IMPORTED_OPS.filter((op) => !covered.has(op))).toEqual([]);
  });
});

/** NHWC -> NCHW: what the imported network wants of a picture. */
function fed(x: Float32Array, shape: readonly number[]): { data: Float32Array; dims: number[] } {
  if (shape.length !== 4) return { data: x, dims: [...shape] };
  const [n, h, w, c] = shape as [number, number, number, number];
  const data = new Float32Array(x.length);
  for (let i = 0; i < n; i++)
    for (let p = 0; p < h * w; p++)
      for (let k = 0; k < c; k++) data[(i * c + k) * h * w + p] = x[(i * h * w + p) * c + k]!;
  return { data, dims: [n, c, h, w] };
}
