/**
 * Debiased linear CKA between many items at once, from batches of samples: the minibatch estimate (Nguyen, Raghu & Kornblith 2021).
 * HSIC_1 of each two items is averaged over batches, weighted by the batch's samples; nothing kept grows with their number.
 * Each batch should mix images: samples of one image in one batch say little about how images differ.
 */
import { ints, modelBytes, node, valueInfo } from "../onnx/build.js";
import type { Engine, Kernel, TensorValue } from "./engine.js";
import type { Matrix, Matrix64 } from "./types.js";

export interface CkaStream {
  /** One batch: a matrix an item, n x d_i, the same n >= 4 samples in each. Gives false, and counts nothing, for fewer than 4. */
  add(batch: readonly Matrix[]): Promise<boolean>;
  /** Averaged HSIC_1, items x items (up to a scale of each item), and samples so far. */
  readonly hsic: Matrix64;
  readonly samples: number;
}

/**
 * Columns are centred first, so that a row of K sums to 0 and, without its diagonal, to minus the row's squared length d. Then
 *   <U_K, U_L> = <K, L> - (d_K . d_L) + (sum d_K)(sum d_L) / ((n - 1)(n - 2)) - 2 (d_K . d_L) / (n - 2),
 * and <K, L> of all items is one product of stacked kernels. Single precision in the engine, the rest in double: about 1e-5 of the value.
 */
export function createCkaStream(engine: Engine, items: number): CkaStream {
  const sums = { data: new Float64Array(items * items), rows: items, cols: items };
  let scales: TensorValue[] | undefined;
  let samples = 0;
  return {
    get samples() {
      return samples;
    },
    get hsic() {
      return { ...sums, data: sums.data.map((v) => v / (samples || 1)) };
    },
    async add(batch) {
      const n = batch[0]?.rows ?? 0;
      if (n < 4) return false;
      scales ??= batch.map((x) => ({ type: "float32", dims: [1], data: Float32Array.of(1 / rms(x)) }));
      const kernel = await kernelsGraph(engine, items);
      const feeds: Record<string, TensorValue> = {};
      for (const [i, x] of batch.entries()) {
        feeds[`x${i}`] = { type: "float32", dims: [n, x.cols], data: x.data };
        feeds[`scale${i}`] = scales[i]!;
      }
      const out = await kernel.run(feeds);
      const products = out.products!.data as Float32Array;
      const d = Float64Array.from(out.lengths!.data as Float32Array); // items x n
      const totals = Float64Array.from({ length: items }, (_, i) => sum(d.subarray(i * n, (i + 1) * n)));
      for (let i = 0; i < items; i++) {
        for (let j = 0; j < items; j++) {
          let both = 0;
          for (let r = 0; r < n; r++) both += d[i * n + r]! * d[j * n + r]!;
          const u =
            products[i * items + j]! - both + (totals[i]! * totals[j]!) / ((n - 1) * (n - 2)) - (2 * both) / (n - 2);
          sums.data[i * items + j]! += u / (n - 3);
        }
      }
      samples += n;
      return true;
    },
  };
}

function sum(values: Float64Array): number {
  let total = 0;
  for (const v of values) total += v;
  return total;
}

/** CKA from HSIC_1; NaN where an item does not vary. */
export function ckaFromHsic(hsic: Matrix64): Matrix64 {
  const n = hsic.rows;
  const data = hsic.data.map((v, at) => {
    const energy = hsic.data[Math.floor(at / n) * (n + 1)]! * hsic.data[(at % n) * (n + 1)]!;
    return energy > 0 ? v / Math.sqrt(energy) : Number.NaN;
  });
  return { data, rows: n, cols: n };
}

/** The root mean square about each column's mean: scales the kernel so that single precision neither over- nor underflows. */
function rms(x: Matrix): number {
  let sum = 0;
  for (let c = 0; c < x.cols; c++) {
    let mean = 0;
    for (let r = 0; r < x.rows; r++) mean += x.data[r * x.cols + c]!;
    mean /= x.rows;
    for (let r = 0; r < x.rows; r++) sum += (x.data[r * x.cols + c]! - mean) ** 2;
  }
  return Math.sqrt(sum / x.rows) || 1;
}

/** x_i (n x d_i) -> `products`, <K_i, K_j> over all n x n entries, and `lengths`, the squared length of each centred and scaled row. */
function kernelsGraph(engine: Engine, items: number): Promise<Kernel> {
  const all = Array.from({ length: items }, (_, i) => i);
  return engine.shared(`cka-kernels-${items}`, () =>
    modelBytes({
      nodes: [
        ...all.flatMap((i) => [
          node("ReduceMean", [`x${i}`], [`mean${i}`], { axes: [0] }),
          node("Sub", [`x${i}`, `mean${i}`], [`centred${i}`]),
          node("Mul", [`centred${i}`, `scale${i}`], [`scaled${i}`]),
          node("ReduceSumSquare", [`scaled${i}`], [`length${i}`], { axes: [1], keepdims: 0 }),
          node("Unsqueeze", [`length${i}`, "first"], [`lengths${i}`]),
          node("Gemm", [`scaled${i}`, `scaled${i}`], [`k${i}`], { transB: 1 }),
          node("Reshape", [`k${i}`, "flat"], [`row${i}`]),
        ]),
        node(
          "Concat",
          all.map((i) => `lengths${i}`),
          ["lengths"],
          { axis: 0 },
        ),
        node(
          "Concat",
          all.map((i) => `row${i}`),
          ["stack"],
          { axis: 0 },
        ),
        node("Gemm", ["stack", "stack"], ["products"], { transB: 1 }),
      ],
      inputs: all.flatMap((i) => [
        valueInfo(`x${i}`, "float32", ["n", `d${i}`]),
        valueInfo(`scale${i}`, "float32", [1]),
      ]),
      outputs: [valueInfo("products", "float32", [items, items]), valueInfo("lengths", "float32", [items, "n"])],
      initializers: [ints("first", [1], [0]), ints("flat", [2], [1, -1])],
    }),
  );
}
