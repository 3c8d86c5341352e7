import type { NodeProto } from "../onnx/onnx_pb.js";

type Reads = (node: NodeProto) => readonly string[];

/**
 * Nodes in an order in which every tensor is made before it is read (Kahn 1962), in time linear in the edges; shorter than `nodes` when
 * there is a cycle. An order that is already one is kept, so that listings follow the file.
 */
export function topologicalOrder(
  nodes: readonly NodeProto[],
  reads: Reads,
  producer: ReadonlyMap<string, NodeProto>,
  consumers: ReadonlyMap<string, readonly NodeProto[]>,
): readonly NodeProto[] {
  if (isOrdered(nodes, reads, producer)) return nodes;
  const waiting = new Map<NodeProto, number>();
  const order: NodeProto[] = [];
  for (const node of nodes) {
    const open = reads(node).filter((r) => producer.has(r)).length;
    waiting.set(node, open);
    if (open === 0) order.push(node);
  }
  for (let i = 0; i < order.length; i++) {
    for (const output of order[i]!.output) {
      if (output === "") continue;
      for (const next of consumers.get(output) ?? []) {
        const left = waiting.get(next)! - 1;
        waiting.set(next, left);
        if (left === 0) order.push(next);
      }
    }
  }
  return order;
}

function isOrdered(nodes: readonly NodeProto[], reads: Reads, producer: ReadonlyMap<string, NodeProto>): boolean {
  const made = new Set<string>();
  for (const node of nodes) {
    if (reads(node).some((r) => producer.has(r) && !made.has(r))) return false;
    for (const o of node.output) made.add(o);
  }
  return true;
}

/** Tensors of one cycle, each made from the next, among the nodes that no topological order reached. */
export function cycleAmong(
  nodes: readonly NodeProto[],
  ordered: ReadonlySet<NodeProto>,
  reads: Reads,
  producer: ReadonlyMap<string, NodeProto>,
): string[] {
  const step = new Map<NodeProto, number>();
  const path: string[] = [];
  let node = nodes.find((n) => !ordered.has(n))!;
  // a node that waits always waits for one that waits too, so the walk back must meet itself
  while (!step.has(node)) {
    step.set(node, path.length);
    const tensor = reads(node).find((r) => producer.has(r) && !ordered.has(producer.get(r)!))!;
    path.push(tensor);
    node = producer.get(tensor)!;
  }
  return path.slice(step.get(node)!);
}
