import { SamesightError } from "../../errors.js";
import { modelBytes, valueInfo } from "../../onnx/build.js";
import { asValue, fold } from "./fold.js";
import type { GraphModelJson, TfNode } from "./graph.js";
import { checkGraphModel, reference, texts } from "./graph.js";
import type { Value } from "./lowering.js";
import { Lowering, naturalOrder, PLANES } from "./lowering.js";
import { convolutions } from "./ops/conv.js";
import { activate, elementwise } from "./ops/elementwise.js";
import type { Rules } from "./ops/rule.js";
import { shapes } from "./ops/shape.js";
import { readWeights } from "./weights.js";

export interface ImportOptions {
  /** Node taken for the network's input, with its shape in TensorFlow's order; default: the graph's one placeholder. */
  readonly input?: { readonly name: string; readonly shape: readonly number[] };
  /** Nodes taken for the network's outputs; default: those that nothing reads. What they do not need is never looked at. */
  readonly outputs?: readonly string[];
}

export interface ImportResult {
  readonly bytes: Uint8Array;
  /** Transposes left in the graph. */
  readonly transposes: number;
  /** Axis order of each output: ONNX axis i is TensorFlow's axis order[i]. */
  readonly outputOrders: Readonly<Record<string, readonly number[]>>;
}

const RULES: Rules = { ...convolutions, ...elementwise, ...shapes };

/** TensorFlow operators that are read, for the docs and for tests that must cover them all. */
export const IMPORTED_OPS: readonly string[] = Object.keys(RULES)
  .concat("_FusedMatMul", "Placeholder", "Const", "Shape")
  .sort();

/**
 * A TensorFlow.js graph model -> ONNX (opset 17): feature maps as NCHW, batch free, tensors under the names of the original's nodes.
 * Throws one SamesightError `unsupported` that names every operator not read, with the tensors at which the graph could be cut instead.
 */
export function importGraphModel(
  json: unknown,
  weights: Uint8Array,
  options: ImportOptions = {},
  where = "model.json",
): ImportResult {
  const model: GraphModelJson = checkGraphModel(json, where);
  const constants = readWeights(model.weightsManifest, weights, where);
  const byName = new Map(model.modelTopology.node.map((n) => [n.name, n]));
  const input = options.input ?? placeholder(model, where);
  const outputs = (options.outputs ?? leaves(model)).map((o) => o.replace(/:0$/, ""));
  for (const name of [input.name, ...outputs])
    if (!byName.has(name))
      throw new SamesightError("unknown", `${where}: no node is called '${name}'`, { hint: "Check the cut tensors." });
  const order = sorted(byName, outputs, input.name, where);
  refuseUnknown(order, byName, input.name, where);

  const to = new Lowering();
  const values = new Map<string, Value[]>();
  const planes = input.shape.length === 4 && input.shape[1] !== 3;
  const inputName = to.name(input.name);
  values.set(input.name, [
    { tensor: inputName, shape: input.shape, order: planes ? PLANES : naturalOrder(input.shape.length), batch: true },
  ]);
  for (const node of order) {
    if (values.has(node.name)) continue;
    const constant = constants.get(node.name);
    if (constant) values.set(node.name, [asValue(constant)]);
    else values.set(node.name, lower(node, values, to, where));
  }
  const orders: Record<string, readonly number[]> = {};
  for (const name of outputs) {
    const value = values.get(name)![0]!;
    orders[name] = value.order;
    if (value.tensor !== name) to.emit("Identity", [value.tensor!], name);
  }
  const dims = (values.get(input.name)![0]!.order.map((axis) => input.shape[axis]!) as (number | string)[]).map(
    (d, i) => (i === 0 ? "batch" : d),
  );
  const bytes = modelBytes({
    nodes: to.nodes,
    initializers: to.initializers,
    inputs: [valueInfo(inputName, "float32", dims)],
    outputs,
  });
  return { bytes, transposes: to.transposes, outputOrders: orders };
}

