import { SamesightError } from "../../../errors.js";
import type { TfNode } from "../graph.js";
import type { Lowering, Value } from "../lowering.js";

/** Lowers one TensorFlow node to ONNX; the values are the node's outputs in order. */
export type Rule = (node: TfNode, inputs: readonly Value[], to: Lowering) => Value[];
export type Rules = Readonly<Record<string, Rule>>;

/** The one output of a node: `shape` as TensorFlow sees it, `order` as ONNX holds it. */
export function made(tensor: string, shape: readonly number[], order: readonly number[], batch: boolean): Value[] {
  return [{ tensor, shape, order, batch }];
}

/** A known operator used in a way that is not read. */
export function unsupported(node: TfNode, what: string): SamesightError {
  return new SamesightError("unsupported", `node '${node.name}' (${node.op}): ${what}`, {
    hint: "Cut the network before this node.",
  });
}
