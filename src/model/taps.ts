import { clone, create } from "@bufbuild/protobuf";
import { SamesightError } from "../errors.js";
import { nearestName } from "../numerics/nearest.js";
import type { ModelProto } from "../onnx/onnx_pb.js";
import { GraphProtoSchema, ModelProtoSchema, ValueInfoProtoSchema } from "../onnx/onnx_pb.js";
import type { GraphIndex } from "./graph.js";
import { ancestors, indexGraph, readsOf } from "./graph.js";
import { readPart, writeModel } from "./read.js";

/**
 * The network with `names` as its outputs and nothing that they do not need: heads and post-processing fall away, so one run costs one
 * forward pass to the deepest tap. `keepOutputs` keeps the network's own outputs, first and in their order. Pure; throws SamesightError
 * `unknown` for a tensor that is not there.
 */
export function withTaps(
  bytes: Uint8Array,
  names: readonly string[],
  options: { keepOutputs?: boolean } = {},
): Uint8Array {
  const model = readPart(bytes);
  const index = indexGraph(model.graph!);
  const kept = options.keepOutputs ? model.graph!.output.map((o) => o.name ?? "") : [];
  return writeModel(prunedTo(model, index, [...new Set([...kept, ...names])]));
}

/** The model cut down to what makes `outputs`; shares weights and nodes with the given one. Throws SamesightError `unknown`. */
export function prunedTo(model: ModelProto, index: GraphIndex, outputs: readonly string[]): ModelProto {
  const source = model.graph!;
  const own = new Map(source.output.map((o) => [o.name ?? "", o]));
  for (const name of outputs) {
    if (!index.producer.has(name) && !own.has(name)) throw unknownTensor(name, index.producer.keys());
  }
  const needed = ancestors(index, outputs);
  const nodes = index.order.filter((n) => needed.has(n));
  const read = new Set(outputs);
  for (const n of nodes) for (const r of readsOf(n)) read.add(r);
  const pruned = clone(ModelProtoSchema, { ...model, graph: create(GraphProtoSchema, { name: source.name ?? "" }) });
  pruned.trainingInfo = [];
  const graph = pruned.graph!;
  graph.node = nodes;
  graph.initializer = source.initializer.filter((t) => read.has(t.name ?? ""));
  graph.sparseInitializer = source.sparseInitializer.filter((t) => read.has(t.values?.name ?? ""));
  graph.input = source.input.filter((i) => read.has(i.name ?? ""));
  graph.quantizationAnnotation = source.quantizationAnnotation;
  // a name alone will do for a tap: the runtime infers type and shape
  graph.output = outputs.map((name) => own.get(name) ?? create(ValueInfoProtoSchema, { name }));
  return pruned;
}

export function unknownTensor(name: string, names: Iterable<string>): SamesightError {
  const near = nearestName(name, names);
  return new SamesightError("unknown", `no layer is called '${name}'`, {
    hint: near ? `Did you mean '${near}'? samesight inspect lists all.` : "samesight inspect lists the layers.",
    details: { name, nearest: near ?? null },
  });
}
