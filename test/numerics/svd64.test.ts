import { Matrix as Dense, SingularValueDecomposition } from "ml-matrix";
import { afterAll, describe, expect, it } from "vitest";
import { createEngine } from "../../src/node/engine.js";
import { matmul64, transposed } from "../../src/numerics/dense64.js";
import { leadingLeftVectors, lq } from "../../src/numerics/orthonormal.js";
import { seededRandom } from "../../src/numerics/random.js";
import { nuclearNorm, singularValues } from "../../src/numerics/svd64.js";
import type { Matrix64 } from "../../src/numerics/types.js";
import { product, randomMatrix64, rotation } from "./matrices.js";

const engine = createEngine();
afterAll(() => engine.dispose());
const planted = (values: readonly number[], rows: number, cols: number): Matrix64 => {
  const middle = { data: new Float64Array(rows * cols), rows, cols };
  values.forEach((v, i) => {
    middle.data[i * cols + i] = v;
  });
  return product(product(rotation(rows, seededRandom("u")), middle), rotation(cols, seededRandom("v")));
};

describe("singularValues", () => {
  it.each([
    ["square", [5, 3, 2, 1], 4, 4],
    ["tall, rank lost", [5, 1e-3, 0, 0], 9, 4],
    ["wide", [100, 7, 7, 7, 1e-9], 5, 11],
    ["one row", [3], 1, 6],
    ["one column", [3], 6, 1],
  ])("recovers planted values to 1e-14 of the largest: %s", (_, values, rows, cols) => {
    const found = singularValues(planted(values, rows, cols));
    expect(found.length).toBe(Math.min(rows, cols));
    found.forEach((v, i) => {
      expect(Math.abs(v - (values[i] ?? 0))).toBeLessThan(3e-14 * values[0]!);
    });
  });
  it.each([1, 2, 3])("equals ml-matrix, 40 x 25, seed %i", (seed) => {
    const m = randomMatrix64(40, 25, seededRandom(seed));
    const reference = new SingularValueDecomposition(Dense.from1DArray(40, 25, m.data)).diagonal;
    singularValues(m).forEach((v, i) => {
      expect(v).toBeCloseTo(reference[i]!, 11);
    });
    expect(nuclearNorm(m)).toBeCloseTo(
      reference.reduce((s, v) => s + v, 0),
      10,
    );
  });
  it("squares sum to the squared Frobenius norm, 120 x 120", () => {
    const m = randomMatrix64(120, 120, seededRandom("energy"));
    const energy = m.data.reduce((s, v) => s + v * v, 0);
    expect(singularValues(m).reduce((s, v) => s + v * v, 0) / energy).toBeCloseTo(1, 12);
  });
  it("zeros in, zeros out", () => {
    expect([...singularValues({ data: new Float64Array(6), rows: 2, cols: 3 })]).toEqual([0, 0]);
  });
});

describe("orthonormal", () => {
  it("lq(m): L Q = M, Q orthonormal, dependent rows are zero in Q and counted out of the rank", async () => {
    const m = randomMatrix64(6, 10, seededRandom("lq"));
    for (let c = 0; c < 10; c++) m.data[40 + c] = m.data[c]! - 2 * m.data[20 + c]!;
    const { l, q, rank } = lq(m);
    expect(rank).toBe(5);
    const back = await matmul64(engine, l, q);
    back.data.forEach((v, i) => {
      expect(v).toBeCloseTo(m.data[i]!, 12);
    });
    const unit = await matmul64(engine, q, q, { b: true });
    unit.data.forEach((v, i) => {
      expect(v).toBeCloseTo(i % 7 === 0 && i !== 28 ? 1 : 0, 12);
    });
  });
  it.each([
    [12, 5],
    [5, 12],
  ])("leadingLeftVectors keeps the fewest directions that hold the share, %i x %i", async (rows, cols) => {
    const m = planted([10, 5, 4, 0.1, 0.05], rows, cols);
    expect((await leadingLeftVectors(engine, m, 0.5)).rows).toBe(1);
    expect((await leadingLeftVectors(engine, m, 0.9)).rows).toBe(3);
    const three = await leadingLeftVectors(engine, m, 0.9);
    // what is left of M outside the three directions is their missing values
    const inside = await matmul64(engine, three, m);
    const energy = (a: Matrix64) => a.data.reduce((s, v) => s + v * v, 0);
    expect(energy(m) - energy(inside)).toBeCloseTo(0.1 ** 2 + 0.05 ** 2, 9);
    expect(transposed(transposed(m)).data).toEqual(m.data);
  });
});
