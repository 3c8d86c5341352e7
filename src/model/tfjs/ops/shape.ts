import { SamesightError } from "../../../errors.js";
import type { TfNode } from "../graph.js";
import { integer, integers } from "../graph.js";
import type { Lowering, Value } from "../lowering.js";
import { known, naturalOrder, PLANES } from "../lowering.js";
import { live, orderOf } from "./elementwise.js";
import type { Rule, Rules } from "./rule.js";
import { made } from "./rule.js";

const wrap = (axis: number, rank: number) => (axis < 0 ? axis + rank : axis);

const transpose: Rule = (node, [x, p]) => {
  const perm = known(p, node.name);
  const order = orderOf(x!).map((axis) => perm.indexOf(axis));
  return [{ ...x!, shape: perm.map((axis) => x!.shape[axis]!), order, batch: x!.batch && perm[0] === 0 }];
};

const reshape: Rule = (node, [x, s], to) => reshaped(x!, known(s, node.name), node, to);

/** Axis 0 stays free where it stays the batch: ONNX copies it for a 0. */
function reshaped(x: Value, wanted: readonly number[], node: TfNode, to: Lowering): Value[] {
  const count = x.shape.reduce((a, d) => a * d, 1);
  const rest = wanted.reduce((a, d) => (d === -1 ? a : a * d), 1);
  const shape = wanted.map((d) => (d === -1 ? count / rest : d));
  const keeps = x.batch && shape.length > 0 && shape[0] === x.shape[0];
  const target = to.ints(`${node.name}/shape`, keeps ? [0, ...shape.slice(1)] : shape);
  const flat = to.inOrder(x, naturalOrder(x.shape.length), node.name);
  return made(to.emit("Reshape", [flat, target], node.name), shape, naturalOrder(shape.length), keeps);
}

const concat: Rule = (node, inputs, to) => {
  const parts = inputs.slice(0, -1);
  const rank = parts[0]!.shape.length;
  const axis = wrap(known(inputs.at(-1), node.name)[0]!, rank);
  const order = orderOf(parts.find((v) => v.tensor) ?? parts[0]!);
  const names = parts.map((v) => to.inOrder(v, order, node.name));
  const shape = parts[0]!.shape.map((d, i) => (i === axis ? parts.reduce((a, v) => a + v.shape[i]!, 0) : d));
  return made(to.emit("Concat", names, node.name, { axis: order.indexOf(axis) }), shape, order, parts[0]!.batch);
};

function splitInto(x: Value, sizes: readonly number[], axis: number, node: TfNode, to: Lowering): Value[] {
  const order = orderOf(x);
  const names = sizes.map((_, i) => (i === 0 ? node.name : `${node.name}:${i}`));
  const outputs = to.emitMany("Split", [live(x, to, node), to.ints(`${node.name}/sizes`, sizes)], names, {
    axis: order.indexOf(axis),
  });
  return outputs.map((tensor, i) => ({
    tensor,
    shape: x.shape.map((d, a) => (a === axis ? sizes[i]! : d)),
    order,
    batch: x.batch,
  }));
}

const splitV: Rule = (node, [x, s, d], to) => {
  const axis = wrap(known(d, node.name)[0]!, x!.shape.length);
  const sizes = known(s, node.name);
  const fixed = sizes.reduce((a, n) => (n === -1 ? a : a + n), 0);
  return splitInto(
    x!,
    sizes.map((n) => (n === -1 ? x!.shape[axis]! - fixed : n)),
    axis,
    node,
    to,
  );
};

const split: Rule = (node, [d, x], to) => {
  const axis = wrap(known(d, node.name)[0]!, x!.shape.length);
  const parts = integer(node, "num_split", 1);
  return splitInto(
    x!,
    Array.from({ length: parts }, () => x!.shape[axis]! / parts),
    axis,
    node,
    to,
  );
};

const unpack: Rule = (node, [x], to) => {
  const axis = wrap(integer(node, "axis", 0), x!.shape.length);
  const shape = x!.shape.filter((_, i) => i !== axis);
  const parts = splitInto(
    { ...x!, tensor: to.inOrder(x!, naturalOrder(x!.shape.length), node.name), order: naturalOrder(x!.shape.length) },
    Array.from({ length: x!.shape[axis]! }, () => 1),
    axis,
    node,
    to,
  );
  const axes = to.ints(`${node.name}/axis`, [axis]);
  return parts.map((part, i) => ({
    tensor: to.emit("Squeeze", [part.tensor!, axes], `${node.name}/part${i}`),
    shape,
    order: naturalOrder(shape.length),
    batch: x!.batch && axis !== 0,
  }));
};

