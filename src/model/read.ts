import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { SamesightError } from "../errors.js";
import type { ModelProto, ValueInfoProto } from "../onnx/onnx_pb.js";
import { ModelProtoSchema } from "../onnx/onnx_pb.js";
import { checkOperators, checkOpset, checkWeights } from "./check.js";
import { indexGraph, inputsOf } from "./graph.js";

/**
 * ONNX bytes -> a model that is known to hang together: acyclic, every tensor made once, every input there, every operator known, one image as
 * input. Throws SamesightError `invalid`, `missing`, `duplicate` or `unsupported` with the node and the tensor.
 */
export function readModel(bytes: Uint8Array, where = "network"): ModelProto {
  const model = readPart(bytes, where);
  imageInput(model, where);
  return model;
}

/** Like `readModel`, for a part of a network, whose inputs need not be images. */
export function readPart(bytes: Uint8Array, where = "network"): ModelProto {
  if (bytes.length === 0) throw notOnnx(where, "the file is empty", bytes);
  let model: ModelProto;
  try {
    // a Buffer's parts would be Buffers, whose slice() is no copy
    model = fromBinary(ModelProtoSchema, new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  } catch (cause) {
    throw notOnnx(where, "not an ONNX network, or a truncated one", bytes, cause);
  }
  if (!model.graph || model.graph.node.length === 0)
    throw notOnnx(where, "not an ONNX network, or one without a graph", bytes);
  checkOpset(opsetOf(model), where);
  checkOperators(model, where);
  checkWeights(model.graph, where);
  indexGraph(model.graph, where);
  return model;
}

/** Throws SamesightError `unsupported` when the network is larger than a protobuf message can be. */
export function writeModel(model: ModelProto): Uint8Array {
  try {
    return toBinary(ModelProtoSchema, model);
  } catch (cause) {
    throw new SamesightError(
      "unsupported",
      "the network with its weights is larger than an ONNX message can be (2 GB)",
      {
        hint: "Export it in half precision.",
        cause,
      },
    );
  }
}

/** What other formats begin with, and the way from there. */
const OTHER_FORMATS: readonly (readonly [string, string])[] = [
  [
    "PK\x03\x04",
    "It is a PyTorch checkpoint or another archive: load it in Python and write it with torch.onnx.export.",
  ],
  [
    "\x80\x02",
    "It is a Python pickle, as older PyTorch checkpoints are: load it in Python and write it with torch.onnx.export.",
  ],
  ["\x89HDF", "It is HDF5, as Keras writes: convert it with tf2onnx."],
];

function notOnnx(where: string, what: string, bytes: Uint8Array, cause?: unknown): SamesightError {
  const starts = (magic: string) => [...magic].every((c, i) => bytes[i] === c.charCodeAt(0));
  return new SamesightError("invalid", `${where}: ${what}`, {
    hint:
      OTHER_FORMATS.find(([magic]) => starts(magic))?.[1] ??
      "Give an .onnx file as written by torch.onnx.export or tf2onnx, or a TensorFlow.js model.json.",
    ...(cause === undefined ? {} : { cause }),
  });
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
    const names = inputsOf(model.graph!)
      .slice(0, 5)
      .map((i) => `'${i.name}'`);
    throw new SamesightError(
      "unsupported",
      `${where}: ${images.length === 0 ? "no" : images.length} inputs with four dimensions among ${names.join(", ") || "none"}, expected one image`,
      { hint: "samesight compares networks that look at one image: batch x channels x height x width." },
    );
  }
  const input = images[0]!;
  const shape = shapeOf(input)!;
  const type = input.type?.value.case === "tensorType" ? (input.type.value.value.elemType ?? 0) : 0;
  const layout = isColours(shape[3]!) && !isColours(shape[1]!) ? "NHWC" : "NCHW";
  return { name: input.name ?? "", type, shape, layout };
}

/** Grey, colour, or colour with transparency. */
function isColours(size: number): boolean {
  return size === 1 || size === 3 || size === 4;
}

/** Sizes of a declared tensor, -1 where free; undefined where the rank is not said. */
export function shapeOf(info: ValueInfoProto): number[] | undefined {
  if (info.type?.value.case !== "tensorType") return undefined;
  return info.type.value.value.shape?.dim.map((d) =>
    d.value.case === "dimValue" && d.value.value > 0n ? Number(d.value.value) : -1,
  );
}
