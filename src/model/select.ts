import picomatch from "picomatch";
import { SamesightError } from "../errors.js";
import { unknownTensor } from "./taps.js";
import type { TensorInfo } from "./types.js";

/**
 * Layers by one specification: an exact name, a glob over names (`features.*`, `block?/*`), `op:Relu`, `depth:0.2-0.8` (block ends in that range),
 * or `auto:N`. Result in topological order, without repeats. Throws SamesightError `unknown` or `invalid`.
 */
export function selectTaps<T extends TensorInfo>(tensors: readonly T[], specs: readonly string[]): T[] {
  const chosen = new Set<T>();
  for (const spec of specs.flatMap((s) => (tensors.some((t) => t.name === s) ? [s] : s.split(",")))) {
    const found = match(tensors, spec.trim());
    if (found.length === 0)
      throw unknownTensor(
        spec,
        tensors.map((t) => t.name),
      );
    for (const t of found) chosen.add(t);
  }
  return tensors.filter((t) => chosen.has(t));
}

function match<T extends TensorInfo>(tensors: readonly T[], spec: string): T[] {
  const exact = tensors.filter((t) => t.name === spec);
  if (exact.length > 0) return exact;
  const automatic = /^auto:(\d+)$/.exec(spec);
  if (automatic) return spread(tensors, Number(automatic[1]));
  if (spec.startsWith("auto:"))
    throw new SamesightError("invalid", `layers: '${spec}' needs a whole number`, { hint: "Write auto:6." });
  const op = /^op:(.+)$/.exec(spec);
  if (op) return tensors.filter((t) => t.op.toLowerCase() === op[1]!.toLowerCase());
  const range = /^depth:([\d.]+)-([\d.]+)$/.exec(spec);
  if (range) return tensors.filter((t) => t.blockEnd && t.depth >= Number(range[1]) && t.depth <= Number(range[2]));
  const matches = picomatch(spec, { dot: true, bash: true });
  return tensors.filter((t) => matches(t.name));
}

/** N block ends of the trunk, spread evenly over relative depth from the first to the deepest; all of them where there are fewer. */
function spread<T extends TensorInfo>(tensors: readonly T[], n: number): T[] {
  if (n < 1) throw new SamesightError("invalid", "layers: auto:0 selects nothing", { hint: "Write auto:6." });
  let ends = tensors.filter((t) => t.blockEnd);
  if (ends.length < n) ends = [...new Set([...ends, ...tensors.filter((t) => t.trunk)])];
  ends.sort((a, b) => a.depth - b.depth);
  if (ends.length <= n) return ends;
  const first = ends[0]!.depth;
  const last = ends.at(-1)!.depth;
  const chosen: T[] = [];
  for (let i = 0; i < n; i++) {
    const target = n === 1 ? last : first + ((last - first) * i) / (n - 1);
    const free = ends.filter((t) => !chosen.includes(t));
    chosen.push(free.reduce((best, t) => (Math.abs(t.depth - target) < Math.abs(best.depth - target) ? t : best)));
  }
  return chosen;
}
