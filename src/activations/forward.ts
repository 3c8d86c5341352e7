import { SamesightError } from "../errors.js";
import type { Tap } from "../model/types.js";
import type { Kernel, TensorValue } from "../numerics/engine.js";
import { halfToFloat } from "../numerics/half.js";
import type { Matrix, Tensor4 } from "../numerics/types.js";

/** One forward pass to the deepest tap: an input batch in, one n x c x h x w tensor a tap out, in the order of `taps`. */
export type Forward = (input: TensorValue) => Promise<Tensor4[]>;

/**
 * Binds a compiled, tapped network to its taps, whatever their layout in the graph.
 * Throws SamesightError `invalid` when a tap is not a finite-sized feature map of the probed shape.
 */
export function forwardOf(kernel: Kernel, inputName: string, taps: readonly Tap[]): Forward {
  const names = taps.map((t) => t.name);
  return async (input) => {
    const out = await kernel.run({ [inputName]: input }, names);
    return taps.map((tap) => asPlanes(out[tap.name]!, tap));
  };
}

/** The same pass for some cells of each tap (row-major in its grid): r x c a tap, cells in the order asked for. */
export type SampledForward = (input: TensorValue, cells: readonly Int32Array[]) => Promise<Matrix[]>;

/** Binds a compiled network that gives sampled rows (`withSampledRows`) to its taps. Throws SamesightError `invalid` as `forwardOf`. */
export function sampledForwardOf(
  kernel: Kernel,
  inputName: string,
  taps: readonly Tap[],
  names: { readonly cells: readonly string[]; readonly rows: readonly string[] },
): SampledForward {
  return async (input, cells) => {
    const feeds: Record<string, TensorValue> = { [inputName]: input };
    for (const [t, tap] of taps.entries()) {
      const size = tap.height * tap.width;
      feeds[names.cells[t]!] = { type: "int32", dims: [1, cells[t]!.length], data: cells[t]!.map((p) => p - size) };
    }
    const out = await kernel.run(feeds, names.rows);
    return taps.map((tap, t) => asRows(out[names.rows[t]!]!, tap, cells[t]!.length));
  };
}

function asRows(value: TensorValue, tap: Tap, rows: number): Matrix {
  const cols = tap.channels;
  const flat = asFloats(value, tap.name);
  if (tap.layout !== "NCHW") return { data: flat, rows, cols };
  const data = new Float32Array(rows * cols);
  for (let j = 0; j < cols; j++) for (let i = 0; i < rows; i++) data[i * cols + j] = flat[j * rows + i]!;
  return { data, rows, cols };
}

/** NHWC and token layouts to planes, half precision to single. A float32 NCHW tensor passes through uncopied. */
export function asPlanes(value: TensorValue, tap: Tap): Tensor4 {
  const { channels: c, height: h, width: w } = tap;
  const flat = asFloats(value, tap.name);
  const cells = h * w;
  // the class token, if any, comes first and is no place in the image
  const skip = tap.layout === "NTD" ? (value.dims[1] ?? 0) - cells : 0;
  const n = flat.length / (c * (cells + skip));
  if (!Number.isInteger(n) || n < 1 || skip < 0) {
    throw new SamesightError(
      "invalid",
      `activations: layer '${tap.name}' has ${flat.length} values, expected a multiple of ${c} x ${h} x ${w}`,
      {
        hint: "The layer's shape changes between images; give the network a fixed input size or choose another layer.",
      },
    );
  }
  if (tap.layout === "NCHW") return { data: flat, n, c, h, w };
  const data = new Float32Array(n * c * cells);
  for (let i = 0; i < n; i++) {
    for (let p = 0; p < cells; p++) {
      const from = (i * (cells + skip) + skip + p) * c;
      for (let j = 0; j < c; j++) data[(i * c + j) * cells + p] = flat[from + j]!;
    }
  }
  return { data, n, c, h, w };
}

function asFloats(value: TensorValue, name: string): Float32Array {
  if (value.data instanceof Float32Array) return value.data;
  if (value.type === "float16") return Float32Array.from(value.data as Uint16Array, halfToFloat);
  if (value.data instanceof Float64Array) return Float32Array.from(value.data);
  throw new SamesightError("unsupported", `activations: layer '${name}' holds ${value.type}, expected floating point`, {
    hint: "Tap the dequantised tensor behind it (samesight inspect lists them).",
  });
}
