import { SamesightError } from "../errors.js";
import { WASM } from "./bits.wasm.js";

/**
 * Binary masks of n images and k concepts, one bit a cell: mask (x, c) starts at byte (x * k + c) * stride; cell i is bit i % 8 (least significant
 * first) of byte i / 8, as numpy.packbits(bitorder="little"); the rest of the stride is zero.
 */
export interface BitMasks {
  readonly data: Uint8Array;
  readonly n: number;
  readonly k: number;
  readonly cells: number;
  /** Bytes a mask, a multiple of 16 (one SIMD word). */
  readonly stride: number;
}

export function strideOf(cells: number): number {
  return Math.ceil(cells / 128) * 16;
}

/** scores n x k x cells -> masks s > t_c, one threshold a concept. Ties and NaN are outside. */
export function packAbove(scores: Float32Array, n: number, k: number, thresholds: ArrayLike<number>): BitMasks {
  const cells = n * k === 0 ? 0 : scores.length / (n * k);
  if (!Number.isInteger(cells) || thresholds.length !== k) {
    throw new SamesightError(
      "invalid",
      `masks: ${scores.length} scores and ${thresholds.length} thresholds for ${n} x ${k} maps`,
    );
  }
  const stride = strideOf(cells);
  const data = new Uint8Array(n * k * stride);
  for (let plane = 0; plane < n * k; plane++) {
    const t = thresholds[plane % k]!;
    const from = plane * cells;
    const to = plane * stride;
    let byte = 0;
    for (let i = 0; i < cells; i++) {
      if (scores[from + i]! > t) byte |= 1 << (i & 7);
      if ((i & 7) === 7) {
        data[to + (i >> 3)] = byte;
        byte = 0;
      }
    }
    if (cells & 7) data[to + (cells >> 3)] = byte;
  }
  return { data, n, k, cells, stride };
}

/** Masks low_c <= s <= high_c: the cells near a threshold. */
export function packBetween(
  scores: Float32Array,
  n: number,
  k: number,
  low: ArrayLike<number>,
  high: ArrayLike<number>,
): BitMasks {
  const cells = n * k === 0 ? 0 : scores.length / (n * k);
  const stride = strideOf(cells);
  const data = new Uint8Array(n * k * stride);
  for (let plane = 0; plane < n * k; plane++) {
    const [from, to] = [low[plane % k]!, high[plane % k]!];
    const first = plane * cells;
    const out = plane * stride;
    for (let i = 0; i < cells; i++) {
      const s = scores[first + i]!;
      if (s >= from && s <= to) data[out + (i >> 3)]! |= 1 << (i & 7);
    }
  }
  return { data, n, k, cells, stride };
}

/** One mask as 0 and 1, a cell each. */
export function unpack(masks: BitMasks, image: number, concept: number): Uint8Array {
  const from = (image * masks.k + concept) * masks.stride;
  return Uint8Array.from({ length: masks.cells }, (_, i) => (masks.data[from + (i >> 3)]! >> (i & 7)) & 1);
}

/** Masks of several runs of images, one after the other. Throws SamesightError `invalid` when concepts or cells differ. */
export function concatMasks(parts: readonly BitMasks[]): BitMasks {
  const first = parts[0];
  if (!first) throw new SamesightError("invalid", "masks: nothing to join");
  for (const p of parts) requireSameGrid(first, p, p.k === first.k);
  const data = new Uint8Array(parts.reduce((s, p) => s + p.data.length, 0));
  let at = 0;
  for (const p of parts) {
    data.set(p.data, at);
    at += p.data.length;
  }
  return { ...first, data, n: parts.reduce((s, p) => s + p.n, 0) };
}

/** Masks of the given images, in that order. */
export function selectImages(masks: BitMasks, images: ArrayLike<number>): BitMasks {
  const size = masks.k * masks.stride;
  const data = new Uint8Array(images.length * size);
  for (let i = 0; i < images.length; i++)
    data.set(masks.data.subarray(images[i]! * size, (images[i]! + 1) * size), i * size);
  return { ...masks, data, n: images.length };
}

