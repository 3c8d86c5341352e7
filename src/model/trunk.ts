import type { NodeProto } from "../onnx/onnx_pb.js";
import type { Depths } from "./depth.js";
import { innerTensors } from "./depth.js";
import { dominatorsOf } from "./dominators.js";
import type { GraphIndex } from "./graph.js";
import { readsOf } from "./graph.js";
import { CONVOLUTIONS, GLOBAL_POOLS, MERGES, UPSAMPLERS } from "./ops.js";

/**
 * The main trunk: tensors through which every path from the input to at least one output must go (dominators of that output), and, where
 * long-range shortcuts break dominance (a decoder's skip connections, feature pyramids), those on a longest path that lie neither inside a
 * block with branches nor on a squeeze-and-excite side path.
 */
export function trunkOf(index: GraphIndex, depths: Depths): Set<string> {
  const { number, above } = dominatorsOf(index);
  const strict = new Uint8Array(above.length);
  for (const output of index.graph.output) {
    const producer = index.producer.get(output.name ?? "");
    let at = producer ? (number.get(producer) ?? 0) : 0;
    while (at > 0 && !strict[at]) {
      strict[at] = 1;
      at = above[at]!;
    }
  }
  const longest = longestPaths(index, depths);
  const aside = pooledTensors(index);
  for (const t of insideBlocks(index, depths, number, above)) aside.add(t);
  const trunk = new Set<string>();
  for (const node of index.order) {
    for (const o of node.output) {
      if (index.live.has(o) && (strict[number.get(node)!] || (longest.has(o) && !aside.has(o)))) trunk.add(o);
    }
  }
  return trunk;
}

/** Tensors on a longest path to some output, counting convolutions. */
export function longestPaths(index: GraphIndex, { position }: Depths): Set<string> {
  const open = index.graph.output.map((o) => o.name ?? "").filter((o) => position.has(o));
  const found = new Set(open);
  while (open.length > 0) {
    const tensor = open.pop()!;
    const node = index.producer.get(tensor);
    if (!node) continue;
    const before = position.get(tensor)! - (CONVOLUTIONS.has(node.opType) ? 1 : 0);
    for (const r of readsOf(node)) {
      if (found.has(r) || !index.live.has(r) || (position.get(r) ?? 0) !== before) continue;
      found.add(r);
      open.push(r);
    }
  }
  return found;
}

/** Tensors that know the image only through a global average or maximum: the gates of squeeze-and-excite, a classifier's last layers. */
export function pooledTensors(index: GraphIndex): Set<string> {
  const pooled = new Set<string>();
  for (const node of index.order) {
    const live = readsOf(node).filter((r) => index.live.has(r));
    if (live.length === 0) continue;
    if (!GLOBAL_POOLS.has(node.opType) && !live.every((r) => pooled.has(r))) continue;
    if (node.opType === "ReduceMean" && overChannels(node)) continue;
    for (const o of node.output) if (index.live.has(o)) pooled.add(o);
  }
  return pooled;
}

/** A mean over the last axis alone is a layer normalisation's, not a pooling of places. */
function overChannels(node: NodeProto): boolean {
  const axes = node.attribute.find((a) => a.name === "axes")?.ints;
  return axes !== undefined && axes.length === 1;
}

/**
 * Tensors between the fork and the merge of a block: residual, dense, cross-stage and split branches, gates. A merge whose branches hold
 * an upsampling, or more than half of the network, or that no convolution follows, joins scales, frames the whole network or collects heads: it is no block.
 */
function insideBlocks(
  index: GraphIndex,
  { position, longest }: Depths,
  number: ReadonlyMap<object, number>,
  above: Int32Array,
): Set<string> {
  const nodes = [...number.keys()] as NodeProto[];
  const inside = new Set<string>();
  const inner = innerTensors(index);
  // nested merges visit the same nodes again; a network made to be slow runs out of visits and loses only precision
  let visits = 100 * nodes.length;
  for (const merge of nodes) {
    if (!isMerge(index, merge) || !inner.has(merge.output[0]!) || visits < 0) continue;
    const fork = above[number.get(merge)!]!;
    const start = fork === 0 ? 0 : (position.get(nodes[fork - 1]!.output.find((o) => index.live.has(o))!) ?? 0);
    if ((position.get(merge.output[0]!) ?? 0) - start > longest / 2) continue;
    const between = branches(index, merge, fork, number);
    visits -= between.size;
    if ([...between].some((n) => UPSAMPLERS.has(n.opType))) continue;
    for (const n of between) for (const o of n.output) inside.add(o);
  }
  return inside;
}

function branches(
  index: GraphIndex,
  merge: NodeProto,
  fork: number,
  number: ReadonlyMap<object, number>,
): Set<NodeProto> {
  const between = new Set<NodeProto>();
  const open = [merge];
  while (open.length > 0) {
    for (const r of readsOf(open.pop()!)) {
      const node = index.live.has(r) ? index.producer.get(r) : undefined;
      if (!node || between.has(node) || number.get(node)! <= fork) continue;
      between.add(node);
      open.push(node);
    }
  }
  return between;
}

/** Where different live branches meet, gates (products) included. */
function isMerge(index: GraphIndex, node: NodeProto): boolean {
  if (!MERGES.has(node.opType) && node.opType !== "Mul") return false;
  return new Set(node.input.filter((i) => index.live.has(i))).size > 1;
}
