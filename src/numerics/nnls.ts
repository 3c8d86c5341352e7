import { KernelMemory } from "./kernels.js";
import { WASM } from "./nnls.wasm.js";
import type { Matrix64 } from "./types.js";

interface Exports {
  solvePlanes(b: number, cells: number, k: number, g: number, slack: number, work: number): void;
  solveFewPlanes(
    b: number,
    cells: number,
    k: number,
    g: number,
    slack: number,
    work: number,
    cache: number,
    bits: number,
    size: number,
    rows: number,
    both: number,
  ): void;
}

/** Up to so many concepts the passive sets met are kept as tables, in so many bytes: neighbouring cells change between few of them. */
const FEW = 32;
const CACHE_BYTES = 1 << 21;

/** One memory for all solvers: what a call needs is laid out anew. */
const heap = new KernelMemory();
let kernel: Exports | undefined;
let base = 0;
let room = 0;

/**
 * Exact non-negative least squares for many right-hand sides with one Gram matrix:
 * argmin_{s >= 0} 0.5 s^T G s - b^T s, by block principal pivoting (Kim & Park 2011), a Cholesky factor a passive set, in WebAssembly.
 * Up to 32 concepts, what a passive set makes of b is one small matrix, made when the set is first met and kept. A cell starts from the passive set of the cell before: neighbours see the same things, so most cells need one solve.
 */
export class Nnls {
  readonly #k: number;
  readonly #g: Float64Array;
  readonly #slack: Float64Array;

  /** G: k x k = P P^T. Where concepts nearly coincide a ridge of 1e-10 of the mean of the diagonal keeps the solution unique. */
  constructor(g: Matrix64) {
    const k = g.rows;
    this.#k = k;
    this.#g = g.data.slice();
    const trace = Array.from({ length: k }, (_, i) => g.data[i * k + i]!).reduce((a, b) => a + b, 0);
    const ridge = 1e-10 * (trace / k || 1);
    for (let i = 0; i < k; i++) this.#g[i * k + i]! += ridge;
    this.#slack = Float64Array.from({ length: k }, (_, i) => 1e-9 * Math.sqrt(this.#g[i * k + i]!));
  }

  /**
   * B (k x cells, planes from `offset` on) -> S in place, same layout. The first cell starts from the empty set, so a plane's result does not
   * depend on what was solved before it.
   */
  solvePlanesInto(b: Float32Array, offset: number, cells: number): void {
    const k = this.#k;
    kernel ??= heap.instance<Exports>(new WebAssembly.Module(WASM));
    const rows = Math.ceil(k / 4) * 4;
    const size = 16 + 4 * rows + 8 * rows * (k + 2);
    const bits = k > FEW ? 0 : Math.max(1, Math.min(k, Math.floor(Math.log2(CACHE_BYTES / size))));
    const [g, slack, work] = [0, 8 * k * k, 8 * k * (k + 1)];
    const both = Math.ceil((work + 8 * k * (k + 4) + 16 * k) / 16) * 16;
    const cache = both + 16 * rows;
    const planes = cache + (k > FEW ? 0 : size * 2 ** bits);
    const need = planes + 4 * k * cells;
    if (need > room) {
      base = heap.reserve(need);
      room = need;
    }
    new Float64Array(heap.memory.buffer, base + g, k * k).set(this.#g);
    new Float64Array(heap.memory.buffer, base + slack, k).set(this.#slack);
    const held = heap.floats(base + planes, k * cells);
    held.set(b.subarray(offset, offset + k * cells));
    const problem = [base + planes, cells, k, base + g, base + slack, base + work] as const;
    if (k > FEW) kernel.solvePlanes(...problem);
    else kernel.solveFewPlanes(...problem, base + cache, bits, size, rows, base + both);
    b.set(held, offset);
  }
}
