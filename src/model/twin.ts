import { create } from "@bufbuild/protobuf";
import type { TensorValue } from "../numerics/engine.js";
import { floatToHalf } from "../numerics/half.js";
import type { Random } from "../numerics/types.js";
import { valueInfo } from "../onnx/build.js";
import type { ModelProto } from "../onnx/onnx_pb.js";
import { GraphProtoSchema, ModelProtoSchema } from "../onnx/onnx_pb.js";
import type { Forward } from "./channels.js";
import { channelShape, channelSums, floatValues, measureChannels } from "./channels.js";
import type { GraphIndex } from "./graph.js";
import { indexGraph, readsOf } from "./graph.js";
import { readModel, writeModel } from "./read.js";
import type { Correction, TwinHealth } from "./recalibrate.js";
import { correctionOf, healthOf, recalibrateInto } from "./recalibrate.js";
import type { ShuffledConvolution } from "./shuffle.js";
import { shuffleWeights } from "./shuffle.js";

/**
 * The null twin of a network (METHOD.md M3): weights shuffled inside each tensor, then each convolution's output channels brought back to their
 * trained mean and standard deviation, level by level, each level measured with those before it already restored; about 8 images do. Names of
 * tensors stay, so the twin goes through the same pipeline. Costs some three forward passes over the images: a level is run from the outputs of
 * those before it, which are kept as long as a later level reads them.
 */
export async function recalibratedTwin(
  bytes: Uint8Array,
  forward: Forward,
  random: Random,
): Promise<{ model: Uint8Array; health: TwinHealth }> {
  const { model, convolutions } = shuffleWeights(readModel(bytes), random);
  const trained = await measureChannels(forward, bytes, convolutions);
  const levels = [...new Set(convolutions.map((c) => c.level))].sort((a, b) => a - b);
  const steps = planOf(model, convolutions, levels, forward.inputName);
  /** For each tensor made so far and still to be read: its value for each input. */
  const held = new Map<string, TensorValue[]>([[forward.inputName, [...forward.inputs]]]);
  for (const step of steps) {
    const kernel = await forward.engine.compile(writeModel(segment(model, step, held)));
    const made = new Map(step.convolutions.map((c) => [c.name, [] as TensorValue[]]));
    try {
      for (let i = 0; i < forward.inputs.length; i++) {
        const out = await kernel.run(Object.fromEntries(step.reads.map((name) => [name, held.get(name)![i]!])));
        for (const [name, values] of made) values.push(out[name]!);
      }
    } finally {
      await kernel.release();
    }
    for (const conv of step.convolutions) {
      const sums = channelSums(conv.channelAxis);
      const values = made.get(conv.name)!;
      for (const value of values) sums.add(value);
      const correction = correctionOf(trained.get(conv.name)!, sums.result());
      recalibrateInto(model, conv, correction);
      if (step.readLater.has(conv.name))
        held.set(
          conv.name,
          values.map((v) => corrected(v, conv, correction)),
        );
    }
    for (const name of held.keys()) if (!step.readLater.has(name)) held.delete(name);
  }
  const twin = writeModel(model);
  const health = healthOf(convolutions, trained, await measureChannels(forward, twin, convolutions));
  return { model: twin, health: { ...health, levels: levels.length } };
}

interface Step {
  readonly convolutions: readonly ShuffledConvolution[];
  /** Nodes from the tensors read to the level's outputs. */
  readonly nodes: ReadonlySet<object>;
  /** Outputs of earlier levels, or the network's input. */
  readonly reads: readonly string[];
  /** Tensors that later steps still read. */
  readonly readLater: ReadonlySet<string>;
}

function planOf(
  model: ModelProto,
  convolutions: readonly ShuffledConvolution[],
  levels: readonly number[],
  inputName: string,
): Step[] {
  const index = indexGraph(model.graph!);
  const cut = new Set([inputName]);
  const open: Omit<Step, "readLater">[] = [];
  for (const level of levels) {
    const convolutionsHere = convolutions.filter((c) => c.level === level);
    const names = convolutionsHere.map((c) => c.name);
    open.push({ convolutions: convolutionsHere, ...back(index, names, cut) });
    for (const name of names) cut.add(name);
  }
  return open.map((step, i) => ({ ...step, readLater: new Set(open.slice(i + 1).flatMap((s) => s.reads)) }));
}

/** Nodes behind `names` up to the tensors of `cut`, and which of those are read. */
function back(index: GraphIndex, names: readonly string[], cut: ReadonlySet<string>) {
  const nodes = new Set<object>();
  const reads = new Set<string>();
  const open = [...names];
  while (open.length > 0) {
    const name = open.pop()!;
    if (cut.has(name)) {
      reads.add(name);
      continue;
    }
    const node = index.producer.get(name);
    if (!node || nodes.has(node)) continue;
    nodes.add(node);
    open.push(...readsOf(node));
  }
  return { nodes, reads: [...reads] };
}

function segment(model: ModelProto, step: Step, held: ReadonlyMap<string, readonly TensorValue[]>): ModelProto {
  const graph = model.graph!;
  const nodes = indexGraph(graph).order.filter((n) => step.nodes.has(n));
  const read = new Set(nodes.flatMap(readsOf));
  const inputs = step.reads.map((name) => {
    const { type, dims } = held.get(name)![0]!;
    return valueInfo(
      name,
      type,
      dims.map((_, i) => `${name}/${i}`),
    );
  });
  return create(ModelProtoSchema, {
    irVersion: model.irVersion ?? 8n,
    opsetImport: model.opsetImport,
    functions: model.functions,
    graph: create(GraphProtoSchema, {
      name: "level",
      node: nodes,
      input: inputs,
      output: step.convolutions.map((c) => ({ name: c.name })),
      initializer: graph.initializer.filter((t) => read.has(t.name ?? "")),
      sparseInitializer: graph.sparseInitializer.filter((t) => read.has(t.values?.name ?? "")),
    }),
  });
}

/** The value that the recalibrated convolution would have given. */
function corrected(value: TensorValue, conv: ShuffledConvolution, { gain, shift }: Correction): TensorValue {
  const { channels, outer, inner } = channelShape(value.dims, conv.channelAxis);
  const source = floatValues(value);
  const data = new Float32Array(source.length);
  for (let block = 0, i = 0; block < outer * channels; block++) {
    const g = gain[block % channels]!;
    const s = shift[block % channels]!;
    for (const end = i + inner; i < end; i++) data[i] = g * source[i]! + s;
  }
  return value.type === "float16" ? { ...value, data: Uint16Array.from(data, floatToHalf) } : { ...value, data };
}
