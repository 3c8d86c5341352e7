import { SamesightError } from "../errors.js";
import type { ElementType, Engine, Kernel, TensorValue } from "../numerics/engine.js";
import { engineOf } from "../numerics/engine.js";

/** What is used of onnxruntime-web, whichever of its builds the page has loaded. */
export interface OnnxRuntime {
  readonly InferenceSession: {
    create(model: Uint8Array, options?: Record<string, unknown>): Promise<OnnxSession>;
  };
  readonly Tensor: new (type: never, data: never, dims: readonly number[]) => unknown;
}
interface OnnxSession {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  run(feeds: never, fetches?: never): Promise<Readonly<Record<string, unknown>>>;
  release(): Promise<void>;
}
interface OnnxTensor {
  readonly type: string;
  readonly dims: readonly number[];
  readonly data: ArrayBufferView;
}

/**
 * onnxruntime-web behind the interface of the pure stages. The page brings the module (wasm or WebGPU build, its own place for the .wasm files), so
 * this package depends on none. `options`: session options, such as executionProviders.
 */
export function createEngine(
  ort: OnnxRuntime,
  options: Readonly<Record<string, unknown>> = {},
): Engine & { dispose(): Promise<void> } {
  const compile = async (model: Uint8Array): Promise<Kernel> => {
    try {
      return kernelOf(
        ort,
        await ort.InferenceSession.create(model, { executionProviders: ["wasm"], logSeverityLevel: 4, ...options }),
      );
    } catch (cause) {
      throw new SamesightError("invalid", `onnxruntime refuses the network: ${firstLine(cause)}`, {
        hint: "Look whether the .wasm files are served and the operators are in this build.",
        cause,
      });
    }
  };
  return engineOf(compile);
}

function kernelOf(ort: OnnxRuntime, session: OnnxSession): Kernel {
  return {
    inputs: session.inputNames,
    outputs: session.outputNames,
    async run(feeds, fetches) {
      const given: Record<string, unknown> = {};
      for (const [name, v] of Object.entries(feeds))
        given[name] = new ort.Tensor(v.type as never, v.data as never, v.dims);
      const results = await session
        .run(given as never, ...((fetches ? [[...fetches]] : []) as never[]))
        .catch((cause: unknown) => {
          throw new SamesightError("invalid", `the network does not run: ${firstLine(cause)}`, { cause });
        });
      return Object.fromEntries(Object.entries(results).map(([name, t]) => [name, tensorValue(t as OnnxTensor)]));
    },
    release: () => session.release(),
  };
}

/** Browsers that have Float16Array get one from the runtime; here halves are bits. */
function tensorValue({ type, dims, data }: OnnxTensor): TensorValue {
  const bits = type === "float16" && !(data instanceof Uint16Array);
  const held = bits ? new Uint16Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength / 2) : data;
  return { type: type as ElementType, dims, data: held as TensorValue["data"] };
}

function firstLine(cause: unknown): string {
  return (cause instanceof Error ? cause.message : String(cause)).split("\n")[0]!.slice(0, 300);
}
