/** The library as others take it: every export says what it is, and one function does not bring the whole package. */
import { join } from "node:path";
import { build } from "esbuild";
import { describe, expect, test } from "vitest";
import { apiMarkdown, readApi, undocumented } from "../../scripts/api-reference.mjs";

const root = join(import.meta.dirname, "../..");

describe("docstrings", () => {
  const api = readApi();
  test("every export has one, and says so where it throws", () => {
    expect(new Set(api.map((e) => e.entry)).size).toBe(4);
    expect(api.length).toBeGreaterThan(100);
    expect(undocumented(api)).toEqual([]);
  });
  test("one that is missing is found", () => {
    const [one] = api.filter((e) => e.name === "withTaps");
    expect(
      undocumented([
        { ...one!, doc: "" },
        { ...one!, doc: "Adds outputs.", throws: true },
      ]),
    ).toEqual([
      "samesight: withTaps: no docstring (src/model/taps.ts)",
      "samesight: withTaps: does not say what it throws (src/model/taps.ts)",
    ]);
    expect(api.find((e) => e.name === "readPreprocessing")).toBeDefined();
    expect(api.filter((e) => e.throws).map((e) => e.name)).toContain("prepareNetwork");
  });
  test("the reference holds signature, docstring and place", () => {
    const page = apiMarkdown(api.filter((e) => e.name === "withTaps"));
    for (const part of [
      "### withTaps",
      "names: readonly string[],",
      "nothing that they do not need",
      "src/model/taps.ts",
    ])
      expect(page).toContain(part);
    expect(page).not.toContain("return");
  });
});

describe("tree-shaking: what a bundler takes of `samesight` for one import, minified", () => {
  const bytes = async (what: string) => {
    const bundle = await build({
      stdin: { contents: `export ${what} from "./src/index.ts"`, resolveDir: root, loader: "ts" },
      ...({ bundle: true, minify: true, write: false, format: "esm", platform: "browser", logLevel: "error" } as const),
    });
    return bundle.outputFiles[0]!.contents.length;
  };
  // measured 0.2, 0.2, 2.4, 2.2, 4.3, 11, 29 and 96 of 875 KB, rounded up by about half: a schema (zod, 470 KB) or a codec that creeps in breaks each of them
  test.each([
    ["{ halfToFloat }", 1_000],
    ["{ SamesightError }", 1_000],
    ["{ readSafetensors }", 4_000],
    ["{ layerRows }", 4_000],
    ["{ findings }", 8_000],
    ["{ preprocess }", 17_000],
    ["{ selectTaps }", 45_000],
    ["{ readModel, withTaps }", 145_000],
  ])("%s: below %i bytes", async (what, most) => {
    const size = await bytes(what);
    expect(size).toBeGreaterThan(100);
    expect(size).toBeLessThan(most);
  });
  test("the whole is many times as large", async () => {
    expect(await bytes("*")).toBeGreaterThan(500_000);
  });
});
