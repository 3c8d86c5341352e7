/** A run's files as somebody with Python and numpy reads them, against what is read here. */
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parquetReadObjects } from "hyparquet";
import { beforeAll, describe, expect, test } from "vitest";
import { readSafetensors } from "../../src/contract/safetensors.js";
import { networks, ownStore, photographs, SMALL, samesight } from "../e2e/support.js";

const python = process.platform === "win32" ? "python" : "/usr/bin/python3";
const has = (module: string) => spawnSync(python, ["-c", `import ${module}`]).status === 0;
const reason = has("numpy") ? "" : ` (skipped: ${python} has no numpy)`;
const withArrow = has("pyarrow");

type Row = Record<string, string | number | boolean | null>;
interface Read {
  readonly run: { schemaVersion: number; models: string[] };
  readonly vectors: Record<
    string,
    {
      meta: Record<string, string>;
      shapes: Record<string, number[]>;
      norms: Record<string, number[]>;
      values: Record<string, number[]>;
    }
  >;
  readonly csv: Record<string, Record<string, string>[]>;
  readonly parquet: Record<string, Row[] | null>;
  readonly matrix: { shape: number[]; mean: number; missing: number };
}

async function rowsOf(path: string): Promise<Row[]> {
  const b = readFileSync(path);
  return (await parquetReadObjects({
    file: b.buffer.slice(b.byteOffset, b.byteOffset + b.byteLength) as ArrayBuffer,
  })) as Row[];
}

/** A value of a table as CSV holds it, in the type that the column has. */
function typed(text: string, like: Row[string]): Row[string] {
  if (text === "") return typeof like === "string" ? "" : null;
  if (typeof like === "number") return Number(text);
  if (typeof like === "boolean") return text === "true";
  return text;
}

describe.skipIf(reason !== "")(`read by Python${reason}`, () => {
  const dir = join(ownStore(), "run");
  let read: Read;
  beforeAll(async () => {
    const net = networks();
    const images = await photographs(16);
    const argv = ["compare", net.residual, net.inverted, "--images", images, ...SMALL, "--out", dir];
    expect(await samesight(argv)).toMatchObject({ code: 0 });
    const { stdout, stderr, status } = spawnSync(python, [join(import.meta.dirname, "read_run.py"), dir], {
      encoding: "utf8",
      maxBuffer: 1e8,
    });
    expect(status, stderr).toBe(0);
    read = JSON.parse(stdout) as Read;
  });

  test("run.json", () => {
    expect(read.run).toEqual({ schemaVersion: 1, models: ["residual", "inverted"] });
  });

  test("vectors: names, shapes (k, C), unit rows, every value bit for bit", () => {
    expect(Object.keys(read.vectors).sort()).toEqual(["inverted", "residual"]);
    const run = JSON.parse(readFileSync(join(dir, "run.json"), "utf8")) as {
      models: { id: string; sha256: string; taps: { name: string; channels: number; k: number }[] }[];
    };
    for (const model of run.models) {
      const found = read.vectors[model.id]!;
      expect(found.meta).toMatchObject({ axes: "concept,channel", model: model.id, sha256: model.sha256 });
      expect(found.shapes).toEqual(Object.fromEntries(model.taps.map((t) => [`${t.name}/nmf`, [t.k, t.channels]])));
      const { tensors } = readSafetensors(readFileSync(join(dir, "vectors", `${model.id}.safetensors`)));
      for (const [name, values] of Object.entries(found.values)) {
        expect(values).toEqual(Array.from(tensors[name]!.data as Float32Array));
        for (const norm of found.norms[name]!) expect(Math.abs(norm - 1)).toBeLessThan(1e-5);
      }
    }
  });

  test.each(["layers", "concepts"])("%s.csv holds what %s.parquet holds, number for number", async (name) => {
    const rows = await rowsOf(join(dir, `${name}.parquet`));
    const csv = read.csv[name]!;
    expect(csv.length).toBe(rows.length);
    for (const [i, row] of rows.entries()) {
      const sameTypes = Object.fromEntries(Object.entries(row).map(([k, v]) => [k, typed(csv[i]![k]!, v)]));
      expect(sameTypes).toEqual(row);
    }
  });

  test("the matrix of two networks, as numpy sees it", async () => {
    const rows = (await rowsOf(join(dir, "layers.parquet"))).filter(
      (r) => r.method === "nmf" && r.model_a !== r.model_b,
    );
    const values = rows.map((r) => r.similarity).filter((s) => typeof s === "number");
    expect(read.matrix.shape).toEqual([3, 3]);
    expect(read.matrix.missing).toBe(9 - values.length);
    expect(read.matrix.mean).toBeCloseTo(values.reduce((a, b) => a + b, 0) / values.length, 12);
  });

  test.skipIf(!withArrow)(
    `Parquet by pyarrow${withArrow ? "" : ` (skipped: ${python} has no pyarrow; hyparquet reads it back above)`}`,
    async () => {
      for (const name of ["layers", "concepts", "pairs"])
        expect(read.parquet[name]).toEqual(await rowsOf(join(dir, `${name}.parquet`)));
    },
  );

  test("nothing else lies in the folder", () => {
    expect(readdirSync(dir).filter((f) => f.includes(".part"))).toEqual([]);
  });
});
