/**
 * The door to onnxruntime. Numerics build small ONNX graphs (src/onnx/build.ts) and run them through an injected engine,
 * so the pure folders never import a runtime. node/engine.ts is the Node implementation.
 */

export type ElementType = "float32" | "float16" | "int32" | "int64" | "uint8" | "int8" | "bool" | "float64";

/** A tensor in C order; `data` has as many values as the product of `dims`. */
export interface TensorValue {
  readonly type: ElementType;
  readonly dims: readonly number[];
  /** float16 is held as Uint16Array, bool as Uint8Array, int64 as BigInt64Array. */
  readonly data: Float32Array | Float64Array | Int32Array | BigInt64Array | Uint8Array | Int8Array | Uint16Array;
}

/** A compiled graph. Not re-entrant: await one run before the next. */
export interface Kernel {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Runs the graph. `fetches` limits the outputs computed. Throws SamesightError `invalid` when a feed does not fit. */
  run(feeds: Readonly<Record<string, TensorValue>>, fetches?: readonly string[]): Promise<Record<string, TensorValue>>;
  release(): Promise<void>;
}

/** What runs ONNX graphs: onnxruntime-node in Node, onnxruntime-web in a browser. Networks and heavy products alike. */
export interface Engine {
  /** Compiles ONNX bytes; the caller keeps the kernel and releases it. Throws SamesightError when the runtime refuses the graph. */
  compile(model: Uint8Array): Promise<Kernel>;
  /** Like `compile`, but kept and shared under `key` for the engine's life: for the small fixed graphs of numerics. */
  shared(key: string, build: () => Uint8Array): Promise<Kernel>;
}

/** An engine from what a runtime must bring: how to compile. Small fixed graphs are compiled once and released with the engine. */
export function engineOf(compile: Engine["compile"]): Engine & { dispose(): Promise<void> } {
  const kept = new Map<string, Promise<Kernel>>();
  return {
    compile,
    shared(key, build) {
      let kernel = kept.get(key);
      if (!kernel) {
        kernel = compile(build());
        kept.set(key, kernel);
      }
      return kernel;
    },
    async dispose() {
      for (const kernel of kept.values()) await (await kernel).release();
      kept.clear();
    },
  };
}
