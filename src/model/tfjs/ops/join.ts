import type { TfNode } from "../graph.js";
import { integer } from "../graph.js";
import type { Lowering, Value } from "../lowering.js";
import { known, leader, orderOf, wrapAxis } from "../lowering.js";
import { withAxis, withoutAxes } from "./axes.js";
import type { Rule, Rules } from "./rule.js";
import { made } from "./rule.js";

function joined(parts: readonly Value[], axis: number, node: TfNode, to: Lowering): Value[] {
  const order = orderOf(leader(parts));
  const names = parts.map((v) => to.inOrder(v, order, node.name));
  const shape = parts[0]!.shape.map((d, i) => (i === axis ? parts.reduce((a, v) => a + v.shape[i]!, 0) : d));
  const batch = parts.some((v) => v.batch);
  if (batch && axis === 0) to.batchFixed = true;
  return made(to.emit("Concat", names, node.name, { axis: order.indexOf(axis) }), shape, order, batch && axis !== 0);
}

const concat: Rule = (node, inputs, to) => {
  const parts = inputs.slice(0, -1);
  return joined(parts, wrapAxis(known(inputs.at(-1), node.name)[0]!, parts[0]!.shape.length), node, to);
};

const pack: Rule = (node, inputs, to) => {
  const axis = wrapAxis(integer(node, "axis", 0), inputs[0]!.shape.length + 1);
  const parts = inputs.map((v, i) => withAxis(v, axis, `${node.name}/part${i}`, to));
  return joined(parts, axis, node, to);
};

/** Output 0 carries the node's name, output i `name:i`. */
function parted(x: Value, sizes: readonly number[], axis: number, name: string, to: Lowering): Value[] {
  const order = orderOf(x);
  if (x.batch && axis === 0) to.batchFixed = true;
  const names = sizes.map((_, i) => (i === 0 ? name : `${name}:${i}`));
  const outputs = to.emitMany("Split", [to.asItLies(x), to.ints(`${name}/sizes`, sizes)], names, {
    axis: order.indexOf(axis),
  });
  return outputs.map((tensor, i) => ({
    tensor,
    shape: x.shape.map((d, a) => (a === axis ? sizes[i]! : d)),
    order,
    batch: x.batch && axis !== 0,
  }));
}

const splitV: Rule = (node, [x, s, d], to) => {
  const axis = wrapAxis(known(d, node.name)[0]!, x!.shape.length);
  const sizes = known(s, node.name);
  const rest = x!.shape[axis]! - sizes.reduce((a, n) => (n === -1 ? a : a + n), 0);
  return parted(
    x!,
    sizes.map((n) => (n === -1 ? rest : n)),
    axis,
    node.name,
    to,
  );
};

const split: Rule = (node, [d, x], to) => {
  const axis = wrapAxis(known(d, node.name)[0]!, x!.shape.length);
  const parts = integer(node, "num_split", 1);
  return parted(x!, new Array<number>(parts).fill(x!.shape[axis]! / parts), axis, node.name, to);
};

const unpack: Rule = (node, [x], to) => {
  const axis = wrapAxis(integer(node, "axis", 0), x!.shape.length);
  const parts = parted(x!, new Array<number>(x!.shape[axis]!).fill(1), axis, `${node.name}/parts`, to);
  return parts.map((part, i) => withoutAxes(part, [axis], i === 0 ? node.name : `${node.name}:${i}`, to));
};

export const joins: Rules = { ConcatV2: concat, Pack: pack, Split: split, SplitV: splitV, Unpack: unpack };
