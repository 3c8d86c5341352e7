import { SamesightError } from "../../errors.js";
import type { TfNode } from "./graph.js";
import { reference } from "./graph.js";

/** Nodes that the outputs need, inputs first. Throws SamesightError `invalid` for a cycle, `missing` for an absent node. */
export function sorted(
  byName: ReadonlyMap<string, TfNode>,
  outputs: readonly string[],
  input: string,
  where: string,
): TfNode[] {
  const done = new Map<string, boolean>();
  const out: TfNode[] = [];
  const open = outputs.map((name) => ({ name, leaving: false }));
  while (open.length > 0) {
    const { name, leaving } = open.pop()!;
    const node = byName.get(name);
    if (!node)
      throw new SamesightError("missing", `${where}: node '${name}' is read and not there`, {
        hint: "The graph is incomplete; fetch it again.",
      });
    if (leaving) {
      done.set(name, true);
      out.push(node);
      continue;
    }
    if (done.has(name)) {
      if (!done.get(name) && !isLoop(node))
        throw new SamesightError("invalid", `${where}: the graph has a cycle through '${name}'`, {
          hint: "Cut the network behind it.",
        });
      continue;
    }
    done.set(name, false);
    open.push({ name, leaving: true });
    if (name !== input)
      for (const i of node.input ?? []) {
        const r = reference(i);
        if (r && done.get(r.name) !== true) open.push({ name: r.name, leaving: false });
      }
  }
  return out;
}

function isLoop(node: TfNode): boolean {
  return ["Enter", "Exit", "Merge", "Switch", "NextIteration", "LoopCond"].includes(node.op);
}
