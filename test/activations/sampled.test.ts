/** Rows that the network itself picks out are, to the bit, those taken from its whole taps; in every layout and type a tap may have. */
import { afterAll, expect, test } from "vitest";
import { forwardOf, sampledForwardOf } from "../../src/activations/forward.js";
import { gatherRowsInto } from "../../src/activations/sample.js";
import { probeTaps } from "../../src/model/probe.js";
import { readModel } from "../../src/model/read.js";
import { withSampledRows } from "../../src/model/rows.js";
import { summarize } from "../../src/model/summarize.js";
import { withTaps } from "../../src/model/taps.js";
import { createEngine } from "../../src/node/engine.js";
import { sampleWithoutReplacement, seededRandom } from "../../src/numerics/random.js";
import type { Matrix } from "../../src/numerics/types.js";
import { Net, picture, residual } from "../model/nets.js";

const engine = createEngine();
afterAll(() => engine.dispose());

/** Planes, planes turned, tokens with and without a class token, half and double precision. */
function layouts(): Uint8Array {
  const net = new Net();
  net.op("Relu", [net.conv("image", "planes", 12, { stride: 4, kernel: 5 })], "act");
  net.op("Transpose", ["act"], "turned", { perm: [0, 2, 3, 1] });
  net.op("Relu", ["turned"], "turned.act");
  net.op("Reshape", ["act", net.ints("flat", [1, 12, 64])], "rows");
  net.op("Transpose", ["rows"], "columns", { perm: [0, 2, 1] });
  net.op("MatMul", ["columns", net.weight("m", [12, 6])], "tokens");
  net.op("Concat", [net.weight("cls", [1, 1, 6]), "tokens"], "with.cls", { axis: 1 });
  net.op("Relu", ["with.cls"], "cls.act");
  net.op("Cast", ["act"], "half", { to: 10 });
  net.op("Cast", ["act"], "double", { to: 11 });
  return net.bytes(["turned.act", "cls.act", "half", "double"]);
}

test.for([
  ["a residual network", residual().bytes(["scores", "boxes"]), ["stem.act", "b.act"]],
  ["every layout and type", layouts(), ["act", "turned.act", "tokens", "cls.act", "half", "double"]],
] as const)("sampled rows of %s", async ([, bytes, names]) => {
  const image = picture([1, 3, 32, 32]);
  const { input, tensors } = summarize(readModel(bytes));
  const all = await probeTaps(engine, bytes, tensors, input.name, image, input.layout);
  // what is a cast alone is no candidate, but may be a network's last tensor
  const taps = names.map((name) => ({
    ...(all.find((t) => t.name === name) ?? all.find((t) => t.name === "act")!),
    name,
  }));
  const tapped = withTaps(bytes, names);
  const { bytes: picked, ...ends } = withSampledRows(tapped, taps);
  const [whole, sampled] = [await engine.compile(tapped), await engine.compile(picked)];
  const planes = await forwardOf(whole, input.name, taps)(image);
  const forward = sampledForwardOf(sampled, input.name, taps, ends);
  const random = seededRandom("sampled");
  for (const share of [0.3, 1, 0]) {
    const cells = taps.map(({ height: h, width: w }) =>
      sampleWithoutReplacement(h * w, Math.floor(share * h * w), random),
    );
    const found = await forward(image, cells);
    for (const [t, tap] of taps.entries()) {
      const n = cells[t]!.length;
      const rows: Matrix = { data: new Float32Array(n * tap.channels), rows: n, cols: tap.channels };
      gatherRowsInto(rows, 0, planes[t]!, 0, cells[t]!);
      expect(found[t], tap.name).toEqual(rows);
    }
  }
  expect(planes[0]!.data.some((v) => v !== 0)).toBe(true);
  await whole.release();
  await sampled.release();
});
