/** Order of channels means nothing: permuted inside a network, with the convolutions that read them, every similarity stays what it was. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { readModel, writeModel } from "../../src/model/read.js";
import { floatsOf, withFloats } from "../../src/model/weights.js";
import { permutation, seededRandom } from "../../src/numerics/random.js";
import type { ModelProto } from "../../src/onnx/onnx_pb.js";
import { inverted } from "../model/nets.js";
import { networks, ownStore, photographs, samesight } from "./support.js";

/** Weights with their axis `axis` in another order. */
function reorder(model: ModelProto, name: string, axis: 0 | 1, order: ArrayLike<number>): void {
  const list = model.graph!.initializer;
  const at = list.findIndex((t) => t.name === name);
  const [out, inner, ...kernel] = list[at]!.dims.map(Number) as [number, number, number, number];
  const cell = kernel.reduce((a, b) => a * b, 1);
  const from = floatsOf(list[at]!)!;
  const to = new Float32Array(from.length);
  for (let o = 0; o < out; o++)
    for (let i = 0; i < inner; i++) {
      const [so, si] = axis === 0 ? [order[o]!, i] : [o, order[i]!];
      to.set(from.subarray((so * inner + si) * cell, (so * inner + si + 1) * cell), (o * inner + i) * cell);
    }
  list[at] = withFloats(list[at]!, name, to);
}

/** Both inverted residuals with the 16 channels between their expansion and their projection in another order. */
function permuted(): Uint8Array {
  const model = readModel(inverted().bytes(["out"]));
  for (const block of ["one", "two"]) {
    const order = permutation(16, seededRandom(block));
    reorder(model, `${block}.expand.w`, 0, order);
    reorder(model, `${block}.dw.w`, 0, order);
    reorder(model, `${block}.project.w`, 1, order);
  }
  return writeModel(model);
}

type Row = Readonly<Record<string, string>>;
/** The similarity of concepts; rows of controls have tests of their own. */
function rowsOf(dir: string): Row[] {
  const [head, ...lines] = readFileSync(join(dir, "layers.csv"), "utf8").trimEnd().split("\n");
  const columns = head!.split(",");
  return lines
    .map((line) => Object.fromEntries(line.split(",").map((v, i) => [columns[i]!, v])))
    .filter((row) => row.method === "nmf");
}

describe("channels in another order", () => {
  const store = ownStore();
  const layers = ["one.expand.act", "one.dw.act", "one.sum", "two.dw.act", "two.project"];
  let before: Row[];
  let after: Row[];
  let both: Row[];
  beforeAll(async () => {
    const net = networks();
    const other = join(net.dir, "permuted.onnx");
    writeFileSync(other, permuted());
    // sums in another order differ in their last bits, and a cell that lies at a threshold may then fall on either side: with few photographs one such cell is worth more than 1e-3
    const images = await photographs(72);
    const compare = async (name: string, nets: readonly string[]) => {
      const argv = ["compare", ...nets, "--images", images, "--concepts", "4", "--permutations", "20"];
      const flags = [...["--bootstrap", "0"], ...layers.flatMap((l) => ["--layers", `inverted=${l}`])];
      const own = nets.includes(other) ? layers.flatMap((l) => ["--layers", `permuted=${l}`]) : [];
      const used = nets.includes(net.inverted) ? flags : flags.slice(0, 2);
      const rest = nets.includes(net.residual) ? ["--layers", "residual=auto:3"] : [];
      const outcome = await samesight([...argv, ...used, ...own, ...rest, "--out", join(store, name)]);
      expect(outcome.code, outcome.err).toBe(0);
      return rowsOf(join(store, name));
    };
    before = await compare("before", [net.inverted, net.residual]);
    after = await compare("after", [other, net.residual]);
    both = await compare("both", [net.inverted, other]);
  });

  test("the whole matrix, within and between networks, is the same to 1e-3", () => {
    expect(before.length).toBe(after.length);
    expect(before.length).toBeGreaterThan(40);
    for (const [i, row] of before.entries()) {
      expect(after[i]!.layer_a + after[i]!.layer_b).toBe(row.layer_a! + row.layer_b!);
      for (const column of ["similarity", "pair_iou", "raw_iou", "one_to_one"])
        expect(Math.abs(Number(after[i]![column]) - Number(row[column])), `${row.layer_a} ${row.layer_b}`).toBeLessThan(
          1e-3,
        );
    }
  });

  test("each layer and its permuted self are one to the other", () => {
    const same = both.filter((r) => r.model_a !== r.model_b && r.layer_a === r.layer_b);
    expect(same).toHaveLength(layers.length);
    for (const row of same) expect(Number(row.similarity), row.layer_a).toBeGreaterThan(0.999);
  });
});
