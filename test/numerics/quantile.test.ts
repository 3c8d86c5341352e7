import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { orderedBits, quantile, upperQuantile } from "../../src/numerics/quantile.js";
import { golden } from "../golden/maps.js";
import { upperOrderStatistic } from "../slow/maps.js";

function search(values: Float32Array, p: number, cuts: readonly number[] = []) {
  const q = upperQuantile(1, p);
  const ends = [...cuts, values.length].sort((a, b) => a - b);
  do {
    ends.forEach((end, i) => {
      q.add(0, values.subarray(ends[i - 1] ?? 0, end));
    });
  } while (q.next());
  return { value: q.values[0]!, above: q.above[0]!, total: q.total[0]! };
}

describe("quantile(values, q) uses the R-7 method", () => {
  it.each(Object.entries(golden.quantile.linear))("q = %s equals numpy", (q, expected) => {
    expect(quantile(golden.quantile.values, Number(q))).toBeCloseTo(expected, 12);
  });
  it("is NaN for no values and where one is NaN", () => {
    expect(quantile([], 0.5)).toBeNaN();
    expect(quantile([1, Number.NaN, 3], 0.5)).toBeNaN();
    expect(quantile([7], 0.3)).toBe(7);
  });
});

describe("upperQuantile", () => {
  it.each(Object.entries(golden.quantile.inverted_cdf))(
    "p = %s equals numpy.quantile(1 - p, method='inverted_cdf') with ties",
    (p, expected) => {
      expect(search(Float32Array.from(golden.quantile.values), Number(p)).value).toBe(Math.fround(expected));
    },
  );

  it("equals sorting, for any floats, any cut into shards, and never lets more than p above", () => {
    const float = fc.float({ noNaN: true });
    const list = fc.array(fc.oneof(float, fc.constantFrom(0, -0, 1, Number.POSITIVE_INFINITY)), {
      minLength: 2,
      maxLength: 60,
    });
    fc.assert(
      fc.property(
        list,
        fc.integer({ min: 1, max: 99 }),
        fc.array(fc.nat(60), { maxLength: 3 }),
        (list, percent, cuts) => {
          const values = Float32Array.from(list);
          const p = percent / 100;
          const allowed = Math.min(list.length - 1, Math.max(1, Math.floor((percent * list.length) / 100)));
          const found = search(
            values,
            p,
            cuts.map((c) => Math.min(c, list.length)),
          );
          const expected = upperOrderStatistic(values, allowed);
          expect(found.value === expected.value).toBe(true);
          expect(found.above).toBe(expected.above);
          expect(found.above).toBeLessThanOrEqual(Math.max(1, p * list.length + 1e-9));
        },
      ),
      { numRuns: 500 },
    );
  });

  it("counts of workers that start from the prefix merge to the same result", () => {
    const values = Float32Array.from(golden.quantile.values);
    const home = upperQuantile(1, 0.1);
    do {
      for (const part of [values.subarray(300), values.subarray(0, 300)]) {
        const worker = upperQuantile(1, 0.1, structuredClone(home.prefix));
        worker.add(0, part);
        home.merge(structuredClone(worker.histogram));
      }
    } while (home.next());
    expect(home.values[0]).toBe(search(values, 0.1).value);
    expect(home.total[0]).toBe(701);
  });

  it("a constant stream has nothing above; NaN and an empty stream are refused", () => {
    expect(search(new Float32Array(10).fill(2.5), 0.1)).toEqual({ value: 2.5, above: 0, total: 10 });
    expect(search(Float32Array.of(3), 0.1)).toEqual({ value: 3, above: 0, total: 1 });
    expect(() => search(Float32Array.of(1, Number.NaN), 0.1)).toThrow(/NaN/);
    expect(() => upperQuantile(1, 0.1).next()).toThrow(/no values/);
  });

  it("ordered bits sort like the numbers", () => {
    fc.assert(
      fc.property(fc.float({ noNaN: true }), fc.float({ noNaN: true }), (a, b) => {
        const [x, y] = Array.from(new Uint32Array(Float32Array.of(a, b).buffer), orderedBits);
        expect(Math.sign(x! - y!)).toBe(a === b ? 0 : a < b ? -1 : 1);
      }),
    );
  });
});
