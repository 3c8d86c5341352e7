import type { LabelsConfig } from "../../contract/labels.js";
import { SamesightError } from "../../errors.js";
import { nearestName } from "../../numerics/nearest.js";
import type { LabelClass } from "./photo.js";
import type { Concept } from "./types.js";

/**
 * Concepts of a study from the classes of a labelled set: merged ones are added, then names and globs (`*`, `?`, upper and lower case alike) choose; `!glob` leaves out.
 * Throws SamesightError `unknown` with the nearest name, `duplicate` where a merged concept has the name of a class.
 */
export function chooseConcepts(
  classes: readonly LabelClass[],
  config: Pick<LabelsConfig, "concepts" | "merge" | "partOf">,
): Concept[] {
  const all = new Map<string, Concept>();
  for (const { name, supercategory, partOf } of classes) {
    if (all.has(name)) continue;
    const part = config.partOf[name] ?? partOf;
    all.set(name, {
      name,
      classes: [name],
      ...(supercategory ? { supercategory } : {}),
      ...(part ? { partOf: part } : {}),
    });
  }
  const names = [...all.keys()];
  for (const [name, patterns] of Object.entries(config.merge)) {
    if (all.has(name)) {
      throw new SamesightError("duplicate", `merge: the labelled set has a class '${name}' already`, {
        hint: "Give the merged concept another name.",
      });
    }
    const merged = unique([patterns].flat().flatMap((p) => matching(p, names, `merge ${name}`)));
    const part = config.partOf[name];
    all.set(name, { name, classes: merged, ...(part ? { partOf: part } : {}) });
  }
  const known = [...all.keys()];
  for (const [part, whole] of Object.entries(config.partOf))
    for (const name of [part, whole]) matching(name, known, "partOf");
  return select(config.concepts, known).map((name) => all.get(name)!);
}

/** In the order of the labelled set. */
function select(patterns: readonly string[], names: readonly string[]): string[] {
  const chosen = new Set<string>();
  if (patterns[0]?.startsWith("!")) for (const name of names) chosen.add(name);
  for (const pattern of patterns) {
    if (pattern.startsWith("!")) for (const name of matching(pattern.slice(1), names, "concepts")) chosen.delete(name);
    else for (const name of matching(pattern, names, "concepts")) chosen.add(name);
  }
  if (chosen.size === 0) {
    throw new SamesightError("missing", `concepts: ${patterns.join(", ")} leaves none`, {
      hint: `The labels have ${listed(names)}.`,
    });
  }
  return names.filter((n) => chosen.has(n));
}

function matching(pattern: string, names: readonly string[], where: string): string[] {
  const exact = names.filter((n) => n === pattern);
  if (exact.length > 0) return exact;
  const test = globTest(pattern);
  const hits = names.filter(test);
  if (hits.length > 0) return hits;
  const near = nearestName(pattern, names);
  throw new SamesightError("unknown", `${where}: the labels have no class '${pattern}'`, {
    hint: near ? `Did you mean '${near}'?` : `They have ${listed(names)}.`,
  });
}

/** `*` any characters, `?` one; matches the whole name, in linear time. */
export function globTest(pattern: string): (name: string) => boolean {
  const p = pattern.toLowerCase();
  return (name) => {
    const s = name.toLowerCase();
    let [i, j, star, mark] = [0, 0, -1, 0];
    while (i < s.length) {
      if (j < p.length && (p[j] === "?" || p[j] === s[i]) && p[j] !== "*") {
        i++;
        j++;
      } else if (p[j] === "*") {
        star = j++;
        mark = i;
      } else if (star >= 0) {
        j = star + 1;
        i = ++mark;
      } else return false;
    }
    while (p[j] === "*") j++;
    return j === p.length;
  };
}

function listed(names: readonly string[]): string {
  const few = names.slice(0, 12);
  return few.join(", ") + (names.length > few.length ? ` and ${names.length - few.length} more` : "");
}

function unique(names: readonly string[]): string[] {
  return [...new Set(names)];
}
