import { clone, create } from "@bufbuild/protobuf";
import { SamesightError } from "../errors.js";
import { nearestName } from "../numerics/nearest.js";
import { GraphProtoSchema, ModelProtoSchema, ValueInfoProtoSchema } from "../onnx/onnx_pb.js";
import { ancestors, indexGraph, readsOf } from "./graph.js";
import { readModel, writeModel } from "./read.js";

/**
 * The network with `names` as its outputs and nothing that they do not need: heads and post-processing fall away, so one run costs one
 * forward pass to the deepest tap. `keepOutputs` keeps the network's own outputs too. Pure; throws SamesightError `unknown` for a tensor that is not there.
 */
export function withTaps(
  bytes: Uint8Array,
  names: readonly string[],
  options: { keepOutputs?: boolean } = {},
): Uint8Array {
  const model = readModel(bytes);
  const index = indexGraph(model.graph!);
  for (const name of names) if (!index.producer.has(name)) throw unknownTensor(name, index.producer.keys());
  const kept = options.keepOutputs ? model.graph!.output.map((o) => o.name ?? "") : [];
  const wanted = [...new Set([...kept, ...names])];
  const needed = ancestors(index, wanted);
  const nodes = index.order.filter((n) => needed.has(n));
  const read = new Set([...nodes.flatMap(readsOf), ...wanted]);
  const typed = new Map([...model.graph!.output, ...model.graph!.valueInfo].map((o) => [o.name ?? "", o]));
  const edited = clone(ModelProtoSchema, {
    ...model,
    graph: create(GraphProtoSchema, { name: model.graph!.name ?? "tapped" }),
  });
  const graph = edited.graph!;
  graph.node = nodes;
  graph.initializer = model.graph!.initializer.filter((t) => read.has(t.name ?? ""));
  graph.sparseInitializer = model.graph!.sparseInitializer.filter((t) => read.has(t.values?.name ?? ""));
  graph.input = model.graph!.input.filter((i) => read.has(i.name ?? ""));
  graph.quantizationAnnotation = model.graph!.quantizationAnnotation;
  graph.output = wanted.map(
    (name) => (kept.includes(name) ? typed.get(name) : undefined) ?? create(ValueInfoProtoSchema, { name }),
  );
  return writeModel(edited);
}

/**
 * Cuts a network in two at tensors that separate its input from its outputs: `head` computes the cut tensors, `tail` continues from them.
 * Throws SamesightError `invalid` when the cut leaves a way around.
 */
export function split(bytes: Uint8Array, names: readonly string[]): { head: Uint8Array; tail: Uint8Array } {
  const model = readModel(bytes);
  const index = indexGraph(model.graph!);
  for (const name of names) if (!index.producer.has(name)) throw unknownTensor(name, index.producer.keys());
  const cut = new Set(names);
  const needed = new Set<object>();
  const open = model.graph!.output.map((o) => o.name ?? "");
  while (open.length > 0) {
    const name = open.pop()!;
    if (cut.has(name)) continue;
    const node = index.producer.get(name);
    if (!node) {
      if (index.live.has(name)) {
        throw new SamesightError(
          "invalid",
          `the cut at ${names.map((n) => `'${n}'`).join(", ")} leaves a path around it from input '${name}'`,
          {
            hint: "Add the tensors of the other branches to the cut.",
          },
        );
      }
      continue;
    }
    if (needed.has(node)) continue;
    needed.add(node);
    open.push(...readsOf(node));
  }
  const nodes = index.order.filter((n) => needed.has(n));
  const read = new Set(nodes.flatMap(readsOf));
  const tail = clone(ModelProtoSchema, model);
  const graph = tail.graph!;
  graph.node = nodes;
  graph.initializer = graph.initializer.filter((t) => read.has(t.name ?? ""));
  graph.valueInfo = [];
  const known = new Map([...model.graph!.valueInfo, ...model.graph!.output].map((v) => [v.name ?? "", v]));
  graph.input = names.map((name) => known.get(name) ?? untypedFloat(name));
  return { head: withTaps(bytes, names), tail: writeModel(tail) };
}

function untypedFloat(name: string) {
  return create(ValueInfoProtoSchema, { name, type: { value: { case: "tensorType", value: { elemType: 1 } } } });
}

export function unknownTensor(name: string, names: Iterable<string>): SamesightError {
  const near = nearestName(name, names);
  return new SamesightError("unknown", `no layer is called '${name}'`, {
    hint: near ? `Did you mean '${near}'? samesight inspect lists all.` : "samesight inspect lists the layers.",
    details: { name, nearest: near ?? null },
  });
}
