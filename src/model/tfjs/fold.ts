import type { TfNode } from "./graph.js";
import { integer, integers } from "./graph.js";
import type { Value } from "./lowering.js";
import { naturalOrder, permuted } from "./lowering.js";
import type { Constant } from "./weights.js";

/** Shape arithmetic done at import: integer subgraphs over constants, and Shape of anything. Undefined where the node is not of that kind. */
export function fold(node: TfNode, inputs: readonly Value[]): Value | undefined {
  if (node.op === "Shape")
    return asValue({ shape: [inputs[0]!.shape.length], kind: "int", data: Float64Array.from(inputs[0]!.shape) });
  const constants = inputs.map((v) => v.constant);
  if (constants.length === 0 || constants.some((c) => !c)) return undefined;
  const rule = RULES[node.op];
  const integersOnly = constants.every((c) => c!.kind === "int");
  if (!rule || (!integersOnly && !MOVES.has(node.op))) return undefined;
  return asValue(rule(constants as Constant[], node));
}

/** Rules that only move values about and so serve floats too; arithmetic on floats is left to the runtime. */
const MOVES = new Set(["Cast", "ExpandDims", "Identity", "Reshape", "Squeeze", "Transpose"]);

export function asValue(c: Constant): Value {
  return { shape: c.shape, order: naturalOrder(c.shape.length), constant: c, batch: false };
}

type Rule = (c: Constant[], node: TfNode) => Constant;

const int = (shape: readonly number[], data: Iterable<number>): Constant => ({
  shape,
  kind: "int",
  data: Float64Array.from(data),
});

const binary =
  (f: (a: number, b: number) => number): Rule =>
  ([a, b]) => {
    const n = Math.max(a!.data.length, b!.data.length);
    const at = (c: Constant, i: number) => c.data[c.data.length === 1 ? 0 : i]!;
    return int(
      a!.data.length >= b!.data.length ? a!.shape : b!.shape,
      Array.from({ length: n }, (_, i) => f(at(a!, i), at(b!, i))),
    );
  };

const add = binary((a, b) => a + b);

const RULES: Readonly<Record<string, Rule>> = {
  Add: add,
  AddV2: add,
  Sub: binary((a, b) => a - b),
  Mul: binary((a, b) => a * b),
  FloorDiv: binary((a, b) => Math.floor(a / b)),
  Identity: ([a]) => a!,
  Cast: ([a], node) => {
    const to = node.attr?.DstT?.type;
    const float = to === "DT_FLOAT" || to === 1;
    return float
      ? { ...a!, kind: "float", data: Float32Array.from(a!.data) }
      : int(a!.shape, Array.from(a!.data, Math.trunc));
  },
  Pack: (cs) =>
    int(
      [cs.length, ...cs[0]!.shape],
      cs.flatMap((c) => Array.from(c.data)),
    ),
  ConcatV2: (cs) => {
    const parts = cs.slice(0, -1);
    const data = parts.flatMap((c) => Array.from(c.data));
    return int([data.length], data);
  },
  Reshape: ([a, s]) => {
    const shape = Array.from(s!.data);
    const free = shape.indexOf(-1);
    if (free >= 0) shape[free] = a!.data.length / shape.reduce((p, d) => (d === -1 ? p : p * d), 1);
    return { ...a!, shape };
  },
  ExpandDims: ([a, axis]) => {
    const at = axis!.data[0]! < 0 ? axis!.data[0]! + a!.shape.length + 1 : axis!.data[0]!;
    return { ...a!, shape: [...a!.shape.slice(0, at), 1, ...a!.shape.slice(at)] };
  },
  Transpose: ([a, perm]) => {
    const order = Array.from(perm!.data);
    const data = permuted(a!.data, a!.shape, order);
    return { ...a!, shape: order.map((i) => a!.shape[i]!), data: a!.kind === "float" ? Float32Array.from(data) : data };
  },
  Squeeze: ([a], node) => {
    const axes = integers(node, "squeeze_dims").map((x) => (x < 0 ? x + a!.shape.length : x));
    return { ...a!, shape: a!.shape.filter((d, i) => (axes.length > 0 ? !axes.includes(i) : d !== 1)) };
  },
  StridedSlice: ([a, begin, end, step], node) => {
    const masked = (key: string) => (integer(node, key, 0) & 1) === 1;
    const n = a!.data.length;
    const wrap = (x: number) => Math.min(n, Math.max(0, x < 0 ? x + n : x));
    const from = masked("begin_mask") ? 0 : wrap(begin!.data[0]!);
    if (masked("shrink_axis_mask")) return int([], [a!.data[from]!]);
    const to = masked("end_mask") ? n : wrap(end!.data[0]!);
    const data = Array.from(a!.data)
      .slice(from, to)
      .filter((_, i) => i % (step!.data[0] ?? 1) === 0);
    return int([data.length], data);
  },
  SparseToDense: ([indices, size, values, filler]) => {
    const data = new Float64Array(size!.data[0]!).fill(filler!.data[0]!);
    Array.from(indices!.data).forEach((at, i) => {
      data[at] = values!.data[values!.data.length === 1 ? 0 : i]!;
    });
    return int([data.length], data);
  },
};
