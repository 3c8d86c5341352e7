import type { GraphIndex } from "./graph.js";
import { inputsOf, readsOf } from "./graph.js";

export interface Dominators {
  /** Live nodes' numbers in topological order, from 1; 0 is the input. */
  readonly number: ReadonlyMap<object, number>;
  /** Number of the last node that every path from the input to this one goes through. */
  readonly above: Int32Array;
}

/** Immediate dominators of an acyclic graph in one pass over its topological order (Cooper, Harvey & Kennedy 2001). */
export function dominatorsOf(index: GraphIndex): Dominators {
  const nodes = index.order.filter((n) => n.output.some((o) => index.live.has(o)));
  const number = new Map<object, number>(nodes.map((n, i) => [n, i + 1]));
  const above = new Int32Array(nodes.length + 1);
  const level = new Int32Array(nodes.length + 1);
  const jump = new Int32Array(nodes.length + 1);
  const sources = new Set(inputsOf(index.graph).map((i) => i.name ?? ""));
  for (const [i, node] of nodes.entries()) {
    let common = -1;
    for (const r of readsOf(node)) {
      if (!index.live.has(r)) continue;
      const from = sources.has(r) ? 0 : number.get(index.producer.get(r)!)!;
      common = common < 0 ? from : meet(common, from, above, level, jump);
    }
    const at = i + 1;
    const up = Math.max(0, common);
    above[at] = up;
    level[at] = level[up]! + 1;
    // skew-binary jump pointers (Myers 1983): a long chain with many branches stays logarithmic
    const far = jump[up]!;
    jump[at] = level[up]! - level[far]! === level[far]! - level[jump[far]!]! ? jump[far]! : up;
  }
  return { number, above };
}

function meet(a: number, b: number, above: Int32Array, level: Int32Array, jump: Int32Array): number {
  let x = a;
  let y = b;
  while (level[x]! > level[y]!) x = level[jump[x]!]! >= level[y]! ? jump[x]! : above[x]!;
  while (level[y]! > level[x]!) y = level[jump[y]!]! >= level[x]! ? jump[y]! : above[y]!;
  while (x !== y) {
    if (jump[x] !== jump[y]) {
      x = jump[x]!;
      y = jump[y]!;
    } else {
      x = above[x]!;
      y = above[y]!;
    }
  }
  return x;
}
