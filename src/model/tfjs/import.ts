import { SamesightError } from "../../errors.js";
import { nearestName } from "../../numerics/nearest.js";
import { modelBytes, valueInfo } from "../../onnx/build.js";
import { asValue, FOLDED_ONLY, fold } from "./fold.js";
import type { GraphModelJson, TfNode } from "./graph.js";
import { checkGraphModel, reference, text } from "./graph.js";
import type { Value } from "./lowering.js";
import { Lowering, naturalOrder, orderOf, PLANES } from "./lowering.js";
import { convolutions } from "./ops/conv.js";
import { elementwise } from "./ops/elementwise.js";
import { joins } from "./ops/join.js";
import { products } from "./ops/matmul.js";
import { reductions } from "./ops/reduce.js";
import { resizes } from "./ops/resize.js";
import type { Rules } from "./ops/rule.js";
import { unsupported } from "./ops/rule.js";
import { shapes } from "./ops/shape.js";
import { slices } from "./ops/slice.js";
import { sorted } from "./order.js";
import { refuseUnread } from "./refuse.js";
import { readWeights } from "./weights.js";

/** How a TensorFlow.js graph model is taken over. */
export interface ImportOptions {
  /** Node taken for the network's input, with its shape in TensorFlow's order; default: the graph's one placeholder. */
  readonly input?: { readonly name: string; readonly shape: readonly number[] };
  /** Nodes taken for the network's outputs; default: those that nothing reads. What they do not need is never looked at. */
  readonly outputs?: readonly string[];
}

/** An imported network as ONNX bytes, and what became of its tensors. */
export interface ImportResult {
  readonly bytes: Uint8Array;
  /** Transposes left in the graph. */
  readonly transposes: number;
  /** Axis order of each output: ONNX axis i is TensorFlow's axis order[i]. */
  readonly outputOrders: Readonly<Record<string, readonly number[]>>;
  /** Whether the graph takes any number of images at once; otherwise exactly one. */
  readonly batchFree: boolean;
}

const RULES: Rules = {
  ...convolutions,
  ...elementwise,
  ...shapes,
  ...joins,
  ...slices,
  ...reductions,
  ...resizes,
  ...products,
};

/** TensorFlow operators that are read, for the docs and for the test that must cover them all. */
export const IMPORTED_OPS: readonly string[] = [...Object.keys(RULES), ...FOLDED_ONLY, "Placeholder", "Const"].sort();

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
  for (const name of [input.name, ...outputs]) {
    if (byName.has(name)) continue;
    const near = nearestName(name, [...byName.keys()]);
    throw new SamesightError("unknown", `${where}: no node is called '${name}'`, {
      hint: near ? `Did you mean '${near}'?` : "Check the cut tensors.",
    });
  }
  const order = sorted(byName, outputs, input.name, where);
  refuseUnread(order, new Set(IMPORTED_OPS), input.name, where);

  const to = new Lowering(new Set(order.map((n) => n.name)));
  const values = new Map<string, Value[]>();
  const planes = input.shape.length === 4 && (input.shape[1] !== 3 || input.shape[3] === 3);
  to.current = input.name;
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
  const batchFree = !to.batchFixed;
  const orders: Record<string, readonly number[]> = {};
  for (const name of outputs) {
    const value = values.get(name)![0]!;
    orders[name] = orderOf(value);
    to.current = name;
    if (value.tensor !== name) to.emit("Identity", [to.asItLies(value)], name);
  }
  const dims = (values.get(input.name)![0]!.order.map((axis) => input.shape[axis]!) as (number | string)[]).map(
    (d, i) => (i === 0 && batchFree ? "batch" : d),
  );
  const bytes = modelBytes({
    nodes: to.nodes,
    initializers: to.initializers,
    inputs: [valueInfo(inputName, "float32", dims)],
    outputs,
  });
  return { bytes, transposes: to.transposes, outputOrders: orders, batchFree };
}

function lower(node: TfNode, values: ReadonlyMap<string, Value[]>, to: Lowering, where: string): Value[] {
  const inputs = (node.input ?? [])
    .map(reference)
    .filter((r) => r !== undefined)
    .map((r) => values.get(r.name)![r.output]!);
  try {
    const folded = fold(node, inputs);
    if (folded) return [folded];
    if (node.op === "Const") throw unsupported(node, "a constant without a weight");
    if (node.op === "Placeholder") throw unsupported(node, "a second input");
    const rule = RULES[node.op];
    if (!rule) throw unsupported(node, "depends on the image, and is read only where it can be computed beforehand");
    if (text(node, "data_format", "NHWC") !== "NHWC") throw unsupported(node, "a data format other than NHWC");
    to.current = node.name;
    return rule(node, inputs, to);
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
