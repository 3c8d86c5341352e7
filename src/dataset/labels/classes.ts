import { SamesightError } from "../../errors.js";
import { short } from "./rle.js";

/** Names by class id. Several ids may have one name: they are one class. */
export type ClassList = ReadonlyMap<number, string>;

/**
 * A class list from a parsed YAML or JSON document: under `names`, `classes` or `categories`, or the whole; a list (0-based, or objects with id and name), or ids mapped to
 * names, or names to ids. Throws SamesightError `invalid` naming file and entry.
 */
export function classesFromDocument(document: unknown, where: string): ClassList {
  const inner = isRecord(document) ? (document.names ?? document.classes ?? document.categories ?? document) : document;
  const entries: [unknown, unknown][] = Array.isArray(inner)
    ? inner.map((v, i) => (isRecord(v) ? [v.id ?? i, v.name] : [i, v]))
    : isRecord(inner)
      ? Object.entries(inner).map(([k, v]) => (typeof v === "number" ? [v, k] : [k, isRecord(v) ? v.name : v]))
      : [];
  if (entries.length === 0) {
    throw new SamesightError("invalid", `${where}: no class names in it`, {
      hint: "Write names: {0: person, 1: car}, or a list of names.",
    });
  }
  return listOf(entries, (i) => `${where}: entry ${i + 1}`);
}

/** A class list from text: a name a line (0-based), or an id, then blank, colon, comma or tab, and a name. Empty lines and those after # are skipped. */
export function classesFromText(text: string, where: string): ClassList {
  const lines = text.split(/\r?\n/).map((line, i) => ({ line: line.trim(), at: i + 1 }));
  const filled = lines.filter(({ line }) => line !== "" && !line.startsWith("#"));
  if (filled.length === 0)
    throw new SamesightError("invalid", `${where}: no class names in it`, { hint: "Write one name a line." });
  const numbered = filled.map(({ line }) => /^(\d+)\s*[:,\t ]\s*(.+)$/.exec(line));
  const entries: [unknown, unknown][] = numbered.every((m) => m)
    ? numbered.map((m) => [m![1], m![2]])
    : filled.map(({ line }, i) => [i, line]);
  return listOf(entries, (i) => `${where}:${filled[i]!.at}`);
}

function listOf(entries: readonly [unknown, unknown][], placeOf: (i: number) => string): ClassList {
  const out = new Map<number, string>();
  for (const [i, [key, value]] of entries.entries()) {
    const id = typeof key === "string" && /^\d+$/.test(key) ? Number(key) : key;
    if (typeof id !== "number" || !Number.isSafeInteger(id) || id < 0)
      throw fault(placeOf(i), `class id ${short(key)} is not a whole number`);
    const name = typeof value === "string" || typeof value === "number" ? String(value).trim() : "";
    if (name === "") throw fault(placeOf(i), `class ${id} has no name`);
    const before = out.get(id);
    if (before !== undefined && before !== name) throw fault(placeOf(i), `class ${id} is '${before}' and '${name}'`);
    out.set(id, name);
  }
  return out;
}

function fault(where: string, what: string): SamesightError {
  return new SamesightError("invalid", `${where}: ${what}`, { hint: "Write ids with names, {0: person, 1: car}." });
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Classes of pixels that nobody labelled, by name. */
const UNLABELLED = /^(un-?labell?ed|void|ignored?|ignore[ _-]label|unknown|dont[ _-]?care)$/i;
const BACKGROUND = /^_*(background|bg)_*$/i;
const VOID_ID = 255;

/** What a class id says of a pixel: a class, the background (no class), or nothing. */
export interface PixelMeaning {
  readonly classes: ReadonlyMap<number, string>;
  readonly background: ReadonlySet<number>;
  readonly ignored: ReadonlySet<number>;
}

/**
 * Sorts a class list. `ignore` (ids or names) overrides what is ignored by default: 255 where no class has it, and unlabeled, void, ignore, unknown.
 * Id 0 without a name is background. Throws SamesightError `unknown` for a name the list lacks.
 */
export function pixelMeaning(list: ClassList, ignore: readonly (number | string)[] | undefined): PixelMeaning {
  const ignored = new Set<number>();
  if (ignore === undefined) {
    if (!list.has(VOID_ID)) ignored.add(VOID_ID);
    for (const [id, name] of list) if (UNLABELLED.test(name)) ignored.add(id);
  }
  for (const one of ignore ?? []) {
    const ids = typeof one === "number" ? [one] : [...list].flatMap(([id, name]) => (name === one ? [id] : []));
    if (ids.length === 0) {
      throw new SamesightError("unknown", `ignore: the labels have no class '${one}'`, {
        hint: "Give a class id or a name of the class list.",
      });
    }
    for (const id of ids) ignored.add(id);
  }
  const background = new Set<number>(list.has(0) ? [] : [0]);
  const classes = new Map<number, string>();
  for (const [id, name] of list) {
    if (ignored.has(id)) continue;
    if (BACKGROUND.test(name) || UNLABELLED.test(name)) background.add(id);
    else classes.set(id, name);
  }
  for (const id of ignored) background.delete(id);
  return { classes, background, ignored };
}
