import { SamesightError } from "../../../errors.js";
import type { AttributeValue } from "../../../onnx/build.js";
import type { TfNode } from "../graph.js";
import type { Lowering, Value } from "../lowering.js";
import { leader, naturalOrder, orderOf } from "../lowering.js";
import { withAxis } from "./axes.js";
import type { Rule, Rules } from "./rule.js";
import { made, unsupported } from "./rule.js";

/** One ONNX operator, or several in a row; the last carries the node's name. */
function unary(
  ops: string | readonly string[],
  attributes: (node: TfNode) => Record<string, AttributeValue> = () => ({}),
): Rule {
  const chain = typeof ops === "string" ? [ops] : ops;
  return (node, [x], to) => {
    const tensor = chain.reduce(
      (from, op, i) => to.emit(op, [from], i === chain.length - 1 ? node.name : `${node.name}/${op}`, attributes(node)),
      to.asItLies(x!),
    );
    return made(tensor, x!.shape, orderOf(x!), x!.batch);
  };
}

/** NumPy's broadcasting, carried out in the axis order of the larger operand. */
function binary(op: string): Rule {
  return (node, inputs, to) => {
    const [names, like] = together(inputs.slice(0, 2), node, to);
    return made(to.emit(op, names, node.name), like.shape, like.order, like.batch);
  };
}

/** Operands with as many axes as the widest, in one axis order; and the shape that they broadcast to. */
function together(inputs: readonly Value[], node: TfNode, to: Lowering): [string[], Value] {
  const rank = Math.max(...inputs.map((v) => v.shape.length));
  const wide = inputs.map((v) => widened(v, rank, node, to));
  const order = orderOf(leader(wide));
  const names = wide.map((v) => to.inOrder(v, order, node.name));
  const shape = naturalOrder(rank).map((i) => Math.max(...wide.map((v) => v.shape[i]!)));
  return [names, { shape, order, batch: wide.some((v) => v.batch) }];
}

/** New axes come first, as NumPy puts them, but never before the batch. */
function widened(v: Value, rank: number, node: TfNode, to: Lowering): Value {
  const missing = rank - v.shape.length;
  if (missing === 0) return v;
  if (v.constant) {
    const shape = [...naturalOrder(missing).map(() => 1), ...v.shape];
    return { ...v, shape, order: naturalOrder(rank), constant: { ...v.constant, shape } };
  }
  const at = v.batch ? 1 : 0;
  return naturalOrder(missing).reduce((wide, i) => withAxis(wide, at, `${node.name}/widened${i}`, to), v);
}

function clip(node: TfNode, x: Value, low: number, high: number, to: Lowering): Value[] {
  const bounds = [low, high].map((b, i) => to.floats(`${node.name}/${i ? "max" : "min"}`, [], Float32Array.of(b)));
  return made(to.emit("Clip", [to.asItLies(x), ...bounds], node.name), x.shape, orderOf(x), x.batch);
}

const clipByValue: Rule = (node, [x, low, high], to) => {
  if (!low?.constant || !high?.constant) throw unsupported(node, "bounds that are not constant");
  return clip(node, x!, low.constant.data[0]!, high.constant.data[0]!, to);
};

const prelu: Rule = (node, [x, slope], to) => {
  const wide = widened(slope!, x!.shape.length, node, to);
  const feeds = [to.asItLies(x!), to.inOrder(wide, orderOf(x!), node.name)];
  return made(to.emit("PRelu", feeds, node.name), x!.shape, orderOf(x!), x!.batch);
};

const addN: Rule = (node, inputs, to) => {
  const [names, like] = together(inputs, node, to);
  return made(to.emit("Sum", names, node.name), like.shape, like.order, like.batch);
};

const square: Rule = (node, [x], to) => {
  const tensor = to.asItLies(x!);
  return made(to.emit("Mul", [tensor, tensor], node.name), x!.shape, orderOf(x!), x!.batch);
};

const squaredDifference: Rule = (node, inputs, to) => {
  const [names, like] = together(inputs, node, to);
  const difference = to.emit("Sub", names, `${node.name}/difference`);
  return made(to.emit("Mul", [difference, difference], node.name), like.shape, like.order, like.batch);
};

const softmax: Rule = (node, [x], to) => {
  const axis = orderOf(x!).indexOf(x!.shape.length - 1);
  return made(to.emit("Softmax", [to.asItLies(x!)], node.name, { axis }), x!.shape, orderOf(x!), x!.batch);
};

const same: Rule = (_node, [x]) => [x!];

/** Everything live is float32 here, so a cast to floats is nothing and any other changes values. */
const cast: Rule = (node, [x]) => {
  const to = node.attr?.DstT?.type;
  if (to !== "DT_FLOAT" && to !== 1) throw unsupported(node, "a cast of activations to another type than float");
  return [x!];
};

/** What a fused node does after its bias, under the node's own name. */
export function activate(kind: string, node: TfNode, x: Value, rest: readonly Value[], to: Lowering): Value[] {
  const rule = FUSED.has(kind) ? elementwise[kind] : undefined;
  if (!rule) {
    throw new SamesightError("unsupported", `node '${node.name}': fused with ${kind}`, {
      hint: "Cut the network before this node.",
    });
  }
  const alpha = node.attr?.leakyrelu_alpha;
  return rule({ name: node.name, op: kind, attr: alpha ? { alpha } : {} }, [x, ...rest], to);
}

const FUSED = new Set(["Relu", "Relu6", "Elu", "LeakyRelu", "Prelu", "Sigmoid", "Tanh"]);

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
  AddN: addN,
  SquaredDifference: squaredDifference,
  Relu: unary("Relu"),
  Relu6: (node, [x], to) => clip(node, x!, 0, 6, to),
  ClipByValue: clipByValue,
  LeakyRelu: unary("LeakyRelu", (node) => ({ alpha: { float: node.attr?.alpha?.f ?? 0.2 } })),
  Prelu: prelu,
  Elu: unary("Elu", () => ({ alpha: { float: 1 } })),
  Selu: unary("Selu"),
  Sigmoid: unary("Sigmoid"),
  Tanh: unary("Tanh"),
  Exp: unary("Exp"),
  Log: unary("Log"),
  Sqrt: unary("Sqrt"),
  Rsqrt: unary(["Sqrt", "Reciprocal"]),
  Reciprocal: unary("Reciprocal"),
  Square: square,
  Neg: unary("Neg"),
  Abs: unary("Abs"),
  Floor: unary("Floor"),
  Softplus: unary("Softplus"),
  Softmax: softmax,
  Cast: cast,
  Identity: same,
  StopGradient: same,
};
