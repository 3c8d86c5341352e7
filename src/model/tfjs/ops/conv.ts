import { SamesightError } from "../../../errors.js";
import type { TfNode } from "../graph.js";
import { integers, text, texts } from "../graph.js";
import type { Lowering, Value } from "../lowering.js";
import { PLANES, permuted } from "../lowering.js";
import { activate } from "./elementwise.js";
import type { Rules } from "./rule.js";
import { made } from "./rule.js";

interface Window {
  readonly strides: readonly [number, number];
  readonly dilations: readonly [number, number];
  /** top, left, bottom, right */
  readonly pads: readonly [number, number, number, number];
  readonly out: readonly [number, number];
}

/** TensorFlow's SAME: output ceil(in / stride), the odd pixel of padding at the bottom and right. */
export function windowOf(node: TfNode, size: readonly [number, number], kernel: readonly [number, number]): Window {
  const pair = (key: string): [number, number] => {
    const list = integers(node, key);
    return list.length === 4 ? [list[1]!, list[2]!] : [1, 1];
  };
  if (text(node, "data_format", "NHWC") !== "NHWC") {
    throw new SamesightError("unsupported", `node '${node.name}': data format ${text(node, "data_format", "")}`, {
      hint: "Only NHWC graph models are read.",
    });
  }
  const strides = pair("strides");
  const dilations = pair("dilations");
  const padding = text(node, "padding", "VALID");
  const explicit = integers(node, "explicit_paddings");
  const axes = [0, 1].map((i) => {
    const reach = (kernel[i]! - 1) * dilations[i]! + 1;
    if (padding === "EXPLICIT") return { low: explicit[2 + 2 * i] ?? 0, high: explicit[3 + 2 * i] ?? 0, reach };
    if (padding === "VALID") return { low: 0, high: 0, reach };
    const total = Math.max(0, (Math.ceil(size[i]! / strides[i]!) - 1) * strides[i]! + reach - size[i]!);
    return { low: Math.floor(total / 2), high: Math.ceil(total / 2), reach };
  });
  const out = axes.map((a, i) => Math.floor((size[i]! + a.low + a.high - a.reach) / strides[i]!) + 1);
  return {
    strides,
    dilations,
    pads: [axes[0]!.low, axes[1]!.low, axes[0]!.high, axes[1]!.high],
    out: [out[0]!, out[1]!],
  };
}

function convolve(node: TfNode, inputs: readonly Value[], to: Lowering, depthwise: boolean): Value[] {
  const [x, w, ...extra] = inputs;
  const fused = texts(node, "fused_ops");
  const bias = fused.includes("BiasAdd") ? extra[0] : undefined;
  if (!w?.constant)
    throw new SamesightError("unsupported", `node '${node.name}': weights that are not constant`, {
      hint: "Freeze the graph before converting it.",
    });
  const [kh, kw, cin, last] = w.constant.shape as [number, number, number, number];
  const cout = depthwise ? cin * last : last;
  const group = depthwise ? cin : x!.shape[3]! / cin;
  const view = windowOf(node, [x!.shape[1]!, x!.shape[2]!], [kh, kw]);
  const laid = Float32Array.from(permuted(w.constant.data, w.constant.shape, depthwise ? [2, 3, 0, 1] : [3, 2, 0, 1]));
  const weights = to.floats(`${node.name}/weights`, [cout, depthwise ? 1 : cin, kh, kw], laid);
  const feeds = [to.inOrder(x!, PLANES, node.name), weights];
  if (bias) feeds.push(to.floats(`${node.name}/bias`, [cout], Float32Array.from(bias.constant!.data)));
  const activation = fused.find((f) => f !== "BiasAdd" && f !== "FusedBatchNorm");
  const attributes = {
    kernel_shape: [kh, kw],
    strides: view.strides,
    dilations: view.dilations,
    pads: view.pads,
    group,
  };
  const conv = to.emit("Conv", feeds, activation ? `${node.name}/conv` : node.name, attributes);
  const shape = [x!.shape[0]!, ...view.out, cout];
  const value: Value = { tensor: conv, shape, order: PLANES, batch: x!.batch };
  return activation ? activate(activation, node, value, extra.slice(bias ? 1 : 0), to) : [value];
}

function pool(op: "MaxPool" | "AveragePool", node: TfNode, x: Value, to: Lowering): Value[] {
  const size = integers(node, "ksize");
  const view = windowOf(node, [x.shape[1]!, x.shape[2]!], [size[1]!, size[2]!]);
  const attributes = { kernel_shape: [size[1]!, size[2]!], strides: view.strides, pads: view.pads };
  const out = to.emit(
    op,
    [to.inOrder(x, PLANES, node.name)],
    node.name,
    op === "MaxPool" ? attributes : { ...attributes, count_include_pad: 0 },
  );
  return made(out, [x.shape[0]!, ...view.out, x.shape[3]!], PLANES, x.batch);
}

export const convolutions: Rules = {
  Conv2D: (node, inputs, to) => convolve(node, inputs, to, false),
  _FusedConv2D: (node, inputs, to) => convolve(node, inputs, to, false),
  DepthwiseConv2dNative: (node, inputs, to) => convolve(node, inputs, to, true),
  FusedDepthwiseConv2dNative: (node, inputs, to) => convolve(node, inputs, to, true),
  MaxPool: (node, [x], to) => pool("MaxPool", node, x!, to),
  AvgPool: (node, [x], to) => pool("AveragePool", node, x!, to),
  ...Object.fromEntries(
    ["FusedBatchNorm", "FusedBatchNormV2", "FusedBatchNormV3"].map((op) => [
      op,
      (node: TfNode, [x, ...rest]: readonly Value[], to: Lowering) => {
        const parts = ["scale", "offset", "mean", "variance"].map((part, i) => {
          const data = Float32Array.from(rest[i]!.constant!.data);
          return to.floats(`${node.name}/${part}`, [data.length], data);
        });
        const epsilon = { float: node.attr?.epsilon?.f ?? 1e-4 };
        return made(
          to.emit("BatchNormalization", [to.inOrder(x!, PLANES, node.name), ...parts], node.name, { epsilon }),
          x!.shape,
          PLANES,
          x!.batch,
        );
      },
    ]),
  ),
};
