const PAGE = 65536;
const BASE = 1024;

/** Memory of a WebAssembly kernel, handed out from the bottom and never given back piece by piece. */
export class KernelMemory {
  readonly memory = new WebAssembly.Memory({ initial: 1 });
  #top = BASE;

  /** Zeroed bytes, 16-byte aligned. Views made before are detached when the memory grows: make them after the last reservation. */
  reserve(bytes: number): number {
    const at = this.#top;
    this.#top = Math.ceil((at + bytes) / 16) * 16;
    const missing = this.#top - this.memory.buffer.byteLength;
    if (missing > 0) this.memory.grow(Math.ceil(missing / PAGE));
    return at;
  }

  floats(at: number, length: number): Float32Array {
    return new Float32Array(this.memory.buffer, at, length);
  }

  /** The exports of a module compiled to import this memory. */
  instance<T>(module: WebAssembly.Module): T {
    return new WebAssembly.Instance(module, { env: { memory: this.memory } }).exports as T;
  }
}
