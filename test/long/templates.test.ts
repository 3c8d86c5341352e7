/** A method and a measure started from the templates, in a copy of the sources: command line, schema, tables and report take them up. npm run check:templates */
import { execFileSync } from "node:child_process";
import { cpSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { parquetReadObjects } from "hyparquet";
import { beforeAll, describe, expect, test } from "vitest";
import { emptyFolder, networks, photographs } from "../e2e/support.js";

const root = join(import.meta.dirname, "../..");
const copy = emptyFolder("templates");
const run = join(copy, "run");
const node = (...argv: string[]) =>
  execFileSync(process.execPath, argv, {
    cwd: copy,
    encoding: "utf8",
    env: { ...process.env, SAMESIGHT_CACHE: join(copy, ".cache") },
  });

describe("a method and a measure from the templates", () => {
  beforeAll(async () => {
    for (const part of [
      "src",
      "scripts",
      "templates",
      "schemas",
      "test",
      "package.json",
      "vitest.config.ts",
      ".npmrc",
      "tsconfig.base.json",
      "tsconfig.json",
      "tsconfig.pure.json",
      "tsconfig.node.json",
      "tsconfig.app.json",
      "tsconfig.browser.json",
    ])
      cpSync(join(root, part), join(copy, part), { recursive: true });
    symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
    node("scripts/new.mjs", "method", "prototypes", copy);
    node("scripts/new.mjs", "measure", "norm_agreement", copy);
    execFileSync("npm", ["run", "build"], { cwd: copy, stdio: ["ignore", "ignore", "inherit"] });
    const nets = networks(copy);
    const images = await photographs(14, join(copy, "photos"));
    const flags = [
      "--method",
      "prototypes",
      "--controls",
      "norm_agreement",
      "--concepts",
      "3",
      "--layers",
      "auto:2",
      "--permutations",
      "20",
      "--bootstrap",
      "20",
      "--quiet",
    ];
    node("dist/cli/main.js", "compare", nets.residual, nets.inverted, "--images", images, "--out", run, ...flags);
  });
  test("the command line and the schema know them", () => {
    const help = node("dist/cli/main.js", "compare", "--help").replace(/\s+/g, " ");
    expect(help).toContain("nmf, pca, kmeans, prototypes");
    expect(help).toContain("norm_agreement");
    const schema = readFileSync(join(copy, "schemas/study.schema.json"), "utf8");
    expect(schema).toContain('"prototypes"');
    expect(schema).toContain('"norm_agreement"');
  });
  test("tables and report hold them", async () => {
    const b = readFileSync(join(run, "layers.parquet"));
    const rows = await parquetReadObjects({
      file: b.buffer.slice(b.byteOffset, b.byteOffset + b.byteLength) as ArrayBuffer,
    });
    const of = (method: string) => rows.filter((r) => r.method === method && typeof r.similarity === "number");
    expect(of("prototypes").filter((r) => r.model_a !== r.model_b)).toHaveLength(4);
    expect(of("norm_agreement").length).toBeGreaterThan(0);
    const page = readFileSync(join(run, "report/index.html"), "utf8");
    expect(page).toContain("prototypes");
    expect(page).toContain("norm_agreement");
  });
  test("the contracts of all methods and all measures pass with them", () => {
    const argv = [
      "node_modules/vitest/vitest.mjs",
      "run",
      "--reporter=verbose",
      "--root",
      copy,
      "test/concepts/nmf.test.ts",
      "test/similarity/controls/invariance.test.ts",
    ];
    const out = node(...argv); // throws when one fails
    expect(out).toMatch(/✓.*contract of '?prototypes/);
    expect(out).toMatch(/✓.*norm_agreement/);
  });
});
