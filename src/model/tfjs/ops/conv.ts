import type { TfNode } from "../graph.js";
import { integers, text, texts } from "../graph.js";
import type { Lowering, Value } from "../lowering.js";
import { known, PLANES, permuted } from "../lowering.js";
import { activate } from "./elementwise.js";
import type { Rule, Rules } from "./rule.js";
import { made, unsupported } from "./rule.js";

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
  if (!w?.constant || (bias && !bias.constant)) throw unsupported(node, "weights that are not constant");
  const [kh, kw, cin, last] = w.constant.shape as [number, number, number, number];
  const cout = depthwise ? cin * last : last;
  const group = depthwise ? cin : x!.shape[3]! / cin;
  const view = windowOf(node, [x!.shape[1]!, x!.shape[2]!], [kh, kw]);
  const laid = Float32Array.from(permuted(w.constant.data, w.constant.shape, depthwise ? [2, 3, 0, 1] : [3, 2, 0, 1]));
  const weights = to.floats(`${node.name}/weights`, [cout, depthwise ? 1 : cin, kh, kw], laid);
  const feeds = [to.inOrder(x!, PLANES, node.name), weights];
  if (bias) feeds.push(to.floats(`${node.name}/bias`, [cout], Float32Array.from(bias.constant!.data)));
  const activation = fused.find((f) => f !== "BiasAdd");
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

/** The gradient of a convolution: its SAME is that of the convolution which it turns round. */
const transposed: Rule = (node, [s, w, x], to) => {
  if (!w?.constant) throw unsupported(node, "weights that are not constant");
  const [, height, width, channels] = known(s, node.name) as [number, number, number, number];
  const [kh, kw] = w.constant.shape as [number, number];
  const view = windowOf(node, [height, width], [kh, kw]);
  const laid = Float32Array.from(permuted(w.constant.data, w.constant.shape, [3, 2, 0, 1]));
  const weights = to.floats(`${node.name}/weights`, [w.constant.shape[3]!, channels, kh, kw], laid);
  const extra = [height, width].map((size, i) => {
    const reach = ([kh, kw][i]! - 1) * view.dilations[i]! + 1;
    return size + view.pads[i]! + view.pads[i + 2]! - (x!.shape[i + 1]! - 1) * view.strides[i]! - reach;
  });
  const out = to.emit("ConvTranspose", [to.inOrder(x!, PLANES, node.name), weights], node.name, {
    kernel_shape: [kh, kw],
    strides: view.strides,
    dilations: view.dilations,
    pads: view.pads,
    output_padding: extra,
  });
  return made(out, [x!.shape[0]!, height, width, channels], PLANES, x!.batch);
};

function pool(op: "MaxPool" | "AveragePool"): Rule {
  return (node, [x], to) => {
    const size = integers(node, "ksize");
    const view = windowOf(node, [x!.shape[1]!, x!.shape[2]!], [size[1]!, size[2]!]);
    const attributes = { kernel_shape: [size[1]!, size[2]!], strides: view.strides, pads: view.pads };
    const counted = op === "AveragePool" ? { count_include_pad: 0 } : {};
    const out = to.emit(op, [to.inOrder(x!, PLANES, node.name)], node.name, { ...attributes, ...counted });
    return made(out, [x!.shape[0]!, ...view.out, x!.shape[3]!], PLANES, x!.batch);
  };
}

const batchNorm: Rule = (node, [x, ...rest], to) => {
  if (node.attr?.is_training?.b) throw unsupported(node, "batch statistics of training");
  const parts = ["scale", "offset", "mean", "variance"].map((part, i) => {
    const values = rest[i]?.constant;
    if (!values) throw unsupported(node, `a ${part} that is not constant`);
    return to.floats(`${node.name}/${part}`, [values.data.length], Float32Array.from(values.data));
  });
  const feeds = [to.inOrder(x!, PLANES, node.name), ...parts];
  const epsilon = { float: node.attr?.epsilon?.f ?? 1e-4 };
  return made(to.emit("BatchNormalization", feeds, node.name, { epsilon }), x!.shape, PLANES, x!.batch);
};

export const convolutions: Rules = {
  Conv2D: (node, inputs, to) => convolve(node, inputs, to, false),
  _FusedConv2D: (node, inputs, to) => convolve(node, inputs, to, false),
  DepthwiseConv2dNative: (node, inputs, to) => convolve(node, inputs, to, true),
  FusedDepthwiseConv2dNative: (node, inputs, to) => convolve(node, inputs, to, true),
  Conv2DBackpropInput: transposed,
  MaxPool: pool("MaxPool"),
  AvgPool: pool("AveragePool"),
  FusedBatchNorm: batchNorm,
  FusedBatchNormV2: batchNorm,
  FusedBatchNormV3: batchNorm,
};