function lower(node: TfNode, values: ReadonlyMap<string, Value[]>, to: Lowering, where: string): Value[] {
  const inputs = (node.input ?? [])
    .map(reference)
    .filter((r) => r !== undefined)
    .map((r) => values.get(r.name)![r.output]!);
  try {
    const folded = fold(node, inputs);
    if (folded) return [folded];
    if (node.op !== "_FusedMatMul") return RULES[node.op]!(node, inputs, to);
    const [value] = RULES.MatMul!({ ...node, name: `${node.name}/matmul` }, inputs.slice(0, 3), to);
    const activation = texts(node, "fused_ops").find((f) => f !== "BiasAdd");
    return activation ? activate(activation, node, value!, inputs.slice(3), to) : [value!];
  } catch (cause) {
    if (cause instanceof SamesightError) throw cause;
    throw new SamesightError("invalid", `${where}: node '${node.name}' (${node.op}) does not fit its inputs`, {
      hint: "The graph is damaged; convert or fetch it again.",
      cause,
    });
  }
}

function placeholder(model: GraphModelJson, where: string): { name: string; shape: readonly number[] } {
  const found = model.modelTopology.node.filter((n) => n.op === "Placeholder");
  const shape = (found[0]?.attr?.shape?.shape?.dim ?? []).map((d, i) =>
    i === 0 && Number(d.size) < 1 ? 1 : Number(d.size),
  );
  if (found.length !== 1 || shape.length !== 4 || shape.some((d) => !(d > 0))) {
    throw new SamesightError("unsupported", `${where}: no single image input of fixed size`, {
      hint: "Name the input node and its shape (cut the preprocessing off).",
    });
  }
  return { name: found[0]!.name, shape };
}

function leaves(model: GraphModelJson): string[] {
  const read = new Set(model.modelTopology.node.flatMap((n) => (n.input ?? []).map((i) => reference(i)?.name)));
  return model.modelTopology.node
    .filter((n) => !read.has(n.name) && n.op !== "Const" && n.op !== "Placeholder")
    .map((n) => n.name);
}

/** Nodes that the outputs need, inputs first. Throws SamesightError `invalid` for a cycle, `missing` for an absent node. */
function sorted(
  byName: ReadonlyMap<string, TfNode>,
  outputs: readonly string[],
  input: string,
  where: string,
): TfNode[] {
  const done = new Map<string, boolean>();
  const out: TfNode[] = [];
  const open = outputs.map((name) => ({ name, leaving: false }));
  while (open.length > 0) {
    const { name, leaving } = open.pop()!;
    const node = byName.get(name);
    if (!node)
      throw new SamesightError("missing", `${where}: node '${name}' is read and not there`, {
        hint: "The graph is incomplete; fetch it again.",
      });
    if (leaving) {
      done.set(name, true);
      out.push(node);
      continue;
    }
    if (done.has(name)) {
      if (!done.get(name) && !isLoop(node))
        throw new SamesightError("invalid", `${where}: the graph has a cycle through '${name}'`, {
          hint: "Cut the network behind it.",
        });
      continue;
    }
    done.set(name, false);
    open.push({ name, leaving: true });
    if (name !== input)
      for (const i of node.input ?? []) {
        const r = reference(i);
        if (r && done.get(r.name) !== true) open.push({ name: r.name, leaving: false });
      }
  }
  return out;
}

function isLoop(node: TfNode): boolean {
  return ["Enter", "Exit", "Merge", "Switch", "NextIteration", "LoopCond"].includes(node.op);
}

function refuseUnknown(
  order: readonly TfNode[],
  byName: ReadonlyMap<string, TfNode>,
  input: string,
  where: string,
): void {
  const extra = new Set(["Const", "Shape", "Cast", "SparseToDense", "FloorDiv", "_FusedMatMul"]);
  const unknown = order.filter((n) => n.name !== input && !RULES[n.op] && !extra.has(n.op) && n.op !== "Placeholder");
  if (unknown.length === 0) return;
  const ops = [...new Set(unknown.map((n) => n.op))].sort();
  const bad = new Set(unknown.map((n) => n.name));
  const cuts = [...new Set(unknown.flatMap((n) => (n.input ?? []).map((i) => reference(i)?.name ?? "")))].filter(
    (n) => n && !bad.has(n) && byName.get(n)?.op !== "Const",
  );
  throw new SamesightError("unsupported", `${where}: ${ops.length} operators are not read: ${ops.join(", ")}`, {
    hint: `Cut the network at ${cuts
      .slice(0, 6)
      .map((c) => `'${c}'`)
      .join(", ")}${cuts.length > 6 ? ", ..." : ""}.`,
    details: { ops, cuts },
  });
}
