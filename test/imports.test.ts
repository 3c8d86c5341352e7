import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import ts from "typescript";
import { describe, expect, test } from "vitest";

/** Order of the stages; a folder may take types from folders before it, values from BASE and itself only. */
const STAGES = [
  "numerics",
  "onnx",
  "contract",
  "dataset",
  "model",
  "activations",
  "concepts",
  "maps",
  "similarity",
  "report",
];
const BASE = new Set(["numerics", "onnx", "contract", "errors.ts"]);
const PACKAGES: Record<string, readonly string[]> = {
  onnx: ["@bufbuild/protobuf"],
  model: ["@bufbuild/protobuf", "picomatch"],
  numerics: ["ml-matrix", "linear-sum-assignment"],
  contract: ["zod"],
  similarity: ["ml-matrix"],
  report: ["d3-sankey", "d3-scale"],
};
const OUTSIDE = new Set(["node", "cli", "browser"]);
const COMPOSITION = new Set(["pipeline.ts", "study", "study.ts", "index.ts", "globals.d.ts"]);
const src = resolve(import.meta.dirname, "../src");

const files = readdirSync(src, { recursive: true, withFileTypes: true })
  .filter((e) => e.isFile() && /\.tsx?$/.test(e.name))
  .map((e) => join(e.parentPath, e.name))
  .filter((f) => !f.includes(`${sep}assembly${sep}`));

/** First part of a path below src: the folder, or the file at the top. */
const part = (file: string) => relative(src, file).split(sep)[0]!;

function importsOf(file: string): { to: string; typeOnly: boolean }[] {
  const source = ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.Latest);
  return source.statements.flatMap((s) => {
    if (!(ts.isImportDeclaration(s) || ts.isExportDeclaration(s)) || !s.moduleSpecifier) return [];
    const typeOnly = ts.isImportDeclaration(s) ? (s.importClause?.isTypeOnly ?? false) : s.isTypeOnly;
    return [{ to: (s.moduleSpecifier as ts.StringLiteral).text, typeOnly }];
  });
}

function fault(file: string, to: string, typeOnly: boolean): string | undefined {
  const from = part(file);
  if (OUTSIDE.has(from) || relative(src, file).startsWith(join("report", "app"))) return undefined;
  if (!to.startsWith("."))
    return PACKAGES[from]?.includes(to.replace(/^(@[^/]+\/[^/]+|[^/]+).*/, "$1")) ? undefined : `package ${to}`;
  const target = part(resolve(dirname(file), to.replace(/\.js$/, ".ts")));
  if (OUTSIDE.has(target)) return `the outside world (${to})`;
  if (COMPOSITION.has(from) || target === from || BASE.has(target)) return undefined;
  if (target === "study.ts") return typeOnly ? undefined : `a value of ${to}`;
  if (!typeOnly) return `a value of ${to}`;
  return STAGES.indexOf(target) < STAGES.indexOf(from) ? undefined : `a later stage (${to})`;
}

describe("imports", () => {
  test("every stage takes values from the base and itself only, and types from earlier stages only", () => {
    const faults = files.flatMap((file) =>
      importsOf(file).flatMap(({ to, typeOnly }) => {
        const what = fault(file, to, typeOnly);
        return what ? [`${relative(src, file)} takes ${what}`] : [];
      }),
    );
    expect(faults).toEqual([]);
  });

  test("the rule refuses what it should", () => {
    expect(fault(join(src, "maps/grid.ts"), "../similarity/nulls.js", true)).toMatch(/later stage/);
    expect(fault(join(src, "maps/grid.ts"), "../dataset/geometry.js", false)).toMatch(/a value/);
    expect(fault(join(src, "maps/grid.ts"), "../node/store.js", true)).toMatch(/outside/);
    expect(fault(join(src, "maps/grid.ts"), "node:fs", false)).toMatch(/package/);
  });

  test("pure folders know neither chance nor clock", () => {
    const pure = files.filter((f) => !OUTSIDE.has(part(f)));
    expect(
      pure
        .filter((f) => /Math\.random|Date\.now|performance\.now/.test(readFileSync(f, "utf8")))
        .map((f) => relative(src, f)),
    ).toEqual([]);
  });

  test("no file is longer than 300 lines, but the generated ones", () => {
    const long = files.filter(
      (f) => !/onnx_pb|\.wasm\.ts$/.test(f) && readFileSync(f, "utf8").split("\n").length > 301,
    );
    expect(long.map((f) => relative(src, f))).toEqual([]);
  });
});
