import { clone } from "@bufbuild/protobuf";
import { SamesightError } from "../errors.js";
import type { GraphProto, ModelProto, TensorProto } from "../onnx/onnx_pb.js";
import { ModelProtoSchema, TensorProto_DataLocation } from "../onnx/onnx_pb.js";
import { subgraphsOf } from "./graph.js";

/** Where the values of one tensor lie outside the .onnx file. */
export interface ExternalReference {
  readonly tensor: string;
  /** Path relative to the model's folder, with forward slashes, that does not leave it. */
  readonly path: string;
  /** Bytes. */
  readonly offset: number;
  /** Bytes; to the end of the file where undefined. */
  readonly length: number | undefined;
}

/** All references of a model. Throws SamesightError `invalid` for a path that leaves the model's folder. */
export function externalReferences(model: ModelProto, where = "network"): ExternalReference[] {
  return externalTensors(model).map((t) => referenceOf(t, where));
}

/**
 * The model with its external values moved inside; the given one is left as it is. `load` gives the bytes of a path of `externalReferences`.
 * Throws SamesightError `invalid` when values lie outside their file or are not as long as the tensor's shape says (checked by `readModel`).
 */
export function withExternalData(model: ModelProto, load: (path: string) => Uint8Array, where = "network"): ModelProto {
  const whole = clone(ModelProtoSchema, model);
  for (const tensor of externalTensors(whole)) {
    const { path, offset, length } = referenceOf(tensor, where);
    const file = load(path);
    const end = length === undefined ? file.length : offset + length;
    if (offset > file.length || end > file.length) {
      throw new SamesightError(
        "invalid",
        `${where}: the values of '${tensor.name}' lie at bytes ${offset} to ${end} of '${path}', which has ${file.length}`,
        { hint: "The data file is truncated or belongs to another network; export again." },
      );
    }
    tensor.rawData = file.subarray(offset, end);
    tensor.externalData = [];
    tensor.dataLocation = TensorProto_DataLocation.DEFAULT;
  }
  return whole;
}

function externalTensors(model: ModelProto): TensorProto[] {
  const found: TensorProto[] = [];
  const look = (tensors: readonly (TensorProto | undefined)[]) => {
    for (const t of tensors) if (t?.dataLocation === TensorProto_DataLocation.EXTERNAL) found.push(t);
  };
  const visit = (graph: GraphProto) => {
    look(graph.initializer);
    for (const s of graph.sparseInitializer) look([s.values, s.indices]);
    for (const node of graph.node) {
      for (const a of node.attribute) {
        look([a.t]);
        look(a.tensors);
      }
      for (const sub of subgraphsOf(node)) visit(sub);
    }
  };
  visit(model.graph!);
  return found;
}

function referenceOf(tensor: TensorProto, where: string): ExternalReference {
  const entries = new Map(tensor.externalData.map((e) => [e.key ?? "", e.value ?? ""]));
  const path = entries.get("location") ?? "";
  const inside = path !== "" && !/^[\\/]|^[a-z]+:|\0/i.test(path) && !path.split(/[\\/]/).includes("..");
  if (!inside) {
    throw new SamesightError(
      "invalid",
      `${where}: the values of '${tensor.name}' are said to lie in '${path}', which is not inside the network's folder`,
      { hint: "Only files beside the .onnx file are read; move the data there and export again." },
    );
  }
  const count = (key: string) => {
    const text = entries.get(key) ?? "";
    const value = Number(text);
    if (/^\d+$/.test(text) && Number.isSafeInteger(value)) return value;
    throw new SamesightError(
      "invalid",
      `${where}: the values of '${tensor.name}' have the ${key} '${text}', expected bytes`,
      {
        hint: "The file is damaged; export it again.",
      },
    );
  };
  return {
    tensor: tensor.name ?? "",
    path: path.replaceAll("\\", "/"),
    offset: entries.has("offset") ? count("offset") : 0,
    length: entries.has("length") ? count("length") : undefined,
  };
}
