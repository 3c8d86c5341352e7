import { SamesightError } from "../errors.js";
import type { ElementType } from "../numerics/engine.js";
import type { NodeProto } from "../onnx/onnx_pb.js";
import type { GraphIndex } from "./graph.js";
import { indexGraph, inputsOf, readsOf } from "./graph.js";
import { readPart, writeModel } from "./read.js";
import { tailOf } from "./split.js";
import { prunedTo } from "./taps.js";

/** A network cut at one tensor, so that it can go on from changed values of it. */
export interface Tail {
  /** From the image: the cut tensor, then `beside`. */
  readonly head: Uint8Array;
  /** Tensors of branches that go around the cut and meet its successors later; they are given as they were. */
  readonly beside: readonly string[];
  /** What is computed from the cut tensor: outputs of the network, or what its first selection (non-maximum suppression, top k) selects from. */
  readonly outputs: readonly string[];
  /** From the cut tensor and `beside`, with the types that the head gave them, to `outputs`. */
  tail(types: ReadonlyMap<string, ElementType>): Uint8Array;
}

/** Operators after which values are lists whose length and order hang on the values themselves: no distance is left between two of them. */
const SELECTIONS: ReadonlySet<string> = new Set([
  "NonMaxSuppression",
  "TopK",
  "NonZero",
  "ArgMax",
  "ArgMin",
  "Unique",
  "Multinomial",
]);

/**
 * Cuts at one tensor, wherever it lies: where it does not separate input from outputs, the other branches keep their own values (METHOD.md 1.5). Outputs that do
 * not depend on it are left out. Throws SamesightError `unknown` for a tensor that is not there, `unsupported` when nothing is computed from it.
 */
export function tailFrom(bytes: Uint8Array, tap: string): Tail {
  const model = readPart(bytes);
  const index = indexGraph(model.graph!);
  const after = madeFrom(index, [tap]);
  const outputs = lastTensors(index).filter((o) => after.has(o));
  if (outputs.length === 0) {
    throw new SamesightError("unsupported", `no output of the network is computed from '${tap}'`, {
      hint: "Choose an earlier layer.",
    });
  }
  const beside = frontier(index, tap, outputs, after);
  const cut = [tap, ...beside];
  return {
    head: writeModel(prunedTo(model, index, cut)),
    beside,
    outputs,
    tail: (types) => writeModel(tailOf(model, index, { cut, outputs, types })),
  };
}

/** Tensors that depend on any of `from`, by value or by shape; `from` themselves not. */
function madeFrom({ order }: GraphIndex, from: readonly string[]): Set<string> {
  const start = new Set(from);
  const made = new Set<string>();
  for (const node of order) {
    if (!readsOf(node).some((r) => start.has(r) || made.has(r))) continue;
    for (const o of node.output) if (o !== "" && !start.has(o)) made.add(o);
  }
  return made;
}

/** Outputs before any selection: the network's own, and in place of those behind a selection what the first one selects from. */
function lastTensors(index: GraphIndex): string[] {
  const selections = index.order.filter((n) => SELECTIONS.has(n.opType));
  const behind = madeFrom(
    index,
    selections.flatMap((n) => n.output.filter((o) => o !== "")),
  );
  for (const n of selections) for (const o of n.output) behind.add(o);
  const own = index.graph.output.map((o) => o.name ?? "").filter((o) => !behind.has(o));
  const first = selections.flatMap((n) => n.input.filter((i) => index.live.has(i) && !behind.has(i)));
  return [...new Set([...own, ...first])];
}

/** What the nodes between the cut and `outputs` read that is neither made from the cut nor constant. */
function frontier(index: GraphIndex, tap: string, outputs: readonly string[], after: ReadonlySet<string>): string[] {
  const inputs = inputsOf(index.graph).map((i) => i.name ?? "");
  const varying = madeFrom(index, inputs);
  const found = new Set<string>();
  const seen = new Set<NodeProto>();
  const open = [...outputs];
  while (open.length > 0) {
    const node = index.producer.get(open.pop()!);
    if (!node || seen.has(node)) continue;
    seen.add(node);
    for (const r of readsOf(node)) {
      if (r === tap) continue;
      if (after.has(r)) open.push(r);
      else if (varying.has(r)) found.add(r);
      else if (inputs.includes(r)) {
        throw new SamesightError("unsupported", `'${r}', the image, is read again behind the layer`, {
          hint: "Choose a later layer.",
        });
      }
    }
  }
  return [...found];
}
