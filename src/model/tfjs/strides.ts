import type { TfNode } from "./graph.js";
import { integer } from "./graph.js";

/** What StridedSlice does to one axis of its input. */
export interface AxisSlice {
  readonly from: number;
  readonly step: number;
  /** How many are kept. */
  readonly count: number;
  /** The axis goes: one element was asked for. */
  readonly shrink: boolean;
}

export interface Slicing {
  /** One an input axis. */
  readonly axes: readonly AxisSlice[];
  /** The output's axes: the input axis that each comes from, or "new". */
  readonly output: readonly (number | "new")[];
}

/** TensorFlow's begin, end, step and its five masks -> what happens to each axis of a tensor of `shape`. */
export function slicing(
  node: TfNode,
  shape: readonly number[],
  begin: readonly number[],
  end: readonly number[],
  step: readonly number[],
): Slicing {
  const masked = (key: string, i: number) => ((integer(node, key, 0) >> i) & 1) === 1;
  const isNew = (i: number) => masked("new_axis_mask", i) && !masked("ellipsis_mask", i);
  const named = begin.filter((_, i) => !isNew(i) && !masked("ellipsis_mask", i)).length;
  const axes: AxisSlice[] = [];
  const output: (number | "new")[] = [];
  const whole = () => {
    output.push(axes.length);
    axes.push({ from: 0, step: 1, count: shape[axes.length]!, shrink: false });
  };
  begin.forEach((_, i) => {
    if (masked("ellipsis_mask", i)) {
      for (let n = shape.length - named; n > 0; n--) whole();
    } else if (isNew(i)) {
      output.push("new");
    } else {
      const shrink = masked("shrink_axis_mask", i);
      if (!shrink) output.push(axes.length);
      const bounds = { begin: begin[i]!, end: end[i]!, step: step[i]! };
      axes.push(axisSlice(shape[axes.length]!, bounds, masked("begin_mask", i), masked("end_mask", i), shrink));
    }
  });
  while (axes.length < shape.length) whole();
  return { axes, output };
}

function axisSlice(
  size: number,
  { begin, end, step }: { begin: number; end: number; step: number },
  fromStart: boolean,
  toEnd: boolean,
  shrink: boolean,
): AxisSlice {
  const wrap = (x: number) => (x < 0 ? x + size : x);
  if (shrink) return { from: wrap(begin), step: 1, count: 1, shrink };
  const [low, high] = step > 0 ? [0, size] : [-1, size - 1];
  const clamp = (x: number) => Math.min(high, Math.max(low, x));
  const from = fromStart ? (step > 0 ? low : high) : clamp(wrap(begin));
  const to = toEnd ? (step > 0 ? high : low) : clamp(wrap(end));
  return { from, step, count: Math.max(0, Math.ceil((to - from) / step)), shrink };
}
