/** The notebook runs on a run; the ten lines of Python export a network; Parquet is read by Arrow's own reader (Rust). */
import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { tableFromIPC } from "apache-arrow";
import { beforeAll, describe, expect, test } from "vitest";
import { conceptRowSchema, layerRowSchema, pairRowSchema } from "../../src/contract/results.js";
import { emptyFolder, networks, ownStore, photographs, SMALL, samesight } from "../e2e/support.js";

const python = "/usr/bin/python3";
const has = (module: string) => spawnSync(python, ["-c", `import ${module}`]).status === 0;
const without = (module: string) => (has(module) ? "" : ` (skipped: ${python} has no ${module})`);
const root = join(import.meta.dirname, "../..");
const dir = emptyFolder("python");
const run = join(dir, "run");

beforeAll(async () => {
  ownStore();
  const net = networks(dir);
  const images = await photographs(12, join(dir, "photos"));
  const { code, err } = await samesight([
    "compare",
    net.residual,
    net.inverted,
    "--images",
    images,
    ...SMALL,
    "--workers",
    "0",
    "--quiet",
    "--out",
    run,
  ]);
  expect([err, code]).toEqual(["", 0]);
}, 120_000);

describe.skipIf(!has("numpy"))(`examples/python/run.ipynb${without("numpy")}`, () => {
  test("is what make_notebook.py writes", () => {
    execFileSync(python, [join(root, "examples/python/make_notebook.py"), join(dir, "run.ipynb")]);
    expect(readFileSync(join(root, "examples/python/run.ipynb"), "utf8")).toBe(
      readFileSync(join(dir, "run.ipynb"), "utf8"),
    );
  });
  test("its cells run, and its matrix is the run's", () => {
    const argv = [join(root, "examples/python/run_notebook.py"), join(root, "examples/python/run.ipynb")];
    const out = execFileSync(python, argv, { encoding: "utf8", env: { ...process.env, SAMESIGHT_RUN: run } });
    expect(out).toContain("compared ['residual', 'inverted'] on");
    const printed = [...out.matchAll(/^ ?\[+ ?(-?[\d.]+(?: +-?[\d.]+)*) ?\]/gm)].map((m) =>
      m[1]!.trim().split(/ +/).map(Number),
    );
    const [head, ...lines] = readFileSync(join(run, "layers.csv"), "utf8").trim().split("\n");
    const at = (name: string) => head!.split(",").indexOf(name);
    const cells = lines
      .map((l) => l.split(","))
      .filter((l) => l[at("model_a")] === "residual" && l[at("model_b")] === "inverted" && l[at("method")] === "nmf");
    expect(printed.slice(0, 3).flat()).toHaveLength(9);
    for (const [i, value] of printed.slice(0, 3).flat().entries())
      expect(value).toBeCloseTo(Number(cells[i]![at("similarity")]), 1.9);
    expect(out.match(/unit length/g)).toHaveLength(3);
    expect(out).toMatch(/largest cosine of two concepts: 0\.\d+/);
  });
});

test.skipIf(!has("torch"))(
  `examples/python/export_network.py exports what inspect reads${without("torch")}`,
  async () => {
    const path = join(dir, "torch.onnx");
    execFileSync(python, [join(root, "examples/python/export_network.py"), path], { stdio: "ignore" });
    const { code, out } = await samesight(["inspect", path]);
    expect(code).toBe(0);
    expect(out).toContain("input image 224 x 224");
  },
);

test.each([
  ["layers", layerRowSchema],
  ["concepts", conceptRowSchema],
  ["pairs", pairRowSchema],
] as const)("%s.parquet is read by the Arrow project's reader, columns and rows as its schema says", (name, schema) => {
  const { readParquet } = createRequire(import.meta.url)("parquet-wasm/node") as typeof import("parquet-wasm");
  const table = tableFromIPC(readParquet(new Uint8Array(readFileSync(join(run, `${name}.parquet`)))).intoIPCStream());
  expect(table.schema.fields.map((f) => f.name)).toEqual(Object.keys(schema.shape));
  expect(table.numRows).toBeGreaterThan(0);
  for (let i = 0; i < table.numRows; i++) schema.parse(table.get(i)!.toJSON());
});
