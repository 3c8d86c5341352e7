import type { WritePiece } from "../contract/store.js";
import type { BitMasks } from "../numerics/bits.js";

/** Masks that wait to be written, of all tensors together: so few writes that they cost nothing, so little that it does not count. */
const WAITING_BYTES = 4 * 1024 * 1024;

/** For each image the block that holds it and its place there. */
export function placesOf(blocks: readonly Int32Array[], n: number): { block: number; at: number }[] {
  const places = new Array<{ block: number; at: number }>(n);
  blocks.forEach((images, block) => {
    images.forEach((image, at) => {
      places[image] = { block, at };
    });
  });
  return places;
}

/** Masks come in the order of the images and go where their blocks have them: a tensor a block, `name/block`. Memory does not grow with the images. */
export class BlockWriter {
  readonly #places: ReturnType<typeof placesOf>;
  readonly #waiting = new Map<string, { from: number; bytes: number; pieces: Uint8Array[] }>();
  #bytes = 0;

  constructor(
    blocks: readonly Int32Array[],
    n: number,
    private readonly write: WritePiece,
    private readonly most = WAITING_BYTES,
  ) {
    this.#places = placesOf(blocks, n);
  }

  /** Masks of the images from `first` on. */
  async add(name: string, { data, n, k, stride }: BitMasks, first: number): Promise<void> {
    const size = k * stride;
    for (let i = 0; i < n; i++) {
      const { block, at } = this.#places[first + i]!;
      const tensor = `${name}/${block}`;
      const from = at * size;
      let run = this.#waiting.get(tensor);
      if (run && run.from + run.bytes !== from) {
        await this.#put(tensor);
        run = undefined;
      }
      if (!run) {
        run = { from, bytes: 0, pieces: [] };
        this.#waiting.set(tensor, run);
      }
      run.pieces.push(data.subarray(i * size, (i + 1) * size));
      run.bytes += size;
      this.#bytes += size;
    }
    if (this.#bytes > this.most) await this.end();
  }

  /** Writes what waits. */
  async end(): Promise<void> {
    for (const tensor of [...this.#waiting.keys()]) await this.#put(tensor);
  }

  async #put(tensor: string): Promise<void> {
    const { from, bytes, pieces } = this.#waiting.get(tensor)!;
    const joined = new Uint8Array(bytes);
    let at = 0;
    for (const piece of pieces) {
      joined.set(piece, at);
      at += piece.length;
    }
    await this.write(tensor, from, joined);
    this.#waiting.delete(tensor);
    this.#bytes -= bytes;
  }
}
