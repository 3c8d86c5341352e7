import { SamesightError } from "../../errors.js";

/** Slash-separated parts of a path without its extension. */
export function partsOf(path: string): string[] {
  return path
    .replace(/\\/g, "/")
    .replace(/\.[^./]+$/, "")
    .split("/")
    .filter((p) => p !== "" && p !== ".");
}

/** Last part of a path without its extension. */
export function stemOf(path: string): string {
  return partsOf(path).at(-1) ?? "";
}

/**
 * Finds the label of a photograph: same name without extension and, where several have it, the most folders in common, counted from the name upwards
 * ("images/val/7.jpg" goes to "semantic/val/7.png", not to "semantic/train/7.png").
 * The finder throws SamesightError `ambiguous` when two are equally near.
 */
export function finder<T>(items: readonly T[], pathOf: (item: T) => string): (path: string) => T | undefined {
  const byStem = new Map<string, { parts: string[]; item: T }[]>();
  for (const item of items) {
    const parts = partsOf(pathOf(item));
    const stem = parts.at(-1) ?? "";
    const same = byStem.get(stem);
    if (same) same.push({ parts, item });
    else byStem.set(stem, [{ parts, item }]);
  }
  return (path) => {
    const parts = partsOf(path);
    const found = byStem.get(parts.at(-1) ?? "");
    if (!found) return undefined;
    const scored = found.map((f) => ({ ...f, common: commonEnd(parts, f.parts) }));
    const best = Math.max(...scored.map((s) => s.common));
    const nearest = scored.filter((s) => s.common === best);
    if (nearest.length > 1) {
      throw new SamesightError(
        "ambiguous",
        `photograph ${path.split("/").slice(-2).join("/")} has two labels: ${pathOf(nearest[0]!.item)} and ${pathOf(nearest[1]!.item)}`,
        { hint: "Name folders of labels as those of the photographs, or give the one folder that is meant." },
      );
    }
    return nearest[0]!.item;
  };
}

function commonEnd(a: readonly string[], b: readonly string[]): number {
  let n = 0;
  while (n < a.length && n < b.length && a[a.length - 1 - n] === b[b.length - 1 - n]) n++;
  return n;
}
