import { SamesightError } from "../../errors.js";
import type { TfNode } from "./graph.js";
import { reference } from "./graph.js";

/**
 * Throws one SamesightError `unsupported` that names every operator not read, and where the graph could be cut instead: `outputs` are the
 * last tensors that need none of them, `inputs` the first that come after them (a preprocessing loop is left out by starting there).
 * `order` has inputs before those who read them.
 */
export function refuseUnread(order: readonly TfNode[], read: ReadonlySet<string>, input: string, where: string): void {
  const unread = new Set(order.filter((n) => n.name !== input && !read.has(n.op)).map((n) => n.name));
  if (unread.size === 0) return;
  const readsOf = (n: TfNode) => (n.input ?? []).flatMap((i) => reference(i)?.name ?? []);
  const clean = new Set<string>();
  const fromInput = new Set([input]);
  for (const n of order) {
    const reads = n.name === input ? [] : readsOf(n);
    if (!unread.has(n.name) && reads.every((r) => clean.has(r))) clean.add(n.name);
    if (reads.some((r) => fromInput.has(r))) fromInput.add(n.name);
  }
  const cuts = new Set<string>();
  const starts = new Set<string>();
  for (const n of order) {
    if (clean.has(n.name)) continue;
    for (const r of readsOf(n)) {
      if (clean.has(r) && fromInput.has(r) && r !== input) cuts.add(r);
      if (unread.has(r) && !unread.has(n.name) && fromInput.has(r)) starts.add(r);
    }
  }
  const ops = [...new Set(order.filter((n) => unread.has(n.name)).map((n) => n.op))].sort();
  const plural = ops.length === 1 ? "1 operator is" : `${ops.length} operators are`;
  throw new SamesightError("unsupported", `${where}: ${plural} not read: ${ops.join(", ")}`, {
    hint: [named("Take as outputs", cuts), named("Take as input", starts)].filter(Boolean).join(" "),
    details: { ops, outputs: [...cuts], inputs: [...starts] },
  });
}

function named(lead: string, names: ReadonlySet<string>): string {
  const some = [...names].slice(0, 6).map((n) => `'${n}'`);
  return some.length === 0 ? "" : `${lead} ${some.join(", ")}${names.size > some.length ? ", ..." : ""}.`;
}
