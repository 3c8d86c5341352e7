import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { partialCorrelation, pearson } from "../../src/numerics/correlation.js";
import { normal, seededRandom } from "../../src/numerics/random.js";
import type { Matrix64 } from "../../src/numerics/types.js";
import { depthAgreement } from "../../src/similarity/depth.js";
import { mantel } from "../../src/similarity/mantel.js";
import { orderedMatching } from "../../src/similarity/warp.js";
import { allOrders } from "../slow/maps.js";

function table(rows: number, cols: number, f: (i: number, j: number) => number): Matrix64 {
  return {
    rows,
    cols,
    data: Float64Array.from({ length: rows * cols }, (_, at) => f(Math.floor(at / cols), at % cols)),
  };
}

const even = (n: number) => Array.from({ length: n }, (_, i) => (i + 1) / n);
const options = (seed: string, permutations = 199) => ({ random: seededRandom(seed), permutations });

describe("depthAgreement", () => {
  it("planted: networks of 6 and 9 layers alike at equal relative depth", () => {
    const [a, b] = [even(6), even(9)];
    const s = table(6, 9, (i, j) => Math.exp(-20 * (a[i]! - b[j]!) ** 2));
    const cells = { a: a.map(() => 100), b: b.map(() => 100) };
    const d = depthAgreement(s, { depth: a, cells: cells.a }, { depth: b, cells: cells.b }, options("planted"));
    expect(d.meanDistance).toBeLessThan(0.06);
    expect(d.chanceDistance).toBeGreaterThan(0.25);
    expect(d.distanceP).toBe(1 / 200);
    expect(d.spearman).toBeGreaterThan(0.97);
    expect(d.mantel.r).toBeGreaterThan(0.85);
    expect(d.mantel.p).toBeLessThan(0.02);
    // equal grids explain nothing
    expect(d.partialMantel.r).toBe(d.mantel.r);
    expect(Math.abs(d.warpShift)).toBeLessThan(0.06);
    expect(d.warpDistance).toBeLessThan(0.06);
    expect(d.warp).toHaveLength(6);
    expect(d.warp.at(-1)).toEqual([5, 8]);
  });

  it("similarity that only follows the grids: the Mantel correlation is high, the partial one is not", () => {
    const random = seededRandom("grids");
    const depth = even(8);
    const cells = depth.map((_, i) => 4 ** (6 - Math.floor(i / 2)));
    const s = table(8, 8, (i, j) => -Math.abs(Math.log(cells[i]! / cells[j]!)) / 5 + 0.02 * normal(random));
    const d = depthAgreement(s, { depth, cells }, { depth, cells }, options("grids"));
    expect(d.mantel.r).toBeGreaterThan(0.9);
    expect(Math.abs(d.partialMantel.r)).toBeLessThan(0.35);
  });

  it("within a network no layer is its own partner, and the diagonal is not a cell", () => {
    const depth = [1, 2, 3, 4, 5].map((v) => v / 8); // exact in binary, so that ties are ties
    const s = table(5, 5, (i, j) => (i === j ? 1 : 0.5 - Math.abs(depth[i]! - depth[j]!)));
    const axis = { depth, cells: depth.map(() => 1) };
    const d = depthAgreement(s, axis, axis, { ...options("within"), within: true });
    expect([...d.partnerOfA]).toEqual([1, 0, 1, 2, 3]);
    expect(d.meanDistance).toBe(0.125);
    expect(d.mantel.cells).toBe(10);
    expect(d.mantel.r).toBeCloseTo(1, 12);
  });

  it("does not depend on the order in which layers are listed", () => {
    const random = seededRandom("order");
    const a = even(4);
    const b = even(5);
    const s = table(4, 5, () => random());
    const turn = [2, 0, 3, 1];
    const cells = (d: number[]) => d.map((v) => 1000 * (1.2 - v));
    const d = depthAgreement(s, { depth: a, cells: cells(a) }, { depth: b, cells: cells(b) }, options("x", 9));
    const turnedA = turn.map((i) => a[i]!);
    const e = depthAgreement(
      table(4, 5, (i, j) => s.data[turn[i]! * 5 + j]!),
      { depth: turnedA, cells: cells(turnedA) },
      { depth: b, cells: cells(b) },
      options("x", 9),
    );
    for (const key of ["meanDistance", "spearman", "warpDistance", "warpShift"] as const)
      expect(e[key]).toBeCloseTo(d[key], 12);
    expect(e.partialMantel.r).toBeCloseTo(d.partialMantel.r, 12);
    expect(e.warp.map(([i, j]) => [turn[i], j])).toEqual(d.warp);
  });

  it("one layer a side: no correlation, NaN and no throw", () => {
    const axis = { depth: [0.5], cells: [1] };
    const d = depthAgreement(
      table(1, 1, () => 0.3),
      axis,
      axis,
      options("single", 5),
    );
    expect(d.mantel.r).toBeNaN();
    expect(d.mantel.p).toBeNaN();
    expect(d.meanDistance).toBe(0);
  });
});

