import type { TfNode } from "../graph.js";
import { texts } from "../graph.js";
import type { Lowering, Value } from "../lowering.js";
import { activate } from "./elementwise.js";
import type { Rule, Rules } from "./rule.js";
import { unsupported } from "./rule.js";

function product(node: TfNode, inputs: readonly Value[], wish: string, to: Lowering): Value {
  const [a, b, bias] = inputs;
  if (a!.shape.length !== 2 || b!.shape.length !== 2) throw unsupported(node, "a product of stacked matrices");
  const flag = (key: string) => (node.attr?.[key]?.b ? 1 : 0);
  const [transA, transB] = [flag("transpose_a"), flag("transpose_b")];
  const feeds = [a!, b!].map((v) => to.inOrder(v, [0, 1], node.name));
  if (bias) feeds.push(to.inOrder(bias, [0], node.name));
  if (a!.batch && transA) to.batchFixed = true;
  return {
    tensor: to.emit("Gemm", feeds, wish, { transA, transB }),
    shape: [a!.shape[transA ? 1 : 0]!, b!.shape[transB ? 0 : 1]!],
    order: [0, 1],
    batch: a!.batch && !transA,
  };
}

const fused: Rule = (node, inputs, to) => {
  const ops = texts(node, "fused_ops");
  const count = ops.includes("BiasAdd") ? 3 : 2;
  const activation = ops.find((f) => f !== "BiasAdd");
  const value = product(node, inputs.slice(0, count), activation ? `${node.name}/matmul` : node.name, to);
  return activation ? activate(activation, node, value, inputs.slice(count), to) : [value];
};

export const products: Rules = {
  MatMul: (node, inputs, to) => [product(node, inputs.slice(0, 2), node.name, to)],
  _FusedMatMul: fused,
};
