import type { TfNode } from "./graph.js";
import { integer, integers } from "./graph.js";
import type { Value } from "./lowering.js";
import { naturalOrder, permuted, wrapAxis } from "./lowering.js";
import { slicing } from "./strides.js";
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
  const folded = rule(constants as Constant[], node);
  return folded && asValue(folded);
}

/** Rules that only move values about and so serve floats too; arithmetic on floats is left to the runtime. */
const MOVES = new Set(["Cast", "ExpandDims", "Identity", "Reshape", "Squeeze", "Transpose"]);

export function asValue(c: Constant): Value {
  return { shape: c.shape, order: naturalOrder(c.shape.length), constant: c, batch: false };
}

type Rule = (c: Constant[], node: TfNode) => Constant | undefined;

const int = (shape: readonly number[], data: Iterable<number>): Constant => ({
  shape,
  kind: "int",
  data: Float64Array.from(data),
});

/** Equal shapes, or a scalar with anything: what shape arithmetic needs. */
const binary =
  (f: (a: number, b: number) => number): Rule =>
  ([a, b]) => {
    const long = a!.data.length >= b!.data.length ? a! : b!;
    if (Math.min(a!.data.length, b!.data.length) !== 1 && a!.shape.join() !== b!.shape.join()) return undefined;
    const at = (c: Constant, i: number) => c.data[c.data.length === 1 ? 0 : i]!;
    return int(
      long.shape,
      Array.from(long.data, (_, i) => f(at(a!, i), at(b!, i))),
    );
  };

const add = binary((a, b) => a + b);

const RULES: Readonly<Record<string, Rule>> = {
  Add: add,
  AddV2: add,
  Sub: binary((a, b) => a - b),
  Mul: binary((a, b) => a * b),
  FloorDiv: binary((a, b) => Math.floor(a / b)),
  Maximum: binary(Math.max),
  Minimum: binary(Math.min),
  Identity: ([a]) => a!,
  Cast: ([a], node) => {
    const to = node.attr?.DstT?.type;
    const float = to === "DT_FLOAT" || to === 1;
    return float
      ? { ...a!, kind: "float", data: Float32Array.from(a!.data) }
      : int(a!.shape, Array.from(a!.data, Math.trunc));
  },
  Pack: (cs, node) =>
    integer(node, "axis", 0) === 0
      ? int(
          [cs.length, ...cs[0]!.shape],
          cs.flatMap((c) => Array.from(c.data)),
        )
      : undefined,
  ConcatV2: (cs) => {
    const parts = cs.slice(0, -1);
    if (parts.some((c) => c.shape.length !== 1)) return undefined;
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
    const at = wrapAxis(axis!.data[0]!, a!.shape.length + 1);
    return { ...a!, shape: [...a!.shape.slice(0, at), 1, ...a!.shape.slice(at)] };
  },
  Transpose: ([a, perm]) => {
    const order = Array.from(perm!.data);
    const data = permuted(a!.data, a!.shape, order);
    return { ...a!, shape: order.map((i) => a!.shape[i]!), data: a!.kind === "float" ? Float32Array.from(data) : data };
  },
  Squeeze: ([a], node) => {
    const axes = integers(node, "squeeze_dims").map((x) => wrapAxis(x, a!.shape.length));
    return { ...a!, shape: a!.shape.filter((d, i) => (axes.length > 0 ? !axes.includes(i) : d !== 1)) };
  },
  StridedSlice: ([a, begin, end, step], node) => {
    if (a!.shape.length !== 1) return undefined;
    const { axes, output } = slicing(node, a!.shape, [...begin!.data], [...end!.data], [...step!.data]);
    const { from, step: by, count } = axes[0]!;
    const shape = output.map((axis) => (axis === "new" ? 1 : count));
    return int(
      shape,
      Array.from({ length: count }, (_, i) => a!.data[from + i * by]!),
    );
  },
  SparseToDense: ([indices, size, values, filler]) => {
    const data = new Float64Array(size!.data[0]!).fill(filler!.data[0]!);
    Array.from(indices!.data).forEach((at, i) => {
      data[at] = values!.data[values!.data.length === 1 ? 0 : i]!;
    });
    return int([data.length], data);
  },
};

/** Operators that are read where they can be folded and only there. */
export const FOLDED_ONLY: readonly string[] = ["FloorDiv", "Shape", "SparseToDense"];