describe("mantel", () => {
  const random = seededRandom("mantel");
  const [x, y, z] = [0, 1, 2].map(() => table(3, 4, () => normal(random)));

  it("r is the (partial) correlation over cells, and p comes near that of all permutations of rows and columns", () => {
    expect(mantel(x!, y!, options("r", 1)).r).toBeCloseTo(pearson(x!.data, y!.data), 12);
    const options4 = { ...options("p", 4000), control: z! };
    const found = mantel(x!, y!, options4);
    expect(found.r).toBeCloseTo(partialCorrelation(x!.data, y!.data, z!.data), 12);
    const all = allOrders(3).flatMap((rows) =>
      allOrders(4).map((cols) =>
        partialCorrelation(table(3, 4, (i, j) => x!.data[rows[i]! * 4 + cols[j]!]!).data, y!.data, z!.data),
      ),
    );
    const exact = all.filter((r) => r >= found.r - 1e-12).length / all.length;
    expect(Math.abs(found.p - exact)).toBeLessThan(0.03);
  });

  it("cells that are NaN are left out", () => {
    const holes = table(3, 4, (i, j) => (i === j ? Number.NaN : x!.data[i * 4 + j]!));
    expect(mantel(holes, y!, options("holes", 9)).cells).toBe(9);
  });
});

describe("orderedMatching", () => {
  /** The largest sum by trying all matchings that keep the order. */
  function largest(s: Matrix64, i = 0, j = 0): number {
    if (i >= s.rows || j >= s.cols) return 0;
    const here = s.data[i * s.cols + j]!;
    return Math.max(largest(s, i + 1, j), largest(s, i, j + 1), here > 0 ? here + largest(s, i + 1, j + 1) : 0);
  }

  it("has the largest sum of all matchings that keep the order, compared with trying all", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 }), fc.nat(), (rows, cols, seed) => {
        const random = seededRandom("warp", seed);
        const s = table(rows, cols, () => random() - 0.3);
        const path = orderedMatching(s);
        expect(path.reduce((sum, [i, j]) => sum + s.data[i * cols + j]!, 0)).toBeCloseTo(largest(s), 12);
        path.slice(1).forEach(([i, j], at) => {
          expect(i).toBeGreaterThan(path[at]![0]);
          expect(j).toBeGreaterThan(path[at]![1]);
        });
      }),
    );
  });

  it("equal numbers of layers do not force the diagonal: layers alike two steps on are matched two steps on", () => {
    const alike = table(6, 6, (i, j) => (j === i + 2 ? 0.1 : 0.01));
    expect(orderedMatching(alike).filter(([i, j]) => j === i + 2)).toHaveLength(4);
    const axis = { depth: even(6), cells: even(6).map(() => 100) };
    const { warpDistance, warpShift } = depthAgreement(alike, axis, axis, options("two on", 9));
    expect(warpDistance).toBeCloseTo(2 / 6, 12);
    expect(warpShift).toBeCloseTo(2 / 6, 12);
  });
});
