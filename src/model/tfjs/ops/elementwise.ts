import { SamesightError } from "../../../errors.js";
import type { AttributeValue } from "../../../onnx/build.js";
import type { TfNode } from "../graph.js";
import type { Lowering, Value } from "../lowering.js";
import { naturalOrder } from "../lowering.js";
import type { Rule, Rules } from "./rule.js";
import { made } from "./rule.js";

function unary(op: string, attributes: (node: TfNode) => Record<string, AttributeValue> = () => ({})): Rule {
  return (node, [x], to) =>
    made(to.emit(op, [live(x!, to, node)], node.name, attributes(node)), x!.shape, orderOf(x!), x!.batch);
}

/** The ONNX tensor of a value as it lies; a constant becomes an initializer. */
export function live(value: Value, to: Lowering, node: TfNode): string {
  return value.tensor ?? to.inOrder(value, naturalOrder(value.shape.length), node.name);
}

export function orderOf(value: Value): readonly number[] {
  return value.tensor ? value.order : naturalOrder(value.shape.length);
}

/** NumPy's broadcasting, carried out in the axis order of the operand that lives. */
function binary(op: string): Rule {
  return (node, [a, b], to) => {
    const rank = Math.max(a!.shape.length, b!.shape.length);
    const wide = [a!, b!].map((v) => widened(v, rank, to, node));
    const lead = wide.find((v) => v.tensor && v.shape.length === rank) ?? wide[0]!;
    const order = orderOf(lead);
    const names = wide.map((v) => to.inOrder(v, order, node.name));
    const shape = naturalOrder(rank).map((i) => Math.max(wide[0]!.shape[i]!, wide[1]!.shape[i]!));
    return made(to.emit(op, names, node.name), shape, order, a!.batch || b!.batch);
  };
}

function widened(v: Value, rank: number, to: Lowering, node: TfNode): Value {
  const missing = rank - v.shape.length;
  if (missing === 0) return v;
  const shape = [...Array.from({ length: missing }, () => 1), ...v.shape];
  if (v.constant) return { ...v, shape, order: naturalOrder(rank), constant: { ...v.constant, shape } };
  const flat = to.inOrder(v, naturalOrder(v.shape.length), node.name);
  const axes = to.ints(`${node.name}/axes`, naturalOrder(missing));
  return {
    tensor: to.emit("Unsqueeze", [flat, axes], `${node.name}/widened`),
    shape,
    order: naturalOrder(rank),
    batch: false,
  };
}

const clip6: Rule = (node, [x], to) => {
  const low = to.floats(`${node.name}/min`, [], Float32Array.of(0));
  const high = to.floats(`${node.name}/max`, [], Float32Array.of(6));
  return made(to.emit("Clip", [live(x!, to, node), low, high], node.name), x!.shape, orderOf(x!), x!.batch);
};

const prelu: Rule = (node, [x, slope], to) => {
  const wide = widened(slope!, x!.shape.length, to, node);
  return made(
    to.emit("PRelu", [live(x!, to, node), to.inOrder(wide, orderOf(x!), node.name)], node.name),
    x!.shape,
    orderOf(x!),
    x!.batch,
  );
};

const sum: Rule = (node, inputs, to) => {
  const order = orderOf(inputs[0]!);
  const names = inputs.map((v) => to.inOrder(v, order, node.name));
  return made(to.emit("Sum", names, node.name), inputs[0]!.shape, order, inputs[0]!.batch);
};

/** What a fused node does after its bias, under the node's own name. */
export function activate(kind: string, node: TfNode, x: Value, rest: readonly Value[], to: Lowering): Value[] {
  const rule = elementwise[kind === "Prelu" ? "Prelu" : kind];
  if (!rule)
    throw new SamesightError("unsupported", `node '${node.name}': fused activation ${kind}`, {
      hint: "Cut the network before this node.",
    });
  const alpha = node.attr?.leakyrelu_alpha;
  return rule({ name: node.name, op: kind, attr: alpha ? { alpha } : {} }, [x, ...rest], to);
}

export const elementwise: Rules = {
  Add: binary("Add"),
  AddV2: binary("Add"),
  BiasAdd: binary("Add"),
  Sub: binary("Sub"),
  Mul: binary("Mul"),
  RealDiv: binary("Div"),
  Div: binary("Div"),
  Maximum: binary("Max"),
  Minimum: binary("Min"),
  Pow: binary("Pow"),
  AddN: sum,
  Relu: unary("Relu"),
  Relu6: clip6,
  LeakyRelu: unary("LeakyRelu", (node) => ({ alpha: { float: node.attr?.alpha?.f ?? 0.2 } })),
  Prelu: prelu,
  Elu: unary("Elu", () => ({ alpha: { float: 1 } })),
  Sigmoid: unary("Sigmoid"),
  Tanh: unary("Tanh"),
  Exp: unary("Exp"),
  Log: unary("Log"),
  Sqrt: unary("Sqrt"),
  Neg: unary("Neg"),
  Abs: unary("Abs"),
  Softplus: unary("Softplus"),
  Identity: (_node, [x]) => [x!],
};