const pack: Rule = (node, inputs, to) => {
  const rank = inputs[0]!.shape.length;
  const axis = wrap(integer(node, "axis", 0), rank + 1);
  const axes = to.ints(`${node.name}/axis`, [axis]);
  const parts = inputs.map((v, i) =>
    to.emit("Unsqueeze", [to.inOrder(v, naturalOrder(rank), node.name), axes], `${node.name}/part${i}`),
  );
  const shape = [...inputs[0]!.shape.slice(0, axis), inputs.length, ...inputs[0]!.shape.slice(axis)];
  return made(
    to.emit("Concat", parts, node.name, { axis }),
    shape,
    naturalOrder(rank + 1),
    inputs[0]!.batch && axis !== 0,
  );
};

const pad: Rule = (node, [x, p, filler], to) => {
  const pads = known(p, node.name);
  const order = orderOf(x!);
  const laid = to.ints(`${node.name}/pads`, [...order.map((a) => pads[2 * a]!), ...order.map((a) => pads[2 * a + 1]!)]);
  const value = to.floats(`${node.name}/value`, [], Float32Array.of(filler ? filler.constant!.data[0]! : 0));
  const shape = x!.shape.map((d, a) => d + pads[2 * a]! + pads[2 * a + 1]!);
  return made(to.emit("Pad", [live(x!, to, node), laid, value], node.name), shape, order, x!.batch);
};

const slice: Rule = (node, [x, b, s], to) => {
  const begin = known(b, node.name);
  const size = known(s, node.name);
  const order = orderOf(x!);
  const axes = naturalOrder(begin.length).filter((a) => begin[a] !== 0 || (size[a] !== -1 && size[a] !== x!.shape[a]));
  const end = (a: number) => (size[a] === -1 ? x!.shape[a]! : begin[a]! + size[a]!);
  if (axes.length === 0) return [x!];
  const feeds = [
    to.ints(
      `${node.name}/from`,
      axes.map((a) => begin[a]!),
    ),
    to.ints(`${node.name}/to`, axes.map(end)),
    to.ints(
      `${node.name}/axes`,
      axes.map((a) => order.indexOf(a)),
    ),
  ];
  const shape = x!.shape.map((d, a) => (axes.includes(a) ? end(a) - begin[a]! : d));
  return made(to.emit("Slice", [live(x!, to, node), ...feeds], node.name), shape, order, x!.batch);
};

const stridedSlice: Rule = (node, [x, b, e, s], to) => {
  const mask = (key: string, axis: number) => ((integer(node, key, 0) >> axis) & 1) === 1;
  if (integer(node, "ellipsis_mask", 0) || integer(node, "new_axis_mask", 0)) {
    throw new SamesightError("unsupported", `node '${node.name}': StridedSlice with ellipsis or new axes`, {
      hint: "Cut the network before this node.",
    });
  }
  const [begin, end, step] = [known(b, node.name), known(e, node.name), known(s, node.name)];
  const axes = naturalOrder(begin.length);
  const order = orderOf(x!);
  const from = axes.map((a) => (mask("begin_mask", a) ? 0 : wrap(begin[a]!, x!.shape[a]!)));
  const until = axes.map((a) =>
    mask("shrink_axis_mask", a)
      ? from[a]! + 1
      : mask("end_mask", a)
        ? x!.shape[a]!
        : Math.min(x!.shape[a]!, wrap(end[a]!, x!.shape[a]!)),
  );
  const feeds = [from, until, axes.map((a) => order.indexOf(a)), step].map((list, i) =>
    to.ints(`${node.name}/slice${i}`, list),
  );
  const shape = x!.shape.map((d, a) => (a < axes.length ? Math.ceil((until[a]! - from[a]!) / step[a]!) : d));
  const cut = to.emit("Slice", [live(x!, to, node), ...feeds], `${node.name}/slice`);
  const gone = axes.filter((a) => mask("shrink_axis_mask", a));
  const value: Value = { tensor: cut, shape, order, batch: x!.batch && !gone.includes(0) };
  return gone.length === 0
    ? [value]
    : reshaped(
        value,
        shape.filter((_, a) => !gone.includes(a)),
        node,
        to,
      );
};

const expandDims: Rule = (node, [x, d], to) => {
  const axis = wrap(known(d, node.name)[0]!, x!.shape.length + 1);
  return reshaped(x!, [...x!.shape.slice(0, axis), 1, ...x!.shape.slice(axis)], node, to);
};

