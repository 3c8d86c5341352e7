import type { InferenceSession as Session } from "onnxruntime-node";
import ort from "onnxruntime-node";
import { SamesightError } from "../errors.js";
import type { ElementType, Engine, Kernel, TensorValue } from "../numerics/engine.js";
import { engineOf } from "../numerics/engine.js";
import { Places } from "./places.js";

export interface EngineOptions {
  /** Threads inside one operator; default 1: parallel work is done by workers. */
  readonly threads?: number;
}

/** onnxruntime on the CPU, behind the interface that numerics and activations see. */
export function createEngine(options: EngineOptions = {}): Engine & { dispose(): Promise<void> } {
  const compile = async (model: Uint8Array): Promise<Kernel> => {
    let session: Session;
    try {
      // bytes that threads share are not taken by the runtime: a copy that lives until the session is made
      session = await ort.InferenceSession.create(model.buffer instanceof SharedArrayBuffer ? model.slice() : model, {
        executionProviders: ["cpu"],
        intraOpNumThreads: options.threads ?? 1,
        interOpNumThreads: 1,
        executionMode: "sequential",
        // an arena a session keeps the most that any run took: a tenth more memory with three networks on two workers, and no faster
        enableCpuMemArena: false,
        graphOptimizationLevel: "all",
        logSeverityLevel: 4,
      });
    } catch (cause) {
      throw new SamesightError("invalid", `onnxruntime refuses the network: ${firstLine(cause)}`, {
        hint: /Could not find an implementation/.test(String(cause))
          ? "onnxruntime has this operator for other types of numbers only: export the network in single precision (float32)."
          : "Check the file with onnx.checker, or export it again with an operator set between 11 and 21.",
        cause,
      });
    }
    return kernelOf(session);
  };
  return engineOf(compile);
}

function kernelOf(session: Session): Kernel {
  const places = new Places();
  return {
    inputs: session.inputNames,
    outputs: session.outputNames,
    async run(feeds, fetches) {
      const given: Record<string, ort.Tensor> = {};
      for (const [name, value] of Object.entries(feeds)) given[name] = tensorOf(value);
      let results: Awaited<ReturnType<Session["run"]>>;
      try {
        results = fetches ? await places.run(session, given, fetches) : await session.run(given);
      } catch (cause) {
        throw new SamesightError("invalid", `the network does not run: ${firstLine(cause)}`, {
          hint: "Check that it runs on a picture elsewhere, and that its input size is the one given (--preprocess).",
          cause,
        });
      }
      const out: Record<string, TensorValue> = {};
      for (const [name, t] of Object.entries(results)) {
        out[name] = { type: t.type as ElementType, dims: t.dims, data: heldAs(t.type, t.data as TensorValue["data"]) };
      }
      return out;
    },
    release: () => session.release(),
  };
}

/** The runtime's own class turns halves into a Float16Array where there is one, which its native part cannot read: it takes the bits as they are. */
function tensorOf({ type, data, dims }: TensorValue): ort.Tensor {
  if (type !== "float16") return new ort.Tensor(type, data as never, dims);
  return { type, data, dims, location: "cpu", size: data.length } as unknown as ort.Tensor;
}

/** Where JavaScript has Float16Array (Node 24) the runtime gives one; here halves are bits. */
function heldAs(type: string, data: TensorValue["data"]): TensorValue["data"] {
  if (type !== "float16" || data instanceof Uint16Array) return data;
  return new Uint16Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength / 2);
}

function firstLine(cause: unknown): string {
  const text = cause instanceof Error ? cause.message : String(cause);
  return text.split("\n")[0]!.slice(0, 300);
}
