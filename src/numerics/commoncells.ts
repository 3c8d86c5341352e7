/**
 * Cells that concepts have in common, by one 8-bit matrix product for many concepts at once: C = A B^T over cells, bits expanded to bytes by
 * WebAssembly SIMD. Whole numbers throughout, so exact; faster than counting bits pair by pair where many concepts meet (numerics/bits.ts is for few).
 */

import { SamesightError } from "../errors.js";
import { modelBytes, node, valueInfo } from "../onnx/build.js";
import type { BitMasks } from "./bits.js";
import type { Engine, Kernel } from "./engine.js";
import { WASM } from "./expand.wasm.js";
import { KernelMemory } from "./kernels.js";

interface Exports {
  expandRows(from: number, count: number, step: number, k: number, bytes: number, to: number): void;
  expandColumns(
    from: number,
    count: number,
    step: number,
    k: number,
    bytes: number,
    wide: number,
    empty: number,
    to: number,
  ): void;
}

/** Concepts of a tile: pairs of tiles below the diagonal are left out. */
const TILE = 240;
/** Bytes of an expanded tile: so many images are counted in one product where counts are summed. */
const TILE_BYTES = 1 << 22;
let compiled: WebAssembly.Module | undefined;

/**
 * Intersections of every two of the k concepts, summed over the images: k x k, symmetric, areas on the diagonal. With `each`, counts of every image
 * are handed out instead (valid until it returns), and the result is empty.
 */
export async function commonCells(
  engine: Engine,
  masks: BitMasks,
  each?: (image: number, counts: Int32Array) => void,
): Promise<Float64Array> {
  const { n, k, stride, data } = masks;
  if (k < 1) throw new SamesightError("invalid", "masks: no concepts");
  const kernel = await productKernel(engine);
  const images = each ? 1 : Math.max(1, Math.min(n, Math.floor(TILE_BYTES / (TILE * stride * 8))));
  const tiles = Array.from({ length: Math.ceil(k / TILE) }, (_, t) => ({
    from: t * TILE,
    count: Math.min(TILE, k - t * TILE),
  }));
  const wide = (count: number) => Math.ceil(count / 16) * 16;
  const cells = images * stride * 8;
  compiled ??= new WebAssembly.Module(WASM);
  const memory = new KernelMemory();
  const input = memory.reserve(images * k * stride);
  const empty = memory.reserve(stride);
  const rowsAt = tiles.map(({ count }) => memory.reserve(count * cells));
  const columnsAt = tiles.map(({ count }) => memory.reserve(wide(count) * cells));
  const wasm = memory.instance<Exports>(compiled);
  const buffer = memory.memory.buffer;
  const sums = new Float64Array(each ? 0 : k * k);
  const counts = new Int32Array(each ? k * k : 0);
  for (let first = 0; first < n; first += images) {
    const some = Math.min(images, n - first);
    const width = some * stride * 8;
    new Uint8Array(buffer, input, some * k * stride).set(
      data.subarray(first * k * stride, (first + some) * k * stride),
    );
    for (const [t, { from, count }] of tiles.entries()) {
      wasm.expandRows(input + from * stride, some, k * stride, count, stride, rowsAt[t]!);
      wasm.expandColumns(input + from * stride, some, k * stride, count, stride, wide(count), empty, columnsAt[t]!);
    }
    for (const [s, a] of tiles.entries()) {
      const rows = new Uint8Array(buffer, rowsAt[s]!, a.count * width);
      for (const [t, b] of tiles.entries()) {
        if (t < s) continue;
        const columns = new Int8Array(buffer, columnsAt[t]!, width * wide(b.count));
        const { y } = await kernel.run({
          a: { type: "uint8", dims: [a.count, width], data: rows },
          b: { type: "int8", dims: [width, wide(b.count)], data: columns },
        });
        const product = y!.data as Int32Array;
        const out = each ? counts : sums;
        // set bits of the columns are -1
        for (let i = 0; i < a.count; i++) {
          for (let j = 0; j < b.count; j++) {
            const both = -product[i * wide(b.count) + j]!;
            const at = (a.from + i) * k + b.from + j;
            out[at] = each ? both : out[at]! + both;
          }
        }
      }
    }
    if (each) {
      mirror(counts, k);
      each(first, counts);
    }
  }
  mirror(sums, k);
  return sums;
}

function mirror(m: Float64Array | Int32Array, k: number): void {
  if (m.length === 0) return;
  for (let i = 0; i < k; i++) for (let j = 0; j < i; j++) m[i * k + j] = m[j * k + i]!;
}

function productKernel(engine: Engine): Promise<Kernel> {
  return engine.shared("matmul-u8s8", () =>
    modelBytes({
      nodes: [node("MatMulInteger", ["a", "b"], ["y"])],
      inputs: [valueInfo("a", "uint8", ["m", "k"]), valueInfo("b", "int8", ["k", "n"])],
      outputs: [valueInfo("y", "int32", ["m", "n"])],
    }),
  );
}
