/**
 * Coordinate descent over the scores of many rows at once, in single precision by WebAssembly SIMD:
 *   s_c <- max(0, s_c + (b_c - sum_j g_cj s_j) / g_cc), c = 1..k, B = V P^T, G = P P^T.
 * A row's result depends on its own b alone. A concept with g_cc = 0 gets scores of 0.
 */
import { KernelMemory } from "./kernels.js";
import { WASM } from "./nmf.wasm.js";
import type { Matrix64 } from "./types.js";

interface Exports {
  sweepRows(
    s: number,
    b: number,
    g: number,
    inverse: number,
    panels: number,
    k: number,
    sweeps: number,
    work: number,
    sums: number,
  ): void;
  sweepPlanes(
    s: number,
    b: number,
    g: number,
    inverse: number,
    stride: number,
    k: number,
    sweeps: number,
    work: number,
  ): void;
}

/** Rows of a panel of the kernel. */
const PANEL = 16;
let compiled: WebAssembly.Module | undefined;

export class Sweeper {
  readonly #kernel: Exports;
  readonly #g: Float32Array;
  readonly #inverse: Float32Array;
  readonly #work: Float32Array;
  readonly #sums: Float32Array;
  readonly #s: Float32Array;
  readonly #b: Float32Array;

  /** For blocks of at most `rows` rows of k scores. */
  constructor(
    readonly k: number,
    readonly rows: number,
  ) {
    compiled ??= new WebAssembly.Module(WASM);
    const heap = new KernelMemory();
    const most = padded(rows) * k;
    const sizes = [k * k, k, 2 * 16 * k, 4 * k * k, most, most];
    const places = sizes.map((size) => heap.reserve(4 * size));
    const views = sizes.map((size, i) => heap.floats(places[i]!, size));
    [this.#g, this.#inverse, this.#work, this.#sums, this.#s, this.#b] = views as [
      Float32Array,
      Float32Array,
      Float32Array,
      Float32Array,
      Float32Array,
      Float32Array,
    ];
    this.#kernel = heap.instance<Exports>(compiled);
  }

  /** G = P P^T, k x k, for the sweeps to come. */
  setGram(g: Matrix64): void {
    const { k } = this;
    this.#g.set(g.data);
    for (let c = 0; c < k; c++) this.#inverse[c] = g.data[c * k + c]! > 0 ? 1 / g.data[c * k + c]! : 0;
  }

  /** S (rows x k) in place, and S^T S added to `ss` (k x k). */
  rowsInto(s: Float32Array, b: Float32Array, sweeps: number, ss: Float64Array): void {
    const { k } = this;
    const rows = padded(s.length / k);
    this.#s.set(s);
    this.#s.fill(0, s.length, rows * k);
    this.#b.set(b);
    this.#b.fill(0, s.length, rows * k);
    this.#sums.fill(0);
    this.#kernel.sweepRows(
      this.#s.byteOffset,
      this.#b.byteOffset,
      this.#g.byteOffset,
      this.#inverse.byteOffset,
      rows / PANEL,
      k,
      sweeps,
      this.#work.byteOffset,
      this.#sums.byteOffset,
    );
    s.set(this.#s.subarray(0, s.length));
    for (let i = 0; i < k; i++) {
      for (let j = i; j < k; j++) {
        const at = 4 * (i * k + j);
        const sum = this.#sums[at]! + this.#sums[at + 1]! + this.#sums[at + 2]! + this.#sums[at + 3]!;
        ss[i * k + j]! += sum;
        if (j > i) ss[j * k + i]! += sum;
      }
    }
  }

  /** B (k planes of `cells`, from `offset`) -> S from zero by `sweeps` sweeps: k planes of `stride` in the kernel's memory, good until the next call. */
  planes(b: Float32Array, offset: number, cells: number, sweeps: number): { s: Float32Array; stride: number } {
    const { k } = this;
    const stride = padded(cells);
    for (let c = 0; c < k; c++) {
      this.#b.set(b.subarray(offset + c * cells, offset + (c + 1) * cells), c * stride);
      this.#b.fill(0, c * stride + cells, (c + 1) * stride);
    }
    this.#kernel.sweepPlanes(
      this.#s.byteOffset,
      this.#b.byteOffset,
      this.#g.byteOffset,
      this.#inverse.byteOffset,
      stride,
      k,
      sweeps,
      this.#work.byteOffset,
    );
    return { s: this.#s, stride };
  }
}

function padded(rows: number): number {
  return Math.ceil(rows / PANEL) * PANEL;
}
