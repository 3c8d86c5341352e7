import picomatch from "picomatch";
import { shortNames } from "../contract/names.js";
import { SamesightError } from "../errors.js";
import { stagesOf } from "./stages.js";
import { unknownTensor } from "./taps.js";
import type { Tap, TensorInfo } from "./types.js";

/** Cells along the shorter side below which a map locates next to nothing: `auto` passes such layers over. */
const FEWEST_CELLS_A_SIDE = 4;

/**
 * Layers by specifications, each a list with commas: an exact name (whole, or as `inspect` shortens it), a glob over names (`features.*`,
 * `block?/**`; `*` crosses slashes), `op:Relu`, `stage:3` or `stage:2-4` (block ends of those stages, see `stagesOf`), `depth:0.2-0.8` (block
 * ends in that range), or `auto:N` (N block ends of the trunk, spread evenly over relative depth, the
 * first and the deepest among them). An exact name wins over every other reading. Result in topological order, without repeats; `onNote`
 * hears where fewer came than asked for. Throws SamesightError `unknown` with the nearest name, or `invalid`.
 */
export function selectTaps<T extends TensorInfo | Tap>(
  tensors: readonly T[],
  specs: readonly string[],
  onNote: (note: string) => void = () => {},
): T[] {
  const short = shortNames(
    tensors.map((t) => t.name),
    Number.POSITIVE_INFINITY,
  );
  const byName = new Map([
    ...tensors.map((t, i) => [short[i]!, t] as const),
    ...tensors.map((t) => [t.name, t] as const),
  ]);
  const chosen = new Set<T>();
  for (const spec of specs.flatMap((s) => (byName.has(s) ? [s] : commaList(s)))) {
    const exact = byName.get(spec);
    const found = exact ? [exact] : match(tensors, short, spec, onNote);
    if (found.length === 0) throw nothing(tensors, spec);
    for (const t of found) chosen.add(t);
  }
  if (chosen.size === 0) throw new SamesightError("invalid", "layers: none asked for", { hint: "Write auto:6." });
  return tensors.filter((t) => chosen.has(t));
}

/** Commas inside braces and brackets belong to a glob. */
function commaList(spec: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let from = 0;
  for (let i = 0; i <= spec.length; i++) {
    if (spec[i] === "{" || spec[i] === "[") depth++;
    else if (spec[i] === "}" || spec[i] === "]") depth--;
    else if (i === spec.length || (spec[i] === "," && depth <= 0)) {
      parts.push(spec.slice(from, i).trim());
      from = i + 1;
    }
  }
  return parts.filter((p) => p !== "");
}

function match<T extends TensorInfo | Tap>(
  tensors: readonly T[],
  short: readonly string[],
  spec: string,
  onNote: (note: string) => void,
): T[] {
  const [kind, value] = /^(auto|op|depth|stage):(.*)$/.exec(spec)?.slice(1) ?? [];
  if (kind === "auto") {
    const n = Number(value);
    if (!/^\d+$/.test(value!) || n < 1) throw wrong(spec, "a whole number above 0", "auto:6");
    return spread(tensors, n, onNote);
  }
  if (kind === "op") return tensors.filter((t) => t.op.toLowerCase() === value!.toLowerCase());
  if (kind === "depth") {
    const [low, high] = value!.split("-").map(Number);
    if (value!.split("-").length !== 2 || !(low! <= high!))
      throw wrong(spec, "two numbers, the lower first", "depth:0.2-0.8");
    return tensors.filter((t) => t.blockEnd && t.depth >= low! && t.depth <= high!);
  }
  if (kind === "stage") {
    const [low, high = low] = value!.split("-").map(Number);
    if (!/^\d+(-\d+)?$/.test(value!) || !(low! <= high!))
      throw wrong(spec, "a number or a range", "stage:3 or stage:2-4");
    const stages = stagesOf(tensors.filter((t): t is T & Tap => "height" in t));
    return tensors.filter((t) => t.blockEnd && within(stages.get(t as T & Tap), low!, high!));
  }
  // inspect cuts long names in the middle
  const matches = picomatch(spec.replaceAll("…", "*"), { dot: true, bash: true });
  return tensors.filter((t, i) => matches(t.name) || matches(short[i]!));
}

function spread<T extends TensorInfo | Tap>(tensors: readonly T[], n: number, onNote: (note: string) => void): T[] {
  const large = tensors.filter((t) => !("height" in t) || Math.min(t.height, t.width) >= FEWEST_CELLS_A_SIDE);
  let ends = large.filter((t) => t.blockEnd);
  if (ends.length === 0) ends = large.filter((t) => t.trunk);
  if (ends.length < n) onNote(`layers: auto:${n} found ${ends.length} ends of blocks and takes them all`);
  if (ends.length <= n) return ends;
  ends.sort((a, b) => a.depth - b.depth);
  const first = ends[0]!.depth;
  const last = ends.at(-1)!.depth;
  const chosen = new Set<T>();
  // the ends first, so that none of them is taken for a place between
  for (const i of [...new Set([n - 1, 0, ...Array(n).keys()])]) {
    const target = n === 1 ? last : first + ((last - first) * i) / (n - 1);
    const free = ends.filter((t) => !chosen.has(t));
    // of two at one depth the later one has seen the activation
    chosen.add(free.reduce((best, t) => (Math.abs(t.depth - target) <= Math.abs(best.depth - target) ? t : best)));
  }
  return [...chosen];
}

const within = (n: number | undefined, low: number, high: number) => n !== undefined && n >= low && n <= high;

function wrong(spec: string, expected: string, example: string): SamesightError {
  return new SamesightError("invalid", `layers: '${spec}' needs ${expected}`, { hint: `Write ${example}.` });
}

function nothing(tensors: readonly TensorInfo[], spec: string): SamesightError {
  if (!/[*?{[]|^(op|depth|stage|auto):/.test(spec)) {
    return unknownTensor(
      spec,
      tensors.map((t) => t.name),
    );
  }
  return new SamesightError("unknown", `no layer matches '${spec}'`, { hint: "samesight inspect lists the layers." });
}
