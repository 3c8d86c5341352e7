/** Small functions that write ONNX messages, and the messages themselves: for scripts that edit networks. */
export type { AttributeValue, Dimension, GraphParts } from "./build.js";
export { attribute, constant, floats, graph, ints, model, modelBytes, node, valueInfo } from "./build.js";
export type { AttributeProto, GraphProto, ModelProto, NodeProto, TensorProto, ValueInfoProto } from "./onnx_pb.js";
export { AttributeProto_AttributeType as AttributeType, TensorProto_DataType as DataType } from "./onnx_pb.js";
