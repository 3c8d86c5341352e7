/**
 * Debiased linear CKA between many items at once, from batches of samples: the minibatch estimate (Nguyen, Raghu & Kornblith 2021).
 * HSIC_1 of each two items is averaged over batches, weighted by the batch's samples; nothing kept grows with their number.
 * Each batch should mix images: samples of one image in one batch say little about how images differ.
 */
import { ints, modelBytes, node, valueInfo } from "../onnx/build.js";
import type { Engine, Kernel } from "./engine.js";
import { matmul } from "./matmul.js";
import type { Matrix, Matrix64 } from "./types.js";

export interface CkaStream {
  /** One batch: a matrix an item, n x d_i, the same n >= 4 samples in each. Gives false, and counts nothing, for fewer than 4. */
  add(batch: readonly Matrix[]): Promise<boolean>;
  /** Averaged HSIC_1, items x items (up to a scale of each item), and samples so far. */
  readonly hsic: Matrix64;
  readonly samples: number;
}

/** Single precision in the engine, sums over batches in double: about 1e-5 of the value. */
export function createCkaStream(engine: Engine, items: number): CkaStream {
  const sums = { data: new Float64Array(items * items), rows: items, cols: items };
  let scales: Float32Array[] | undefined;
  let samples = 0;
  let off = new Float32Array(0);
  let stack = new Float32Array(0);
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
      scales ??= batch.map((x) => Float32Array.of(1 / rms(x)));
      if (off.length !== n * n) {
        off = new Float32Array(n * n).fill(1);
        for (let i = 0; i < n; i++) off[i * n + i] = 0;
        stack = new Float32Array(items * n * n);
      }
      const kernel = await uCentredKernel(engine);
      for (const [i, x] of batch.entries()) {
        const { u } = await kernel.run({
          x: { type: "float32", dims: [n, x.cols], data: x.data },
          scale: { type: "float32", dims: [1], data: scales[i]! },
          off: { type: "float32", dims: [n, n], data: off },
          perRow: { type: "float32", dims: [1], data: Float32Array.of(1 / (n - 2)) },
          perAll: { type: "float32", dims: [1], data: Float32Array.of(1 / (n - 1)) },
        });
        stack.set(u!.data as Float32Array, i * n * n);
      }
      const rows = { data: stack, rows: items, cols: n * n };
      const products = await matmul(engine, rows, rows, { b: true });
      for (let at = 0; at < sums.data.length; at++) sums.data[at]! += products.data[at]! / (n - 3);
      samples += n;
      return true;
    },
  };
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

function uCentredKernel(engine: Engine): Promise<Kernel> {
  return engine.shared("u-centred-kernel", () =>
    modelBytes({
      nodes: [
        node("ReduceMean", ["x"], ["mean"], { axes: [0] }),
        node("Sub", ["x", "mean"], ["centred"]),
        node("Mul", ["centred", "scale"], ["scaled"]),
        node("Gemm", ["scaled", "scaled"], ["k"], { transB: 1 }),
        node("Mul", ["k", "off"], ["open"]),
        node("ReduceSum", ["open", "last"], ["rowSum"]),
        node("Mul", ["rowSum", "perRow"], ["row"]),
        node("ReduceSum", ["row", "first"], ["allSum"]),
        node("Mul", ["allSum", "perAll"], ["all"]),
        node("Sub", ["row", "all"], ["rowLess"]),
        node("Transpose", ["row"], ["column"], { perm: [1, 0] }),
        node("Sub", ["open", "rowLess"], ["byRow"]),
        node("Sub", ["byRow", "column"], ["byBoth"]),
        node("Mul", ["byBoth", "off"], ["u"]),
      ],
      inputs: [
        valueInfo("x", "float32", ["n", "d"]),
        valueInfo("scale", "float32", [1]),
        valueInfo("off", "float32", ["n", "n"]),
        valueInfo("perRow", "float32", [1]),
        valueInfo("perAll", "float32", [1]),
      ],
      outputs: [valueInfo("u", "float32", ["n", "n"])],
      initializers: [ints("first", [1], [0]), ints("last", [1], [1])],
    }),
  );
}
