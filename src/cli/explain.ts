import { z } from "zod";
import type { StudyConfig } from "../contract/config.js";
import { configSchema } from "../contract/config.js";
import { SamesightError } from "../errors.js";
import { nearestName } from "../numerics/nearest.js";

type Path = readonly PropertyKey[];
/** Place of a key or value in the text it came from, such as "study.yaml:12"; undefined where it is not there. */
export type Locate = (path: Path, key?: string) => string | undefined;

/** Throws SamesightError `unknown` for a key that is not there (with the nearest one), `invalid` for a value that does not fit. */
export function parseConfig(input: unknown, where = "study", locate: Locate = () => undefined): StudyConfig {
  const parsed = configSchema.safeParse(input);
  if (parsed.success) return parsed.data;
  const { path, issue } = deepest(parsed.error.issues as readonly Issue[]);
  const name = path.map(String).join(".");
  if (issue.code === "unrecognized_keys") {
    const key = issue.keys![0]!;
    const near = nearestName(key, keysAt(path));
    throw new SamesightError(
      "unknown",
      `${locate(path, key) ?? where}: unknown key '${name ? `${name}.` : ""}${key}'`,
      {
        hint: near ? `Did you mean '${near}'?` : `Known here: ${keysAt(path).join(", ")}.`,
        details: { path: [...path.map(String), key], nearest: near ?? null },
      },
    );
  }
  throw new SamesightError("invalid", `${locate(path) ?? where}: ${name || "the study"}: ${issue.message}`, {
    hint: "schemas/study.schema.json lists all keys and their values; samesight init writes a study with comments.",
    details: { path: path.map(String) },
  });
}

interface Issue {
  readonly code: string;
  readonly path: Path;
  readonly message: string;
  readonly keys?: readonly string[];
  readonly errors?: readonly (readonly Issue[])[];
}

/**
 * Of the alternatives of a union, the one that came furthest: an object with one wrong key, not "expected string". A key that is unknown is told before one
 * that is missing: it may be that one, misspelt.
 */
function deepest(issues: readonly Issue[], before: Path = []): { path: Path; issue: Issue } {
  const issue = issues.find((i) => i.code === "unrecognized_keys") ?? issues[0]!;
  const path = [...before, ...issue.path];
  const inner = (issue.errors ?? []).filter((e) => e.length > 0).map((e) => deepest(e, path));
  const better = inner.filter((i) => i.path.length > path.length || i.issue.code === "unrecognized_keys");
  better.sort((a, b) => b.path.length - a.path.length);
  return better[0] ?? { path, issue };
}

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly additionalProperties?: Schema | boolean;
}

/** Keys that the study's schema has at a path. */
function keysAt(path: Path): string[] {
  let at: readonly Schema[] = [z.toJSONSchema(configSchema, { io: "input" }) as Schema];
  for (const part of path) {
    at = at.flatMap(alternatives).flatMap((s) => {
      const found = typeof part === "number" ? s.items : s.properties?.[String(part)];
      const any = typeof s.additionalProperties === "object" ? s.additionalProperties : undefined;
      return (found ?? any) ? [(found ?? any)!] : [];
    });
  }
  return [...new Set(at.flatMap(alternatives).flatMap((s) => Object.keys(s.properties ?? {})))];
}

function alternatives(schema: Schema): readonly Schema[] {
  return [schema, ...[...(schema.anyOf ?? []), ...(schema.oneOf ?? [])].flatMap(alternatives)];
}
