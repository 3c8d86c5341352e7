import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { nmf } from "../../src/concepts/nmf.js";
import { createEngine } from "../../src/node/engine.js";
import { roughTopEigen, topEigen } from "../../src/numerics/eigen.js";
import { gramOfRows, squaredNorm } from "../../src/numerics/gram.js";
import { nmfInto } from "../../src/numerics/nmf.js";
import { nndsvda } from "../../src/numerics/nndsvd.js";
import { Nnls } from "../../src/numerics/nnls.js";
import { seededRandom } from "../../src/numerics/random.js";
import { Sweeper } from "../../src/numerics/sweeper.js";
import type { Matrix } from "../../src/numerics/types.js";
import { nnlsByAllSets, objective, sweepRow } from "../slow/nmf.js";

const engine = createEngine();
afterAll(() => engine.dispose());

const rowsOf = (m: { data: ArrayLike<number>; rows: number; cols: number }) =>
  Array.from({ length: m.rows }, (_, r) => Array.from({ length: m.cols }, (__, c) => m.data[r * m.cols + c]!));

function sparse(rows: number, cols: number, seed: string, from = 0.4): Matrix {
  const random = seededRandom(seed);
  return { data: Float32Array.from({ length: rows * cols }, () => Math.max(0, random() - from)), rows, cols };
}

const shape = fc.record({
  rows: fc.integer({ min: 1, max: 70 }),
  k: fc.integer({ min: 1, max: 18 }),
  sweeps: fc.integer({ min: 0, max: 4 }),
  dead: fc.boolean(),
  seed: fc.integer(),
});

describe("sweeps in WebAssembly", () => {
  it("equal the slow twin for any number of rows and concepts, dead concepts too; S^T S is that of the result", () => {
    fc.assert(
      fc.property(shape, ({ rows, k, sweeps, dead, seed }) => {
        const p = sparse(k, 40, `p${seed}`);
        if (dead) p.data.fill(0, 0, 40);
        const g = gramOfRows(p);
        const s = sparse(rows, k, `s${seed}`);
        const b = sparse(rows, k, `b${seed}`, 0.1);
        const expected = rowsOf(s).map((row, r) => sweepRow(row, rowsOf(b)[r]!, rowsOf(g), sweeps));
        const sweeper = new Sweeper(k, 80);
        sweeper.setGram(g);
        const ss = new Float64Array(k * k);
        sweeper.rowsInto(s.data, b.data, sweeps, ss);
        const largest = Math.max(1, ...expected.flat());
        rowsOf(s).forEach((row, r) => {
          row.forEach((x, c) => {
            expect(Math.abs(x - expected[r]![c]!)).toBeLessThan(1e-3 * largest);
          });
        });
        for (let i = 0; i < k; i++)
          for (let j = 0; j < k; j++) {
            let sum = 0;
            for (let r = 0; r < rows; r++) sum += s.data[r * k + i]! * s.data[r * k + j]!;
            expect(Math.abs(ss[i * k + j]! - sum)).toBeLessThan(1e-4 * Math.max(1, rows * largest * largest));
          }
      }),
      { numRuns: 60 },
    );
  });
});

describe("nmfInto", () => {
  it("the objective is 0.5 ||V - S P||^2 of what it returns, by the slow twin, also over several blocks", async () => {
    const v = sparse(3000, 300, "v"); // blocks of 1747 rows
    const start = await nndsvda(engine, v, 4, seededRandom(1));
    const { s, p, objective: found } = await nmfInto(engine, v, start, { tolerance: 1e-3, maxIterations: 5 });
    const expected = objective(rowsOf(v), rowsOf(s), rowsOf(p));
    expect(Math.abs(found / expected - 1)).toBeLessThan(1e-5);
  });

  it("a planted factorisation without noise is found: the rest is 0", async () => {
    const [s, p] = [sparse(500, 3, "s", 0.6), sparse(3, 30, "p", 0.6)];
    const data = new Float32Array(500 * 30);
    for (let r = 0; r < 500; r++)
      for (let c = 0; c < 30; c++)
        for (let j = 0; j < 3; j++) data[r * 30 + c]! += s.data[r * 3 + j]! * p.data[j * 30 + c]!;
    const v = { data, rows: 500, cols: 30 };
    const found = await nmfInto(engine, v, await nndsvda(engine, v, 3, seededRandom(1)), {
      tolerance: 0,
      maxIterations: 2000,
    });
    expect(found.objective / squaredNorm(data)).toBeLessThan(1e-5);
  });
});

describe("many rows", () => {
  it("are fitted in place: the same concepts for rows times 1000, the rows untouched, the same bits on repeat", async () => {
    const v = sparse(12_500, 12, "many");
    const copy = v.data.slice();
    const fitted = (rows: Matrix) =>
      nmf.fit(rows, { k: 3, random: seededRandom("fit"), engine, tolerance: 1e-5, maxIterations: 100 });
    const once = await fitted(v);
    expect(v.data).toEqual(copy);
    expect((await fitted(v)).vectors.data).toEqual(once.vectors.data);
    const louder = await fitted({ ...v, data: v.data.map((x) => x * 1000) });
    expect(louder.objective / once.objective).toBeCloseTo(1, 3);
    expect(louder.explainedVariance).toBeCloseTo(once.explainedVariance, 4);
    louder.vectors.data.forEach((x, i) => {
      expect(Math.abs(x - once.vectors.data[i]!)).toBeLessThan(0.01);
    });
  });
});

it("NNLS of planes equals trying every set of concepts, and does not depend on the cells beside", () => {
  const p = sparse(6, 9, "concepts", 0.2);
  const g = gramOfRows(p);
  const b = sparse(6, 50, "b", 0.5);
  for (let i = 0; i < b.data.length; i++) b.data[i]! -= 0.05;
  const cells = Array.from({ length: 50 }, (_, x) => Array.from({ length: 6 }, (__, c) => b.data[c * 50 + x]!));
  const solver = new Nnls(g);
  const planes = b.data.slice();
  solver.solvePlanesInto(planes, 0, 50);
  cells.forEach((cell, x) => {
    const expected = nnlsByAllSets(rowsOf(g), cell);
    const alone = Float32Array.from(cell);
    solver.solvePlanesInto(alone, 0, 1);
    expected.forEach((value, c) => {
      expect(planes[c * 50 + x]).toBeCloseTo(value, 5);
      expect(alone[c]).toBe(planes[c * 50 + x]);
    });
  });
});

it("rough eigenpairs are those of the exact routine where they lie apart", async () => {
  const m = sparse(200, 60, "m", 0);
  for (let i = 0; i < m.data.length; i++) m.data[i]! *= 1 / (1 + (i % 60));
  const gram = new Float64Array(3600);
  for (let r = 0; r < 200; r++)
    for (let i = 0; i < 60; i++)
      for (let j = 0; j < 60; j++) gram[i * 60 + j]! += m.data[r * 60 + i]! * m.data[r * 60 + j]!;
  const exact = topEigen({ data: gram, rows: 60, cols: 60 }, 3, seededRandom(1));
  const rough = await roughTopEigen(engine, { data: Float32Array.from(gram), rows: 60, cols: 60 }, 3, seededRandom(1));
  for (let i = 0; i < 3; i++) expect(rough.values[i]! / exact.values[i]!).toBeCloseTo(1, 4);
});
