/** Small functions that write ONNX messages: used by numerics for its kernels, by model/ for taps and importers, and by tests for whole networks. */
import { create, toBinary } from "@bufbuild/protobuf";
import type { ElementType, TensorValue } from "../numerics/engine.js";
import type { AttributeProto, GraphProto, ModelProto, NodeProto, TensorProto, ValueInfoProto } from "./onnx_pb.js";
import {
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  GraphProtoSchema,
  ModelProtoSchema,
  NodeProtoSchema,
  OperatorSetIdProtoSchema,
  TensorProto_DataType,
  TensorProtoSchema,
  TensorShapeProto_DimensionSchema,
  TensorShapeProtoSchema,
  TypeProto_TensorSchema,
  TypeProtoSchema,
  ValueInfoProtoSchema,
} from "./onnx_pb.js";

/** What an attribute may hold; see `attribute` for which becomes what. */
export type AttributeValue =
  | number
  | bigint
  | string
  | readonly number[]
  | readonly bigint[]
  | TensorProto
  | { readonly float: number }
  | { readonly floats: readonly number[] };
/** A dimension: a size, or the name of a free one such as "batch". */
export type Dimension = number | string;

export const DATA_TYPE: Record<ElementType, TensorProto_DataType> = {
  float32: TensorProto_DataType.FLOAT,
  float16: TensorProto_DataType.FLOAT16,
  float64: TensorProto_DataType.DOUBLE,
  int32: TensorProto_DataType.INT32,
  int64: TensorProto_DataType.INT64,
  uint8: TensorProto_DataType.UINT8,
  int8: TensorProto_DataType.INT8,
  bool: TensorProto_DataType.BOOL,
};

const utf8 = new TextEncoder();

/** A plain number becomes INT when whole, FLOAT otherwise: write `{float: 1}` where the op wants a float that may be whole. */
export function attribute(name: string, value: AttributeValue): AttributeProto {
  const a = create(AttributeProtoSchema, { name });
  if (typeof value === "bigint" || (typeof value === "number" && Number.isInteger(value))) {
    a.type = AttributeProto_AttributeType.INT;
    a.i = BigInt(value);
  } else if (typeof value === "number") {
    a.type = AttributeProto_AttributeType.FLOAT;
    a.f = value;
  } else if (typeof value === "string") {
    a.type = AttributeProto_AttributeType.STRING;
    a.s = utf8.encode(value);
  } else if ("float" in value) {
    a.type = AttributeProto_AttributeType.FLOAT;
    a.f = value.float;
  } else if ("floats" in value) {
    a.type = AttributeProto_AttributeType.FLOATS;
    a.floats = [...value.floats];
  } else if ("$typeName" in value) {
    a.type = AttributeProto_AttributeType.TENSOR;
    a.t = value;
  } else {
    a.type = AttributeProto_AttributeType.INTS;
    a.ints = Array.from(value, BigInt);
  }
  return a;
}

/** A node. An empty name among `input` leaves an optional input out; `name` is by default that of the first output. */
export function node(
  opType: string,
  input: readonly string[],
  output: readonly string[],
  attributes: Readonly<Record<string, AttributeValue>> = {},
  name: string = output[0] ?? "",
): NodeProto {
  return create(NodeProtoSchema, {
    opType,
    name,
    input: [...input],
    output: [...output],
    attribute: Object.entries(attributes).map(([key, value]) => attribute(key, value)),
  });
}

/** An initializer; the bytes are the array's own, little-endian. */
export function constant(name: string, value: TensorValue): TensorProto {
  return create(TensorProtoSchema, {
    name,
    dataType: DATA_TYPE[value.type],
    dims: value.dims.map(BigInt),
    rawData: new Uint8Array(value.data.buffer as ArrayBuffer, value.data.byteOffset, value.data.byteLength),
  });
}

/** A float32 initializer; values in C order, as many as the product of `dims`. */
export function floats(name: string, dims: readonly number[], values: Iterable<number>): TensorProto {
  return constant(name, { type: "float32", dims, data: Float32Array.from(values) });
}

/** An int64 initializer; values in C order, as many as the product of `dims`. */
export function ints(name: string, dims: readonly number[], values: Iterable<number>): TensorProto {
  return constant(name, { type: "int64", dims, data: BigInt64Array.from(Array.from(values, BigInt)) });
}

/** An input or output with its type and shape. */
export function valueInfo(name: string, type: ElementType, dims: readonly Dimension[]): ValueInfoProto {
  const dim = dims.map((d) =>
    create(TensorShapeProto_DimensionSchema, {
      value: typeof d === "number" ? { case: "dimValue", value: BigInt(d) } : { case: "dimParam", value: d },
    }),
  );
  const tensorType = create(TypeProto_TensorSchema, {
    elemType: DATA_TYPE[type],
    shape: create(TensorShapeProtoSchema, { dim }),
  });
  return create(ValueInfoProtoSchema, {
    name,
    type: create(TypeProtoSchema, { value: { case: "tensorType", value: tensorType } }),
  });
}

/** What a graph is made of. Nodes in an order in which they can run; an output may be a name alone. */
export interface GraphParts {
  readonly nodes: readonly NodeProto[];
  readonly inputs: readonly ValueInfoProto[];
  readonly outputs: readonly (ValueInfoProto | string)[];
  readonly initializers?: readonly TensorProto[];
  readonly name?: string;
}

/** A graph of these parts, called `samesight` unless `name` says otherwise. Nothing is checked: `readModel` does. */
export function graph(parts: GraphParts): GraphProto {
  return create(GraphProtoSchema, {
    name: parts.name ?? "samesight",
    node: [...parts.nodes],
    input: [...parts.inputs],
    output: parts.outputs.map((o) => (typeof o === "string" ? create(ValueInfoProtoSchema, { name: o }) : o)),
    initializer: [...(parts.initializers ?? [])],
  });
}

/** A model of the default operator set; IR version 8 goes with opset 17. */
export function model(g: GraphProto, opset = 17): ModelProto {
  return create(ModelProtoSchema, {
    irVersion: 8n,
    producerName: "samesight",
    graph: g,
    opsetImport: [create(OperatorSetIdProtoSchema, { domain: "", version: BigInt(opset) })],
  });
}

/** The bytes of an .onnx file with these parts. Nothing is checked: `readModel` does. */
export function modelBytes(parts: GraphParts, opset = 17): Uint8Array {
  return toBinary(ModelProtoSchema, model(graph(parts), opset));
}
