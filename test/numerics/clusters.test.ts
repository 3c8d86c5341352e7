import { afterAll, describe, expect, it } from "vitest";
import { createEngine } from "../../src/node/engine.js";
import { significantClusters } from "../../src/numerics/clusters.js";
import { clustersOf, completeLinkage, completeLinkageTree } from "../../src/numerics/linkage.js";
import { matmul } from "../../src/numerics/matmul.js";
import { normal, seededRandom } from "../../src/numerics/random.js";
import { completeLinkageSlow } from "../slow/linkage.js";

const engine = createEngine();
afterAll(() => engine.dispose());

describe("completeLinkage", () => {
  it("gives the clusters of the slow twin, at any cut", () => {
    for (let round = 0; round < 40; round++) {
      const random = seededRandom("linkage", String(round));
      const n = 2 + Math.floor(30 * random());
      const points = Array.from({ length: n }, () => [random(), random(), random()]);
      const distance = Float64Array.from({ length: n * n }, (_, i) =>
        Math.hypot(...[0, 1, 2].map((d) => points[Math.floor(i / n)]![d]! - points[i % n]![d]!)),
      );
      for (const cut of [0, 0.2, 0.5, 0.9, 2]) {
        const got = completeLinkage(distance.slice(), n, cut);
        const want = new Int32Array(n);
        completeLinkageSlow(distance, n, cut)
          .map((members) => members.sort((a, b) => a - b))
          .sort((a, b) => a[0]! - b[0]!)
          .forEach((members, c) => {
            for (const i of members) want[i] = c;
          });
        expect(got).toEqual(want);
      }
      const tree = completeLinkageTree(distance.slice(), n);
      expect(tree).toHaveLength(n - 1);
      for (const [i, m] of tree.entries()) if (i > 0) expect(m.height).toBeGreaterThanOrEqual(tree[i - 1]!.height);
      for (const k of [1, 2, 3]) {
        if (k > n) continue;
        expect(new Set(clustersOf(tree.slice(0, n - k), n)).size).toBe(k);
      }
    }
  });

  it("takes no point, and one", () => {
    expect(completeLinkage(new Float64Array(0), 0, 1)).toEqual(new Int32Array(0));
    expect(completeLinkage(new Float64Array(1), 1, 1)).toEqual(new Int32Array(1));
  });
});

/** Unit vectors around one mean, or `gap` to either side of it; noise of length about `noise` whose channels fall off, and whose size differs from vector to vector. */
async function drawn(seed: number, n: number, gap: number, { c = 48, noise = 1, uneven = false } = {}) {
  const random = seededRandom("clusters", seed, n);
  const axis = (at: number) => (j: number) => (j === at ? 1 : 0);
  const deviations = Array.from({ length: c }, (_, j) => 1 / (1 + j / 6));
  const by = noise / Math.hypot(...deviations);
  const data = new Float32Array(n * c);
  for (let i = 0; i < n; i++) {
    const side = i % 2 === 0 ? gap : -gap;
    const own = uneven ? by * (0.4 + 1.6 * random()) : by;
    const v = deviations.map((d, j) => axis(0)(j) + side * axis(c - 1)(j) + own * d * normal(random));
    const length = Math.hypot(...v);
    v.forEach((x, j) => {
      data[i * c + j] = x / length;
    });
  }
  const m = { data, rows: n, cols: c };
  const gram = await matmul(engine, m, m, { b: true });
  return significantClusters(gram, random, { simulations: 30, alpha: 0.05, fewest: 10 }, engine);
}

describe("significantClusters", () => {
  it("leaves one population whole: at most 3 of 40 samples are split at 5 % (P of more 0.05), with even and uneven noise", async () => {
    for (const uneven of [false, true]) {
      let split = 0;
      for (let seed = 0; seed < 40; seed++) {
        const { sizes } = await drawn(seed, 12 + (seed % 3) * 14, 0, { uneven });
        if (sizes.length > 1) split++;
      }
      expect(split).toBeLessThanOrEqual(3);
    }
  });

  it("finds two populations that lie as far from their middle as the noise is long", async () => {
    for (let seed = 0; seed < 6; seed++) {
      const { of, sizes, p } = await drawn(seed, 30, 1);
      expect(sizes).toEqual([15, 15]);
      expect([...of]).toEqual(Array.from({ length: 30 }, (_, i) => i % 2));
      expect(p).toBeLessThan(0.01);
    }
  });

  it("does not split fewer points than it is told, nor points that are all the same", async () => {
    const few = await drawn(1, 8, 5);
    expect(few.sizes).toEqual([8]);
    expect(few.p).toBeNaN();
    const same = { data: new Float32Array(20 * 20).fill(1), rows: 20, cols: 20 };
    const found = await significantClusters(
      same,
      seededRandom("same"),
      { simulations: 10, alpha: 0.05, fewest: 10 },
      engine,
    );
    expect(found.sizes).toEqual([20]);
  });
});
