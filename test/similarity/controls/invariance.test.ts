/** What moves a control and what does not, against what its description says. */
import { afterAll, describe, expect, it } from "vitest";
import { createEngine } from "../../../src/node/engine.js";
import { permutation, seededRandom } from "../../../src/numerics/random.js";
import type { Matrix, Matrix64 } from "../../../src/numerics/types.js";
import { CONTROLS } from "../../../src/similarity/controls/controls.js";
import type { Invariance } from "../../../src/similarity/controls/measure.js";
import { measure } from "../../../src/similarity/controls/measure.js";
import { double, product, randomMatrix64, rotation, single } from "../../numerics/matrices.js";

const engine = createEngine();
const context = { engine, random: seededRandom("invariance") };
afterAll(() => engine.dispose());

const N = 60;
const latent = randomMatrix64(N, 5, seededRandom("latent"));
const mixed = (d: number, seed: string): Matrix => {
  const m = product(latent, randomMatrix64(5, d, seededRandom(seed)));
  const noise = randomMatrix64(N, d, seededRandom(seed, "noise"));
  return single({ ...m, data: m.data.map((v, i) => v + 0.7 * noise.data[i]! + 0.5) });
};
const x = mixed(9, "x");
const y = mixed(13, "y");

const columns = (f: (v: number, c: number) => number) => (m: Matrix64) => ({
  ...m,
  data: m.data.map((v, i) => f(v, i % m.cols)),
});
const CHANGES: Record<Invariance, (m: Matrix64) => Matrix64> = {
  permutation: (m) => pick(m, undefined, permutation(m.cols, seededRandom("columns"))),
  "isotropic scaling": columns((v) => 7.5 * v),
  "channel scaling": columns((v, c) => (0.2 + c) * v),
  translation: columns((v, c) => v + 2 * c - 5),
  rotation: (m) => product(m, rotation(m.cols, seededRandom("rotation"))),
  "invertible linear map": (m) => product(m, randomMatrix64(m.cols, m.cols, seededRandom("map"))),
};

function pick(m: Matrix64, rows?: ArrayLike<number>, cols?: ArrayLike<number>): Matrix64 {
  const data = m.data.map((_, i) => {
    const r = Math.floor(i / m.cols);
    const c = i % m.cols;
    return m.data[(rows ? rows[r]! : r) * m.cols + (cols ? cols[c]! : c)]!;
  });
  return { ...m, data };
}

describe.each([...CONTROLS.values()])("$id", (m) => {
  const score = (a: Matrix, b: Matrix) => measure(m, a, b, context);

  it("is a finite number in its range", async () => {
    const { value } = await score(x, y);
    expect(value).toBeGreaterThanOrEqual(m.range[0]);
    expect(value).toBeLessThanOrEqual(m.range[1]);
  });
  it.each(m.invariantTo)("does not see %s of either side", async (change) => {
    const { value } = await score(x, y);
    expect((await score(single(CHANGES[change](double(x))), y)).value).toBeCloseTo(value!, 4);
    expect((await score(x, single(CHANGES[change](double(y))))).value).toBeCloseTo(value!, 4);
  });
  it("does see every change that it does not name", async () => {
    const { value } = await score(x, y);
    for (const [name, change] of Object.entries(CHANGES)) {
      if (m.invariantTo.includes(name as Invariance)) continue;
      const moved = (await score(single(change(double(x))), y)).value!;
      expect(Math.abs(moved - value!), name).toBeGreaterThan(1e-4);
    }
  });
  it(m.symmetric ? "is symmetric" : "gives the other direction as reverse", async () => {
    const there = await score(x, y);
    const back = await score(y, x);
    if (m.symmetric) expect(back.value).toBeCloseTo(there.value!, 8);
    else {
      expect(back.value).toBeCloseTo(there.reverse!, 8);
      expect(back.reverse).toBeCloseTo(there.value!, 8);
    }
  });
  it("does not depend on the order of images, both sides alike, but does on their pairing", async () => {
    const { value } = await score(x, y);
    const order = permutation(N, seededRandom("order"));
    const again = (await score(single(pick(double(x), order)), single(pick(double(y), order)))).value!;
    // cross-validated measures deal other images into their folds
    expect(Math.abs(again - value!)).toBeLessThan(m.id.startsWith("l") ? 0.05 : 1e-6);
    const broken = (await score(single(pick(double(x), order)), y)).value!;
    expect(m.id === "rdx" ? broken : -broken).toBeGreaterThan((m.id === "rdx" ? value! : -value!) + 0.03);
  });
  it("of an item with itself is the best there is", async () => {
    const { value } = await score(x, x);
    if (m.id === "rdx") expect(value).toBe(0);
    else if (m.id.startsWith("l")) expect(value).toBeGreaterThan(0.9);
    else expect(value).toBeCloseTo(1, 5);
  });
});
