import { create } from "@bufbuild/protobuf";
import { node, valueInfo } from "../onnx/build.js";
import type { GraphProto, ModelProto, NodeProto } from "../onnx/onnx_pb.js";
import { GraphProtoSchema, ModelProtoSchema, TensorProto_DataType as T } from "../onnx/onnx_pb.js";
import { inputsOf, subgraphsOf } from "./graph.js";
import { shapeOf } from "./read.js";

/** What an input that holds neither float32, float16 nor bytes is given instead: what holds its values. */
const GIVEN = new Map<number, "float32" | "uint8">([
  [T.DOUBLE, "float32"],
  [T.BFLOAT16, "float32"],
  [T.INT32, "uint8"],
  [T.INT64, "uint8"],
  [T.UINT16, "uint8"],
  [T.INT16, "uint8"],
]);

/**
 * The network with a Cast behind an image input of a type that photographs are not made in: double and bfloat16 are given float32, whole numbers are given
 * bytes. A network without such an input comes back as it is.
 */
export function withUsualInput(model: ModelProto): ModelProto {
  const graph = model.graph!;
  const image = inputsOf(graph).find((i) => shapeOf(i)?.length === 4);
  const type = image?.type?.value.case === "tensorType" ? (image.type.value.value.elemType ?? 0) : 0;
  const given = GIVEN.get(type);
  const name = image?.name ?? "";
  // what a subgraph reads from outside cannot be renamed here
  if (given === undefined || graph.node.some((n) => subgraphsOf(n).length > 0)) return model;
  const cast = `${name}.cast`;
  const renamed = (n: NodeProto): NodeProto =>
    n.input.includes(name)
      ? Object.assign(Object.create(Object.getPrototypeOf(n)), n, {
          input: n.input.map((i) => (i === name ? cast : i)),
        })
      : n;
  const dims = shapeOf(image!)!.map((d, i) => (d > 0 ? d : `${name}.${i}`));
  const more: GraphProto = Object.assign(create(GraphProtoSchema), graph, {
    node: [node("Cast", [name], [cast], { to: type }), ...graph.node.map(renamed)],
    input: graph.input.map((i) => (i === image ? valueInfo(name, given, dims) : i)),
  });
  return Object.assign(create(ModelProtoSchema), model, { graph: more });
}
