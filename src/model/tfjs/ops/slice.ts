import type { TfNode } from "../graph.js";
import { text } from "../graph.js";
import type { Lowering, Value } from "../lowering.js";
import { known, orderOf } from "../lowering.js";
import type { AxisSlice } from "../strides.js";
import { slicing } from "../strides.js";
import { withAxis, withoutAxes } from "./axes.js";
import type { Rule, Rules } from "./rule.js";
import { made, unsupported } from "./rule.js";

/** Axes kept whole are left out, so that a free batch stays free. */
function cut(x: Value, axes: readonly AxisSlice[], wish: string, to: Lowering): Value {
  const order = orderOf(x);
  const some = axes.flatMap((s, axis) =>
    s.from === 0 && s.step === 1 && s.count === x.shape[axis] ? [] : [{ ...s, axis }],
  );
  if (some.length === 0) return x;
  if (x.batch && some.some((s) => s.axis === 0)) to.batchFixed = true;
  // counting down past 0: an end of -1 would mean the last element
  const until = (s: AxisSlice, size: number) => {
    const end = s.from + s.count * s.step;
    return end < 0 ? -size - 1 : end;
  };
  const feeds = [
    some.map((s) => s.from),
    some.map((s) => until(s, x.shape[s.axis]!)),
    some.map((s) => order.indexOf(s.axis)),
    some.map((s) => s.step),
  ].map((list, i) => to.ints(`${wish}/${["from", "to", "axes", "steps"][i]}`, list));
  const shape = axes.map((s) => s.count);
  return { tensor: to.emit("Slice", [to.asItLies(x), ...feeds], wish), shape, order, batch: x.batch };
}

const slice: Rule = (node, [x, b, s], to) => {
  const begin = known(b, node.name);
  const size = known(s, node.name);
  const axes = begin.map((from, a) => ({
    from,
    step: 1,
    count: size[a] === -1 ? x!.shape[a]! - from : size[a]!,
    shrink: false,
  }));
  return [cut(x!, axes, node.name, to)];
};

const stridedSlice: Rule = (node, [x, b, e, s], to) => {
  const { axes, output } = slicing(node, x!.shape, known(b, node.name), known(e, node.name), known(s, node.name));
  const gone = axes.flatMap((a, i) => (a.shrink ? [i] : []));
  const fresh = output.flatMap((a, i) => (a === "new" ? [i] : []));
  const steps = [gone.length > 0, fresh.length > 0].filter(Boolean).length;
  let value = cut(x!, axes, steps === 0 ? node.name : `${node.name}/slice`, to);
  value = withoutAxes(value, gone, fresh.length === 0 ? node.name : `${node.name}/squeeze`, to);
  fresh.forEach((at, i) => {
    value = withAxis(value, at, i === fresh.length - 1 ? node.name : `${node.name}/new${i}`, to);
  });
  return [value];
};

function padded(node: TfNode, x: Value, pads: readonly number[], filler: number, mode: string, to: Lowering): Value[] {
  const order = orderOf(x);
  const laid = [...order.map((a) => pads[2 * a]!), ...order.map((a) => pads[2 * a + 1]!)];
  const feeds = [to.asItLies(x), to.ints(`${node.name}/pads`, laid)];
  if (mode === "constant") feeds.push(to.floats(`${node.name}/value`, [], Float32Array.of(filler)));
  const shape = x.shape.map((d, a) => d + pads[2 * a]! + pads[2 * a + 1]!);
  return made(to.emit("Pad", feeds, node.name, { mode }), shape, order, x.batch);
}

const pad: Rule = (node, [x, p, filler], to) => {
  if (filler && !filler.constant) throw unsupported(node, "a filler that is not constant");
  return padded(node, x!, known(p, node.name), filler?.constant?.data[0] ?? 0, "constant", to);
};

const mirrorPad: Rule = (node, [x, p], to) => {
  if (text(node, "mode", "REFLECT") !== "REFLECT") throw unsupported(node, "symmetric padding");
  return padded(node, x!, known(p, node.name), 0, "reflect", to);
};

export const slices: Rules = { Slice: slice, StridedSlice: stridedSlice, Pad: pad, PadV2: pad, MirrorPad: mirrorPad };
