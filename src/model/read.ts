import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { SamesightError } from "../errors.js";
import type { ModelProto, ValueInfoProto } from "../onnx/onnx_pb.js";
import { ModelProtoSchema } from "../onnx/onnx_pb.js";
import { indexGraph, inputsOf } from "./graph.js";
import { STANDARD_OPS } from "./ops.js";

const OLDEST_OPSET = 7;

/**
 * ONNX bytes -> a model that is known to hang together: acyclic, every tensor made once, every input there, every operator known.
 * Throws SamesightError `invalid`, `missing`, `duplicate` or `unsupported` with the node and the tensor.
 */
export function readModel(bytes: Uint8Array, where = "network"): ModelProto {
  let model: ModelProto;
  try {
    model = fromBinary(ModelProtoSchema, bytes);
  } catch (cause) {
    throw notOnnx(where, cause);
  }
  if (!model.graph || model.graph.node.length === 0) throw notOnnx(where);
  checkOperators(model, where);
  indexGraph(model.graph, where);
  imageInput(model, where);
  return model;
}

export function writeModel(model: ModelProto): Uint8Array {
  return toBinary(ModelProtoSchema, model);
}

function notOnnx(where: string, cause?: unknown): SamesightError {
  return new SamesightError("invalid", `${where}: not an ONNX network, or a truncated one`, {
    hint: "Give an .onnx file as written by torch.onnx.export or tf2onnx, or a TensorFlow.js model.json.",
    cause,
  });
}

function checkOperators(model: ModelProto, where: string): void {
  const own = new Set(model.functions.map((f) => f.name));
  for (const node of model.graph!.node) {
    const standard = node.domain === "" || node.domain === "ai.onnx";
    if (standard && !STANDARD_OPS.has(node.opType) && !own.has(node.opType)) {
      throw new SamesightError(
        "unsupported",
        `${where}: node '${node.name || node.output[0]}' uses the unknown operator ${node.opType || "(none)"}`,
        {
          hint: "Custom operators cannot run here; export the network with standard ONNX operators.",
          details: { node: node.name, op: node.opType },
        },
      );
    }
  }
  const opset = opsetOf(model);
  if (opset < OLDEST_OPSET) {
    throw new SamesightError("unsupported", `${where}: operator set ${opset} is older than ${OLDEST_OPSET}`, {
      hint: "Export the network again with opset 11 or later.",
    });
  }
}

/** Version of the default operator set; 0 where none is named. */
export function opsetOf(model: ModelProto): number {
  return Number(model.opsetImport.find((o) => o.domain === "" || o.domain === "ai.onnx")?.version ?? 0n);
}

export interface ImageInput {
  readonly name: string;
  readonly type: number;
  /** -1 where free. */
  readonly shape: readonly number[];
  readonly layout: "NCHW" | "NHWC";
}

/** The one input with four dimensions. Throws SamesightError `unsupported` when there is none or more than one. */
export function imageInput(model: ModelProto, where = "network"): ImageInput {
  const images = inputsOf(model.graph!).filter((i) => shapeOf(i)?.length === 4);
  if (images.length !== 1) {
    throw new SamesightError(
      "unsupported",
      `${where}: ${images.length === 0 ? "no" : images.length} inputs with four dimensions, expected one image`,
      {
        hint: "samesight compares networks that look at one image: batch x channels x height x width.",
      },
    );
  }
  const input = images[0]!;
  const shape = shapeOf(input)!;
  const type = input.type?.value.case === "tensorType" ? (input.type.value.value.elemType ?? 0) : 0;
  const layout = shape[3] === 3 && shape[1] !== 3 ? "NHWC" : "NCHW";
  return { name: input.name ?? "", type, shape, layout };
}

function shapeOf(info: ValueInfoProto): number[] | undefined {
  if (info.type?.value.case !== "tensorType") return undefined;
  return info.type.value.value.shape?.dim.map((d) =>
    d.value.case === "dimValue" && d.value.value > 0n ? Number(d.value.value) : -1,
  );
}
