import type { TfNode } from "../graph.js";
import { integer, integers } from "../graph.js";
import type { Lowering, Value } from "../lowering.js";
import { known, naturalOrder, orderOf, PLANES, wrapAxis } from "../lowering.js";
import { withAxis, withoutAxes } from "./axes.js";
import type { Rule, Rules } from "./rule.js";
import { made } from "./rule.js";

/** Only the book-keeping changes: the numbers stay where they are. */
const transpose: Rule = (node, [x, p], to) => {
  const perm = known(p, node.name);
  const order = orderOf(x!).map((axis) => perm.indexOf(axis));
  if (x!.batch && perm[0] !== 0) to.batchFixed = true;
  return [{ ...x!, shape: perm.map((axis) => x!.shape[axis]!), order, batch: x!.batch && perm[0] === 0 }];
};

/** Axis 0 stays free where it stays the batch: ONNX copies it for a 0. */
function reshaped(x: Value, wanted: readonly number[], node: TfNode, to: Lowering): Value[] {
  const count = x.shape.reduce((a, d) => a * d, 1);
  const rest = wanted.reduce((a, d) => (d === -1 ? a : a * d), 1);
  const shape = wanted.map((d) => (d === -1 ? count / rest : d));
  const keeps = x.batch && shape.length > 0 && shape[0] === x.shape[0];
  if (x.batch && !keeps) to.batchFixed = true;
  const target = to.ints(`${node.name}/shape`, keeps ? [0, ...shape.slice(1)] : shape);
  const flat = to.inOrder(x, naturalOrder(x.shape.length), node.name);
  return made(to.emit("Reshape", [flat, target], node.name), shape, naturalOrder(shape.length), keeps);
}

const expandDims: Rule = (node, [x, d], to) => [
  withAxis(x!, wrapAxis(known(d, node.name)[0]!, x!.shape.length + 1), node.name, to),
];

const squeeze: Rule = (node, [x], to) => {
  const axes = integers(node, "squeeze_dims").map((a) => wrapAxis(a, x!.shape.length));
  const ones = naturalOrder(x!.shape.length).filter((a) => x!.shape[a] === 1);
  return [withoutAxes(x!, axes.length > 0 ? axes : ones, node.name, to)];
};

const tile: Rule = (node, [x, m], to) => {
  const times = known(m, node.name);
  const order = orderOf(x!);
  const laid = order.map((axis) => times[axis]!);
  if (x!.batch && times[0] !== 1) to.batchFixed = true;
  const out = to.emit("Tile", [to.asItLies(x!), to.ints(`${node.name}/times`, laid)], node.name);
  const shape = x!.shape.map((d, axis) => d * times[axis]!);
  return made(out, shape, order, x!.batch);
};

/** Blocks of channels become pixels; TensorFlow counts row, column, channel, as ONNX's DCR does. */
const depthToSpace: Rule = (node, [x], to) => {
  const size = integer(node, "block_size", 2);
  const [n, h, w, c] = x!.shape as [number, number, number, number];
  const out = to.emit("DepthToSpace", [to.inOrder(x!, PLANES, node.name)], node.name, { blocksize: size });
  return made(out, [n, h * size, w * size, c / size ** 2], PLANES, x!.batch);
};

export const shapes: Rules = {
  Transpose: transpose,
  Reshape: (node, [x, s], to) => reshaped(x!, known(s, node.name), node, to),
  ExpandDims: expandDims,
  Squeeze: squeeze,
  Tile: tile,
  DepthToSpace: depthToSpace,
};
