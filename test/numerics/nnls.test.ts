import { expect, it } from "vitest";
import { Nnls } from "../../src/numerics/nnls.js";
import { normal, seededRandom } from "../../src/numerics/random.js";
import { SlowNnls } from "../slow/nnls.js";

/** G = P P^T of k non-negative vectors of 40; `alike`: the last two almost coincide. */
function gram(k: number, alike = false) {
  const random = seededRandom("gram", k);
  const rows = Array.from({ length: k }, () => Float64Array.from({ length: 40 }, () => Math.max(0, normal(random))));
  if (alike) rows[k - 1] = rows[k - 2]!.map((v) => v * (1 + 1e-6));
  const data = Float64Array.from({ length: k * k }, (_, at) =>
    rows[Math.floor(at / k)]!.reduce((sum, v, x) => sum + v * rows[at % k]![x]!, 0),
  );
  return { data, rows: k, cols: k };
}

it.each([1, 2, 3, 10, 20, 32, 33])(
  "k = %i: the kernel equals the slow twin (each passive set's inverse, no WebAssembly) to 1e-6, at an offset, whatever was solved before",
  (k) => {
    const random = seededRandom("right-hand sides", k);
    const cells = 500;
    const b = Float32Array.from({ length: k * cells + 7 }, (_, i) => (i % 50 < 5 ? -1 : 3 * normal(random)));
    const [fast, slow] = [b.slice(), b.slice()];
    new Nnls(gram(3)).solvePlanesInto(new Float32Array(3 * 2000).fill(1), 0, 2000);
    new Nnls(gram(k)).solvePlanesInto(fast, 7, cells);
    new SlowNnls(gram(k)).solvePlanesInto(slow, 7, cells);
    let worst = 0;
    for (let i = 0; i < b.length; i++) worst = Math.max(worst, Math.abs(fast[i]! - slow[i]!));
    expect(worst).toBeLessThan(1e-6);
  },
);

it("concepts that almost coincide: finite, not negative, and as good a fit as the twin's to 1e-6", () => {
  const g = gram(6, true);
  const random = seededRandom("alike");
  const b = Float32Array.from({ length: 6 * 300 }, () => 3 * normal(random));
  const [fast, slow] = [b.slice(), b.slice()];
  new Nnls(g).solvePlanesInto(fast, 0, 300);
  new SlowNnls(g).solvePlanesInto(slow, 0, 300);
  const objective = (s: Float32Array, p: number) => {
    const at = (i: number) => s[i * 300 + p]!;
    let sum = 0;
    for (let i = 0; i < 6; i++) {
      sum -= b[i * 300 + p]! * at(i);
      for (let j = 0; j < 6; j++) sum += 0.5 * at(i) * g.data[i * 6 + j]! * at(j);
    }
    return sum;
  };
  for (let p = 0; p < 300; p++)
    expect(Math.abs(objective(fast, p) - objective(slow, p))).toBeLessThan(1e-6 * (1 + Math.abs(objective(slow, p))));
  expect(fast.every((v) => v >= 0 && Number.isFinite(v))).toBe(true);
});
