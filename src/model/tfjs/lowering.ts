import { SamesightError } from "../../errors.js";
import type { TensorValue } from "../../numerics/engine.js";
import type { AttributeValue } from "../../onnx/build.js";
import { constant, ints, node } from "../../onnx/build.js";
import type { NodeProto, TensorProto } from "../../onnx/onnx_pb.js";
import type { Constant } from "./weights.js";

/**
 * A tensor on its way from TensorFlow to ONNX. `shape` is TensorFlow's (with batch 1); the ONNX tensor may hold the axes in another order:
 * its axis i is TensorFlow's axis `order[i]`. So an NHWC feature map lives as NCHW, and a TensorFlow Transpose costs nothing.
 */
export interface Value {
  readonly shape: readonly number[];
  readonly order: readonly number[];
  readonly tensor?: string;
  readonly constant?: Constant;
  /** Whether axis 0 of `shape` is the batch, free in ONNX. */
  readonly batch: boolean;
}

export const PLANES = [0, 3, 1, 2] as const;

export function naturalOrder(rank: number): number[] {
  return Array.from({ length: rank }, (_, i) => i);
}

export function sameOrder(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((x, i) => x === b[i]);
}

/** Collects the ONNX graph while the operators are lowered one by one. */
export class Lowering {
  readonly nodes: NodeProto[] = [];
  readonly initializers: TensorProto[] = [];
  private readonly used = new Set<string>();
  private readonly laid = new Map<string, string>();
  private count = 0;
  transposes = 0;
  /** Set by an operator that moves or merges axis 0: the graph then takes one image at a time. */
  batchFixed = false;
  /** The original's node being lowered: only it may take its own name. */
  current = "";

  /** `originals` are the names of the nodes imported, kept free for their own tensors. */
  constructor(private readonly originals: ReadonlySet<string> = new Set()) {}

  /** A name not used before; the wish itself where it is free. */
  name(wish: string): string {
    let name = wish;
    while (this.used.has(name) || (name !== this.current && this.originals.has(name)))
      name = `${wish}/_${++this.count}`;
    this.used.add(name);
    return name;
  }

  emit(op: string, inputs: readonly string[], wish: string, attributes: Record<string, AttributeValue> = {}): string {
    const output = this.name(wish);
    this.nodes.push(node(op, inputs, [output], attributes));
    return output;
  }

  emitMany(
    op: string,
    inputs: readonly string[],
    wishes: readonly string[],
    attributes: Record<string, AttributeValue> = {},
  ): string[] {
    const outputs = wishes.map((w) => this.name(w));
    this.nodes.push(node(op, inputs, outputs, attributes));
    return outputs;
  }

  floats(wish: string, dims: readonly number[], data: Float32Array): string {
    const name = this.name(wish);
    this.initializers.push(constant(name, { type: "float32", dims, data }));
    return name;
  }

  ints(wish: string, values: readonly number[]): string {
    const name = this.name(wish);
    this.initializers.push(ints(name, [values.length], values));
    return name;
  }

  /** The ONNX tensor of a value with its axes in `order`: constants are permuted now, live tensors by a Transpose that is shared. */
  inOrder(value: Value, order: readonly number[], wish: string): string {
    if (value.constant) return this.constantInOrder(value.constant, order, wish);
    if (sameOrder(value.order, order)) return value.tensor!;
    const key = `${value.tensor} ${order.join()}`;
    const known = this.laid.get(key);
    if (known) return known;
    const out = this.moved(value, order, `${value.tensor}/order${order.join("")}`);
    this.laid.set(key, out);
    return out;
  }

  /** Where only axes of size 1 change places no number moves, and a Reshape does. */
  private moved(value: Value, order: readonly number[], wish: string): string {
    const heavy = (o: readonly number[]) =>
      o.filter((axis) => value.shape[axis] !== 1 || (value.batch && axis === 0)).join();
    const batchFirst = !value.batch || (order[0] === 0 && value.order[0] === 0);
    if (batchFirst && heavy(order) === heavy(value.order)) {
      const dims = order.map((axis) => (value.batch && axis === 0 ? 0 : value.shape[axis]!));
      return this.emit("Reshape", [value.tensor!, this.ints(`${wish}/shape`, dims)], wish);
    }
    this.transposes++;
    return this.emit("Transpose", [value.tensor!], wish, { perm: order.map((axis) => value.order.indexOf(axis)) });
  }

  /** The tensor of a value as it lies; a constant becomes an initializer in TensorFlow's order. */
  asItLies(value: Value): string {
    return value.tensor ?? this.inOrder(value, naturalOrder(value.shape.length), this.current);
  }

  private constantInOrder(c: Constant, order: readonly number[], wish: string): string {
    const data = permuted(c.data, c.shape, order);
    const dims = order.map((axis) => c.shape[axis]!);
    const name = this.name(`${wish}/constant`);
    const value: TensorValue =
      c.kind === "float"
        ? { type: "float32", dims, data: Float32Array.from(data) }
        : { type: "int64", dims, data: BigInt64Array.from(Array.from(data, (x) => BigInt(x))) };
    this.initializers.push(constant(name, value));
    return name;
  }
}

export function orderOf(value: Value): readonly number[] {
  return value.tensor ? value.order : naturalOrder(value.shape.length);
}

/** The operand whose axis order the others take: the largest that lives, so that what moves is small. */
export function leader(values: readonly Value[]): Value {
  const size = (v: Value) => (v.tensor ? v.shape.reduce((a, d) => a * d, 1) : 0);
  return values.reduce((best, v) => (size(v) > size(best) ? v : best));
}

export function wrapAxis(axis: number, rank: number): number {
  return axis < 0 ? axis + rank : axis;
}

/** Axes of an array laid in another order. */
export function permuted(data: ArrayLike<number>, shape: readonly number[], order: readonly number[]): Float64Array {
  const out = new Float64Array(data.length);
  const strides = shape.map((_, i) => shape.slice(i + 1).reduce((a, d) => a * d, 1));
  const dims = order.map((axis) => shape[axis]!);
  const index = new Int32Array(dims.length);
  let from = 0;
  for (let i = 0; i < out.length; i++) {
    out[i] = data[from]!;
    for (let axis = dims.length - 1; axis >= 0; axis--) {
      from += strides[order[axis]!]!;
      if (++index[axis]! < dims[axis]!) break;
      from -= strides[order[axis]!]! * dims[axis]!;
      index[axis] = 0;
    }
  }
  return out;
}

/** The integers of a value that must be known: shapes, axes, paddings. Throws SamesightError `unsupported` when it depends on the image. */
export function known(value: Value | undefined, where: string): number[] {
  if (!value?.constant)
    throw new SamesightError("unsupported", `${where}: a shape or axis depends on the image`, {
      hint: "Cut the network before this node.",
    });
  return Array.from(value.constant.data);
}
