import { SamesightError } from "../errors.js";
import type { ModelProto, TensorProto } from "../onnx/onnx_pb.js";
import { TensorProto_DataLocation } from "../onnx/onnx_pb.js";

function externalTensors(model: ModelProto): TensorProto[] {
  const inNodes = model.graph!.node.flatMap((n) => n.attribute.flatMap((a) => (a.t ? [a.t] : [])));
  return [...model.graph!.initializer, ...inNodes].filter((t) => t.dataLocation === TensorProto_DataLocation.EXTERNAL);
}

/** The files that hold a network's weights outside its .onnx file, as named there. */
export function externalFiles(model: ModelProto): string[] {
  return [...new Set(externalTensors(model).map((t) => entry(t, "location")))];
}

function entry(tensor: TensorProto, key: string): string {
  return tensor.externalData.find((e) => e.key === key)?.value ?? "";
}

/** Moves external weights into the model. Throws SamesightError `invalid` when a place lies outside its file. */
export function embedExternalData(model: ModelProto, files: ReadonlyMap<string, Uint8Array>, where = "network"): void {
  for (const tensor of externalTensors(model)) {
    const file = files.get(entry(tensor, "location"));
    const offset = Number(entry(tensor, "offset") || 0);
    const length = entry(tensor, "length") === "" ? (file?.length ?? 0) - offset : Number(entry(tensor, "length"));
    if (
      !file ||
      !Number.isSafeInteger(offset) ||
      !Number.isSafeInteger(length) ||
      offset < 0 ||
      length < 0 ||
      offset + length > file.length
    ) {
      throw new SamesightError(
        "invalid",
        `${where}: the weights of '${tensor.name}' lie outside '${entry(tensor, "location")}'`,
        {
          hint: "The data file is truncated or belongs to another network; export again.",
        },
      );
    }
    tensor.rawData = file.subarray(offset, offset + length);
    tensor.externalData = [];
    tensor.dataLocation = TensorProto_DataLocation.DEFAULT;
  }
}
