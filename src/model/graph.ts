import { SamesightError } from "../errors.js";
import type { GraphProto, NodeProto, ValueInfoProto } from "../onnx/onnx_pb.js";

/** A graph with its tensors looked up: who makes each, who uses each, and an order in which all can be made. */
export interface GraphIndex {
  readonly graph: GraphProto;
  /** Nodes in topological order. */
  readonly order: readonly NodeProto[];
  readonly producer: ReadonlyMap<string, NodeProto>;
  readonly consumers: ReadonlyMap<string, readonly NodeProto[]>;
  readonly initializers: ReadonlySet<string>;
  /** Tensors that depend on the network's input; the others are constants of the graph. */
  readonly live: ReadonlySet<string>;
}

/** Inputs that are not initializers (old IR versions list both). */
export function inputsOf(graph: GraphProto): ValueInfoProto[] {
  const constants = initializerNames(graph);
  return graph.input.filter((i) => !constants.has(i.name ?? ""));
}

function initializerNames(graph: GraphProto): Set<string> {
  return new Set([
    ...graph.initializer.map((t) => t.name ?? ""),
    ...graph.sparseInitializer.map((t) => t.values?.name ?? ""),
  ]);
}

/** Tensors a node reads, those of its subgraphs' outer scope included. */
export function readsOf(node: NodeProto): string[] {
  const reads = node.input.filter((name) => name !== "");
  for (const a of node.attribute) for (const g of [...(a.g ? [a.g] : []), ...a.graphs]) reads.push(...outerReads(g));
  return reads;
}

function outerReads(graph: GraphProto): string[] {
  const own = new Set([
    ...graph.input.map((i) => i.name ?? ""),
    ...initializerNames(graph),
    ...graph.node.flatMap((n) => n.output),
  ]);
  return [...graph.node.flatMap(readsOf), ...graph.output.map((o) => o.name ?? "")].filter(
    (name) => name !== "" && !own.has(name),
  );
}

/** Throws SamesightError `duplicate`, `missing` or `invalid` (cycle), naming node and tensor. */
export function indexGraph(graph: GraphProto, where = "network"): GraphIndex {
  const producer = new Map<string, NodeProto>();
  const initializers = initializerNames(graph);
  const inputs = new Set(inputsOf(graph).map((i) => i.name ?? ""));
  for (const node of graph.node) {
    for (const output of node.output) {
      if (output === "") continue;
      if (producer.has(output) || inputs.has(output)) {
        throw new SamesightError("duplicate", `${where}: tensor '${output}' is made twice`, {
          hint: "The file is not valid ONNX; export it again.",
        });
      }
      producer.set(output, node);
    }
  }
  const consumers = new Map<string, NodeProto[]>();
  const waiting = new Map<NodeProto, number>();
  for (const node of graph.node) {
    let open = 0;
    for (const name of new Set(readsOf(node))) {
      const list = consumers.get(name);
      if (list) list.push(node);
      else consumers.set(name, [node]);
      if (producer.has(name)) open++;
      else if (!initializers.has(name) && !inputs.has(name)) {
        throw new SamesightError(
          "missing",
          `${where}: node '${node.name || node.output[0]}' (${node.opType}) reads '${name}', which nothing makes`,
          {
            hint: "An initializer is missing: the file is incomplete. Export it again, with its weights.",
            details: { node: node.name, tensor: name },
          },
        );
      }
    }
    waiting.set(node, open);
  }
  const order: NodeProto[] = graph.node.filter((n) => waiting.get(n) === 0);
  for (let i = 0; i < order.length; i++) {
    const ready = new Set(order[i]!.output.flatMap((o) => consumers.get(o) ?? []));
    for (const next of ready) {
      const made = new Set(order[i]!.output);
      const left = waiting.get(next)! - new Set(readsOf(next).filter((r) => made.has(r))).size;
      waiting.set(next, left);
      if (left === 0) order.push(next);
    }
  }
  if (order.length < graph.node.length) {
    const stuck = graph.node.find((n) => waiting.get(n)! > 0)!;
    throw new SamesightError(
      "invalid",
      `${where}: the graph has a cycle through '${stuck.output[0]}' (${stuck.opType})`,
      {
        hint: "A network must be acyclic; the file is damaged or was edited wrongly.",
      },
    );
  }
  for (const output of graph.output) {
    if (!producer.has(output.name ?? "") && !initializers.has(output.name ?? "") && !inputs.has(output.name ?? "")) {
      throw new SamesightError("missing", `${where}: output '${output.name}' is made by no node`, {
        hint: "The file is incomplete; export it again.",
      });
    }
  }
  const live = new Set(inputs);
  for (const node of order) {
    if (node.opType !== "Shape" && readsOf(node).some((r) => live.has(r)))
      for (const o of node.output) if (o !== "") live.add(o);
  }
  return { graph, order, producer, consumers, initializers, live };
}

/** All nodes needed to make `tensors`. */
export function ancestors(index: GraphIndex, tensors: readonly string[]): Set<NodeProto> {
  const needed = new Set<NodeProto>();
  const open = [...tensors];
  while (open.length > 0) {
    const node = index.producer.get(open.pop()!);
    if (!node || needed.has(node)) continue;
    needed.add(node);
    open.push(...readsOf(node));
  }
  return needed;
}
