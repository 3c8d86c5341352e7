/** The published JSON Schemas say what the types say, and the files of a run keep to them. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { parquetReadObjects } from "hyparquet";
import { beforeAll, describe, expect, test } from "vitest";
import { jsonSchemas } from "../../src/contract/schemas.js";
import { ZOO } from "../../src/node/zoo/catalogue.js";
import { networks, ownStore, photographs, SMALL, samesight } from "../e2e/support.js";

const folder = join(import.meta.dirname, "../../schemas");
const stored = (name: string) => JSON.parse(readFileSync(join(folder, name), "utf8"));

test("schemas/ is what the source says (npm run build writes it; commit what it wrote)", () => {
  const made = jsonSchemas();
  expect(readdirSync(folder).sort()).toEqual(Object.keys(made).sort());
  for (const [name, schema] of Object.entries(made)) expect(stored(name), name).toEqual(schema);
});

const ajv = new Ajv2020({ strict: true, allErrors: true });
const faults = (name: string, value: unknown): string[] => {
  const validate = ajv.getSchema(name) ?? ajv.compile({ ...stored(`${name}.schema.json`), $id: name });
  validate(value);
  return (validate.errors ?? []).map((e) => `${e.instancePath} ${e.message}`);
};

describe("files people write", () => {
  test("a study with nothing but its networks, and one with everything", () => {
    expect(faults("study", { networks: [{ source: "a.onnx" }] })).toEqual([]);
    expect(
      faults("study", {
        $schema: "schemas/study.schema.json",
        title: "old and new",
        networks: [{ id: "a", source: "a.onnx", layers: ["auto:3"], preprocess: { width: 64, height: 64 } }],
        images: "photographs",
        testImages: "more",
        concepts: { method: "pca", k: "auto" },
        maps: { density: 0.05 },
        similarity: { bootstrap: 0 },
        seed: 7,
      }),
    ).toEqual([]);
  });
  test("what the reader refuses, the schema refuses", () => {
    expect(faults("study", {})).not.toEqual([]);
    expect(faults("study", { networks: [] })).not.toEqual([]);
    expect(faults("study", { networks: [{ source: "a" }], image: "x" })).not.toEqual([]);
    expect(faults("study", { networks: [{ source: "a" }], concepts: { k: 0 } })).not.toEqual([]);
    expect(faults("preprocessing", { width: 64 })).not.toEqual([]);
  });
  test.each(Object.entries(ZOO))("preprocessing of zoo:%s", (_name, { preprocessing }) => {
    expect(faults("preprocessing", JSON.parse(JSON.stringify(preprocessing)))).toEqual([]);
  });
});

describe("files a run writes", () => {
  const out = ownStore();
  beforeAll(async () => {
    const net = networks();
    const outcome = await samesight([
      "compare",
      net.residual,
      net.inverted,
      "--images",
      await photographs(16),
      ...SMALL,
      "--out",
      join(out, "run"),
    ]);
    expect(outcome).toMatchObject({ code: 0 });
  });

  test("run.json", () => {
    const run = JSON.parse(readFileSync(join(out, "run/run.json"), "utf8"));
    expect(faults("run", run)).toEqual([]);
    expect(faults("study", run.config)).toEqual([]);
    for (const model of run.models) expect(faults("preprocessing", model.preprocessing)).toEqual([]);
    const { seed: _, ...without } = run;
    expect(faults("run", without)).not.toEqual([]);
  });

  test.each(["layers", "concepts", "pairs"])("every row of %s.parquet", async (name) => {
    const bytes = readFileSync(join(out, `run/${name}.parquet`));
    const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
    const rows = await parquetReadObjects({ file });
    expect(rows.length).toBeGreaterThan(10);
    for (const row of rows) expect(faults(name, row)).toEqual([]);
    expect(Object.keys(rows[0]!)).toEqual(Object.keys(stored(`${name}.schema.json`).properties));
    expect(faults(name, { ...rows[0], extra: 1 })).not.toEqual([]);
  });
});
