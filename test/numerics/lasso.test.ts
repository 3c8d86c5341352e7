import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { lasso } from "../../src/numerics/lasso.js";
import { seededRandom } from "../../src/numerics/random.js";
import { slowLasso } from "../slow/lasso.js";
import { randomMatrix64, standardised } from "./matrices.js";

const golden = JSON.parse(readFileSync(new URL("../golden/controls.json", import.meta.url), "utf8"));
const options = { alpha: 0.1, tolerance: 1e-12, maxSweeps: 100_000 };

it("lasso(g, c) equals scikit-learn's Lasso(alpha=0.1) on standardised data", () => {
  const x = standardised(golden.y);
  const y = standardised(golden.x.map((row: number[]) => [row[0]]));
  const { g, c } = moments(x, y);
  const fit = lasso(g, c, options);
  expect(fit.converged).toBe(true);
  golden.lasso.coefficients.forEach((v: number, j: number) => {
    expect(Math.abs(fit.weights[j]! - v)).toBeLessThan(1e-7);
  });
});

it.each([1, 2, 3])(
  "lasso satisfies its optimality conditions and equals proximal gradient steps, more columns than rows, seed %i",
  (seed) => {
    const x = randomMatrix64(20, 30, seededRandom(seed));
    const y = randomMatrix64(20, 1, seededRandom(seed, "y"));
    const { g, c } = moments(x, y);
    const { weights } = lasso(g, c, options);
    for (let j = 0; j < 30; j++) {
      let gradient = c[j]!;
      for (let i = 0; i < 30; i++) gradient -= g.data[j * 30 + i]! * weights[i]!;
      if (weights[j] === 0) expect(Math.abs(gradient)).toBeLessThanOrEqual(options.alpha + 1e-9);
      else expect(Math.abs(gradient - Math.sign(weights[j]!) * options.alpha)).toBeLessThan(1e-9);
    }
    const slow = slowLasso(g, c, options.alpha);
    weights.forEach((v, j) => {
      expect(Math.abs(v - slow[j]!)).toBeLessThan(1e-6);
    });
  },
);

it("a penalty above every correlation leaves all coefficients at zero", () => {
  const x = randomMatrix64(20, 5, seededRandom("zero"));
  const { g, c } = moments(x, randomMatrix64(20, 1, seededRandom("zero", "y")));
  expect([...lasso(g, c, { ...options, alpha: 100 }).weights]).toEqual([0, 0, 0, 0, 0]);
});

function moments(x: ReturnType<typeof randomMatrix64>, y: ReturnType<typeof randomMatrix64>) {
  const g = new Float64Array(x.cols * x.cols);
  const c = new Float64Array(x.cols);
  for (let r = 0; r < x.rows; r++) {
    for (let i = 0; i < x.cols; i++) {
      c[i]! += (x.data[r * x.cols + i]! * y.data[r]!) / x.rows;
      for (let j = 0; j < x.cols; j++)
        g[i * x.cols + j]! += (x.data[r * x.cols + i]! * x.data[r * x.cols + j]!) / x.rows;
    }
  }
  return { g: { data: g, rows: x.cols, cols: x.cols }, c };
}