function requireSameGrid(a: BitMasks, b: BitMasks, also = true): void {
  if (a.cells === b.cells && also) return;
  throw new SamesightError(
    "invalid",
    `masks: ${a.k} concepts on ${a.cells} cells do not go with ${b.k} on ${b.cells}`,
    {
      hint: "Compare masks made on the same grid.",
    },
  );
}

/** Masks inside the kernel's memory, until `clear`. */
export interface HeldMasks extends BitMasks {
  readonly pointer: number;
}

interface Exports {
  areas(a: number, planes: number, words: number, out: number): void;
  intersections(
    a: number,
    b: number,
    order: number,
    n: number,
    ka: number,
    kb: number,
    words: number,
    out: number,
    step: number,
  ): void;
}

const PAGE = 65536;
const BASE = 1024;

/** Counts bits of masks by WebAssembly SIMD. Masks that take part in many counts are loaded once. */
export class BitCounter {
  readonly #memory = new WebAssembly.Memory({ initial: 1 });
  readonly #kernel = new WebAssembly.Instance(new WebAssembly.Module(WASM), { env: { memory: this.#memory } })
    .exports as unknown as Exports;
  #top = BASE;

  /** Forgets all held masks. */
  clear(): void {
    this.#top = BASE;
  }

  load(masks: BitMasks): HeldMasks {
    const pointer = this.#reserve(masks.data.length);
    new Uint8Array(this.#memory.buffer).set(masks.data, pointer);
    return { ...masks, pointer };
  }

  /** Cells set in each mask, n x k. */
  areas(a: HeldMasks): Uint32Array {
    return this.#scratch(a.n * a.k, (out) => this.#kernel.areas(a.pointer, a.n * a.k, a.stride / 16, out));
  }

  /**
   * Cells set in both masks, for each image x and each pair of concepts: n x ka x kb. With `order`, image x of `a` meets image order[x] of `b`;
   * then n is order's length. Throws SamesightError `invalid` when grids or images do not go together.
   */
  intersections(a: HeldMasks, b: HeldMasks, order?: ArrayLike<number>): Uint32Array {
    return this.#count(a, b, order, a.k * b.k);
  }

  /** The same summed over the images: ka x kb. Exact below 2^32 cells. */
  summedIntersections(a: HeldMasks, b: HeldMasks, order?: ArrayLike<number>): Uint32Array {
    return this.#count(a, b, order, 0);
  }

  #count(a: HeldMasks, b: HeldMasks, order: ArrayLike<number> | undefined, step: number): Uint32Array {
    const n = order?.length ?? a.n;
    requireSameGrid(a, b, order ? n <= a.n : a.n === b.n);
    const top = this.#top;
    const orderAt = this.#reserve(n * 4);
    const images = new Int32Array(this.#memory.buffer, orderAt, n);
    for (let x = 0; x < n; x++) {
      images[x] = order ? order[x]! : x;
      if (images[x]! >= 0 && images[x]! < b.n) continue;
      this.#top = top;
      throw new SamesightError("invalid", `masks: an image outside 0..${b.n - 1} is asked for`);
    }
    const counts = this.#scratch(step === 0 ? a.k * b.k : n * step, (out) =>
      this.#kernel.intersections(a.pointer, b.pointer, orderAt, n, a.k, b.k, a.stride / 16, out, step),
    );
    this.#top = top;
    return counts;
  }

  #scratch(length: number, run: (out: number) => void): Uint32Array {
    const top = this.#top;
    const out = this.#reserve(length * 4);
    new Uint8Array(this.#memory.buffer, out, length * 4).fill(0);
    run(out);
    this.#top = top;
    return new Uint32Array(this.#memory.buffer, out, length).slice();
  }

  /** 16-byte aligned, with a word of room behind it: the kernel writes four counts at once. */
  #reserve(bytes: number): number {
    const at = this.#top;
    this.#top = Math.ceil((at + bytes + 16) / 16) * 16;
    const missing = this.#top - this.#memory.buffer.byteLength;
    if (missing > 0) this.#memory.grow(Math.ceil(missing / PAGE));
    return at;
  }
}
