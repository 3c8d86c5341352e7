import { SamesightError } from "../errors.js";
import type { GraphProto, NodeProto, ValueInfoProto } from "../onnx/onnx_pb.js";
import { cycleAmong, topologicalOrder } from "./order.js";

/** A graph with its tensors looked up: who makes each, who uses each, and an order in which all can be made. */
export interface GraphIndex {
  readonly graph: GraphProto;
  /** Nodes in topological order; the file's own order where that is one. */
  readonly order: readonly NodeProto[];
  readonly producer: ReadonlyMap<string, NodeProto>;
  /** Each node once for every different tensor it reads. */
  readonly consumers: ReadonlyMap<string, readonly NodeProto[]>;
  readonly initializers: ReadonlySet<string>;
  /** Tensors whose values depend on the network's input; the others are constants or shapes. */
  readonly live: ReadonlySet<string>;
}

/** Operators that look at the size of a tensor only: what they make is no feature. */
const SHAPE_ONLY: ReadonlySet<string> = new Set(["Shape", "Size"]);

/** Inputs that are not initializers (old IR versions list both). */
export function inputsOf(graph: GraphProto): ValueInfoProto[] {
  const constants = initializerNames(graph);
  return graph.input.filter((i) => !constants.has(i.name ?? ""));
}

function initializerNames(graph: GraphProto): Set<string> {
  const names = new Set(graph.initializer.map((t) => t.name ?? ""));
  for (const t of graph.sparseInitializer) names.add(t.values?.name ?? "");
  return names;
}

/** Subgraphs of a node (If, Loop, Scan). */
export function subgraphsOf(node: NodeProto): GraphProto[] {
  return node.attribute.flatMap((a) => (a.g ? [a.g, ...a.graphs] : a.graphs));
}

/** Different tensors a node reads, those that its subgraphs take from outside included. */
export function readsOf(node: NodeProto): string[] {
  const reads = new Set<string>();
  for (const name of node.input) if (name !== "") reads.add(name);
  for (const graph of subgraphsOf(node)) outerReads(graph, [], reads);
  return [...reads];
}

function outerReads(graph: GraphProto, scopes: readonly ReadonlySet<string>[], found: Set<string>): void {
  const own = initializerNames(graph);
  for (const i of graph.input) own.add(i.name ?? "");
  for (const n of graph.node) for (const o of n.output) own.add(o);
  const inner = [...scopes, own];
  const read = (name: string) => {
    if (name !== "" && !inner.some((s) => s.has(name))) found.add(name);
  };
  for (const n of graph.node) {
    for (const name of n.input) read(name);
    for (const sub of subgraphsOf(n)) outerReads(sub, inner, found);
  }
  for (const o of graph.output) read(o.name ?? "");
}

/** Throws SamesightError `duplicate`, `missing` or `invalid` (cycle), naming node and tensor. */
export function indexGraph(graph: GraphProto, where = "network"): GraphIndex {
  const initializers = initializerNames(graph);
  const inputs = new Set(inputsOf(graph).map((i) => i.name ?? ""));
  const producer = new Map<string, NodeProto>();
  for (const node of graph.node) {
    for (const output of node.output) {
      if (output === "") continue;
      if (producer.has(output) || inputs.has(output) || initializers.has(output)) {
        throw new SamesightError(
          "duplicate",
          `${where}: tensor '${output}' is made twice, the second time by ${named(node)}`,
          {
            hint: "The file is not valid ONNX; export it again.",
            details: { tensor: output, node: node.name ?? "" },
          },
        );
      }
      producer.set(output, node);
    }
  }
  const consumers = new Map<string, NodeProto[]>();
  for (const node of graph.node) {
    for (const name of readsOf(node)) {
      if (!producer.has(name) && !initializers.has(name) && !inputs.has(name)) throw nothingMakes(name, node, where);
      const list = consumers.get(name);
      if (list) list.push(node);
      else consumers.set(name, [node]);
    }
  }
  const order = topologicalOrder(graph.node, readsOf, producer, consumers);
  if (order.length < graph.node.length) throw cyclic(graph, order, producer, where);
  for (const { name = "" } of graph.output) {
    if (producer.has(name) || initializers.has(name) || inputs.has(name)) continue;
    throw new SamesightError("missing", `${where}: output '${name}' is made by no node`, {
      hint: "The file is incomplete; export it again.",
      details: { tensor: name },
    });
  }
  const live = new Set(inputs);
  for (const node of order) {
    if (SHAPE_ONLY.has(node.opType ?? "") || !readsOf(node).some((r) => live.has(r))) continue;
    for (const o of node.output) if (o !== "") live.add(o);
  }
  return { graph, order, producer, consumers, initializers, live };
}

/** How a message names a node. */
export function named(node: NodeProto): string {
  return `node '${node.name || node.output[0] || "(unnamed)"}' (${node.opType || "no operator"})`;
}

function nothingMakes(tensor: string, node: NodeProto, where: string): SamesightError {
  return new SamesightError("missing", `${where}: ${named(node)} reads '${tensor}', which nothing makes`, {
    hint: "An initializer is missing: the file is incomplete. Export it again, with its weights.",
    details: { node: node.name ?? "", tensor },
  });
}

function cyclic(
  graph: GraphProto,
  order: readonly NodeProto[],
  producer: ReadonlyMap<string, NodeProto>,
  where: string,
): SamesightError {
  const tensors = cycleAmong(graph.node, new Set(order), readsOf, producer);
  const shown = tensors.slice(0, 5).map((t) => `'${t}'`);
  if (tensors.length > shown.length) shown.push(`${tensors.length - shown.length} more`);
  return new SamesightError("invalid", `${where}: the graph has a cycle: ${shown.join(" <- ")} <- '${tensors[0]}'`, {
    hint: "A network must be acyclic; the file is damaged or was edited wrongly.",
    details: { tensors },
  });
}

/** All nodes needed to make `tensors`. */
export function ancestors(index: GraphIndex, tensors: readonly string[]): Set<NodeProto> {
  const needed = new Set<NodeProto>();
  const open = [...tensors];
  while (open.length > 0) {
    const node = index.producer.get(open.pop()!);
    if (!node || needed.has(node)) continue;
    needed.add(node);
    for (const r of readsOf(node)) open.push(r);
  }
  return needed;
}