const squeeze: Rule = (node, [x], to) => {
  const axes = integers(node, "squeeze_dims").map((a) => wrap(a, x!.shape.length));
  return reshaped(
    x!,
    x!.shape.filter((d, i) => (axes.length > 0 ? !axes.includes(i) : d !== 1)),
    node,
    to,
  );
};

const tile: Rule = (node, [x, m], to) => {
  const times = known(m, node.name);
  const order = orderOf(x!);
  if (times.every((t) => t === 1)) return [x!];
  return made(
    to.emit(
      "Tile",
      [
        live(x!, to, node),
        to.ints(
          `${node.name}/times`,
          order.map((a) => times[a]!),
        ),
      ],
      node.name,
    ),
    x!.shape.map((d, a) => d * times[a]!),
    order,
    x!.batch,
  );
};

/** Reductions keep their place in the axis order, so a squeeze-and-excite branch needs no transpose. */
function reduce(op: string): Rule {
  return (node, [x, a], to) => {
    const rank = x!.shape.length;
    const axes = known(a, node.name).map((axis) => wrap(axis, rank));
    const keep = node.attr?.keep_dims?.b ?? false;
    const order = orderOf(x!);
    const left = naturalOrder(rank).filter((axis) => keep || !axes.includes(axis));
    const shape = left.map((axis) => (axes.includes(axis) ? 1 : x!.shape[axis]!));
    const laid = order.filter((axis) => left.includes(axis)).map((axis) => left.indexOf(axis));
    const physical = axes.map((axis) => order.indexOf(axis)).sort((p, q) => p - q);
    const inputs =
      op === "ReduceSum" ? [live(x!, to, node), to.ints(`${node.name}/axes`, physical)] : [live(x!, to, node)];
    const attributes = { keepdims: keep ? 1 : 0, ...(op === "ReduceSum" ? {} : { axes: physical }) };
    return made(to.emit(op, inputs, node.name, attributes), shape, laid, x!.batch && !axes.includes(0));
  };
}

function resize(mode: "linear" | "nearest"): Rule {
  return (node, [x, s], to) => {
    const [h, w] = known(s, node.name) as [number, number];
    const corners = node.attr?.align_corners?.b ?? false;
    const half = node.attr?.half_pixel_centers?.b ?? false;
    const scales = to.floats(`${node.name}/scales`, [4], Float32Array.of(1, 1, h / x!.shape[1]!, w / x!.shape[2]!));
    const out = to.emit("Resize", [to.inOrder(x!, PLANES, node.name), "", scales], node.name, {
      mode,
      coordinate_transformation_mode: corners ? "align_corners" : half ? "half_pixel" : "asymmetric",
      nearest_mode: corners || half ? "round_prefer_ceil" : "floor",
    });
    return made(out, [x!.shape[0]!, h, w, x!.shape[3]!], PLANES, x!.batch);
  };
}

const softmax: Rule = (node, [x], to) => {
  const order = orderOf(x!);
  return made(
    to.emit("Softmax", [live(x!, to, node)], node.name, { axis: order.indexOf(x!.shape.length - 1) }),
    x!.shape,
    order,
    x!.batch,
  );
};

const matmul: Rule = (node, [a, b, bias], to) => {
  const flag = (...keys: string[]) => (keys.some((k) => node.attr?.[k]?.b) ? 1 : 0);
  const feeds = [a!, b!].map((v) => to.inOrder(v, [0, 1], node.name));
  if (bias) feeds.push(to.inOrder(bias, [0], node.name));
  const [ta, tb] = [flag("transpose_a"), flag("transpose_b")];
  const shape = [a!.shape[ta ? 1 : 0]!, b!.shape[tb ? 0 : 1]!];
  return made(to.emit("Gemm", feeds, node.name, { transA: ta, transB: tb }), shape, [0, 1], a!.batch && !ta);
};

export const shapes: Rules = {
  Transpose: transpose,
  Reshape: reshape,
  ConcatV2: concat,
  SplitV: splitV,
  Split: split,
  Unpack: unpack,
  Pack: pack,
  Pad: pad,
  PadV2: pad,
  Slice: slice,
  StridedSlice: stridedSlice,
  ExpandDims: expandDims,
  Squeeze: squeeze,
  Tile: tile,
  Mean: reduce("ReduceMean"),
  Max: reduce("ReduceMax"),
  Min: reduce("ReduceMin"),
  Sum: reduce("ReduceSum"),
  ResizeBilinear: resize("linear"),
  ResizeNearestNeighbor: resize("nearest"),
  Softmax: softmax,
  MatMul: matmul,
};
