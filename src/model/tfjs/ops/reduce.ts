import { known, naturalOrder, orderOf, wrapAxis } from "../lowering.js";
import type { Rule, Rules } from "./rule.js";
import { made } from "./rule.js";

/** The axes that stay keep their places, so a squeeze-and-excite branch needs no transpose. */
function reduce(op: string): Rule {
  return (node, [x, a], to) => {
    const rank = x!.shape.length;
    const axes = known(a, node.name).map((axis) => wrapAxis(axis, rank));
    const keep = node.attr?.keep_dims?.b ?? false;
    const order = orderOf(x!);
    if (x!.batch && axes.includes(0)) to.batchFixed = true;
    const left = naturalOrder(rank).filter((axis) => keep || !axes.includes(axis));
    const shape = left.map((axis) => (axes.includes(axis) ? 1 : x!.shape[axis]!));
    const laid = order.filter((axis) => left.includes(axis)).map((axis) => left.indexOf(axis));
    const physical = axes.map((axis) => order.indexOf(axis)).sort((p, q) => p - q);
    // opset 17: ReduceSum takes its axes as a tensor, the others as an attribute
    const asInput = op === "ReduceSum";
    const feeds = [to.asItLies(x!), ...(asInput ? [to.ints(`${node.name}/axes`, physical)] : [])];
    const attributes = { keepdims: keep ? 1 : 0, ...(asInput ? {} : { axes: physical }) };
    return made(to.emit(op, feeds, node.name, attributes), shape, laid, x!.batch && !axes.includes(0));
  };
}

export const reductions: Rules = {
  Mean: reduce("ReduceMean"),
  Max: reduce("ReduceMax"),
  Min: reduce("ReduceMin"),
  Sum: reduce("ReduceSum"),
};
