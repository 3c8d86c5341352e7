import { clone, create } from "@bufbuild/protobuf";
import { SamesightError } from "../errors.js";
import type { ElementType } from "../numerics/engine.js";
import { DATA_TYPE } from "../onnx/build.js";
import type { ModelProto, ValueInfoProto } from "../onnx/onnx_pb.js";
import {
  GraphProtoSchema,
  ModelProtoSchema,
  TensorProto_DataType,
  TypeProto_TensorSchema,
  TypeProtoSchema,
  ValueInfoProtoSchema,
} from "../onnx/onnx_pb.js";
import type { GraphIndex } from "./graph.js";
import { indexGraph, readsOf } from "./graph.js";
import { readPart, writeModel } from "./read.js";
import { prunedTo, unknownTensor } from "./taps.js";

/**
 * Cuts a network in two at tensors that together separate its input from its outputs: `head` computes the cut tensors, `tail` goes on from
 * them (its inputs, float32 where the file does not say) to the network's own outputs, for everything that continues from changed
 * activations. Throws SamesightError `unknown` for a tensor that is not there, `invalid` when the cut leaves a way around.
 */
export function split(bytes: Uint8Array, names: readonly string[]): { head: Uint8Array; tail: Uint8Array } {
  const model = readPart(bytes);
  const index = indexGraph(model.graph!);
  const outputs = model.graph!.output.map((o) => o.name ?? "");
  const tail = writeModel(tailOf(model, index, { cut: names, outputs }));
  return { head: writeModel(prunedTo(model, index, [...new Set(names)])), tail };
}

/** What goes on from the tensors `cut` to `outputs`. `types` of cut tensors where they are known; else the file's word, else float32. Throws what `split` throws. */
export function tailOf(
  model: ModelProto,
  index: GraphIndex,
  { cut: names, outputs, types }: { cut: readonly string[]; outputs: readonly string[]; types?: Types },
): ModelProto {
  const source = model.graph!;
  const cut = new Set(names);
  for (const name of cut) if (!index.producer.has(name)) throw unknownTensor(name, index.producer.keys());
  const needed = new Set<object>();
  const reached = new Set<string>();
  const open = [...outputs];
  while (open.length > 0) {
    const name = open.pop()!;
    if (reached.has(name)) continue;
    reached.add(name);
    if (cut.has(name)) continue;
    const node = index.producer.get(name);
    if (!node && index.live.has(name)) throw wayAround(names, name);
    if (!node || needed.has(node)) continue;
    needed.add(node);
    for (const r of readsOf(node)) open.push(r);
  }
  const tail = clone(ModelProtoSchema, { ...model, graph: create(GraphProtoSchema, { name: source.name ?? "" }) });
  tail.trainingInfo = [];
  const graph = tail.graph!;
  graph.node = index.order.filter((n) => needed.has(n));
  graph.initializer = source.initializer.filter((t) => reached.has(t.name ?? ""));
  graph.sparseInitializer = source.sparseInitializer.filter((t) => reached.has(t.values?.name ?? ""));
  graph.quantizationAnnotation = source.quantizationAnnotation;
  const own = new Map(source.output.map((o) => [o.name ?? "", o]));
  graph.output = outputs.map((name) => own.get(name) ?? create(ValueInfoProtoSchema, { name }));
  const said = new Map([...source.valueInfo, ...source.output].map((v) => [v.name ?? "", v]));
  graph.input = [...cut].map((name) => typedInput(name, types?.get(name), said.get(name)));
  return tail;
}

type Types = ReadonlyMap<string, ElementType>;

/** Of what the file says about a tensor only the type is kept: its shape may be wrong for another batch. */
function typedInput(name: string, type: ElementType | undefined, said: ValueInfoProto | undefined): ValueInfoProto {
  const stated = said?.type?.value.case === "tensorType" ? said.type.value.value.elemType : undefined;
  const known = type ? DATA_TYPE[type] : stated;
  const value = create(TypeProto_TensorSchema, { elemType: known || TensorProto_DataType.FLOAT });
  return create(ValueInfoProtoSchema, {
    name,
    type: create(TypeProtoSchema, { value: { case: "tensorType", value } }),
  });
}

function wayAround(names: readonly string[], input: string): SamesightError {
  return new SamesightError(
    "invalid",
    `the cut at ${names.map((n) => `'${n}'`).join(", ")} leaves a way around it from input '${input}'`,
    { hint: "Add the tensors of the other branches to the cut." },
  );
}
