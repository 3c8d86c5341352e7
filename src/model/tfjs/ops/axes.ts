import type { Lowering, Value } from "../lowering.js";
import { orderOf } from "../lowering.js";

/** Takes axes of size 1 out, where they lie: no transpose. */
export function withoutAxes(x: Value, gone: readonly number[], wish: string, to: Lowering): Value {
  if (gone.length === 0) return x;
  const order = orderOf(x);
  const left = x.shape.map((_, axis) => axis).filter((axis) => !gone.includes(axis));
  const physical = gone.map((axis) => order.indexOf(axis)).sort((a, b) => a - b);
  if (x.batch && gone.includes(0)) to.batchFixed = true;
  return {
    tensor: to.emit("Squeeze", [to.asItLies(x), to.ints(`${wish}/axes`, physical)], wish),
    shape: left.map((axis) => x.shape[axis]!),
    order: order.filter((axis) => left.includes(axis)).map((axis) => left.indexOf(axis)),
    batch: x.batch && !gone.includes(0),
  };
}

/** Puts a new axis of size 1 before axis `at`, physically before the axis that it precedes. */
export function withAxis(x: Value, at: number, wish: string, to: Lowering): Value {
  const order = orderOf(x);
  const physical = at < order.length ? order.indexOf(at) : order.length;
  const moved = order.map((axis) => (axis >= at ? axis + 1 : axis));
  if (x.batch && at === 0) to.batchFixed = true;
  return {
    tensor: to.emit("Unsqueeze", [to.asItLies(x), to.ints(`${wish}/axes`, [physical])], wish),
    shape: [...x.shape.slice(0, at), 1, ...x.shape.slice(at)],
    order: [...moved.slice(0, physical), at, ...moved.slice(physical)],
    batch: x.batch && at > 0,
  };
}
