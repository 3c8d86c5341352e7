import { join } from "node:path";
import type { ColumnSource } from "hyparquet-writer";
import { parquetWriteBuffer } from "hyparquet-writer";
import type { z } from "zod";
import { SamesightError } from "../errors.js";
import { writeAtomic } from "./store.js";

type Row = Readonly<Record<string, string | number | boolean | null>>;

/** RFC 4180 with LF: header first, empty field for null, quotes only where needed. Numbers are written so that they read back exactly. */
export function toCsv(columns: readonly string[], rows: readonly Row[]): string {
  const field = (value: Row[string] | undefined): string => {
    if (value === null || value === undefined) return "";
    const text = String(value);
    return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  const lines = [columns.join(","), ...rows.map((row) => columns.map((c) => field(row[c])).join(","))];
  return `${lines.join("\n")}\n`;
}

/** Columns and their Parquet types come from the schema of the row, so that files, types and JSON Schema have one source. */
export function toParquet(schema: z.ZodObject, rows: readonly Row[]): Uint8Array {
  const columnData: ColumnSource[] = Object.entries(schema.shape).map(([name, kind]) => {
    const { type, nullable } = columnType(kind as z.ZodType);
    return { name, data: rows.map((row) => row[name] ?? null) as never, type, nullable };
  });
  return new Uint8Array(parquetWriteBuffer({ columnData }));
}

function columnType(kind: z.ZodType): { type: "STRING" | "BOOLEAN" | "INT32" | "DOUBLE"; nullable: boolean } {
  const def = kind.def as { type: string; innerType?: z.ZodType; format?: string; check?: string };
  if (def.type === "nullable") return { ...columnType(def.innerType!), nullable: true };
  if (def.type === "string" || def.type === "enum") return { type: "STRING", nullable: false };
  if (def.type === "boolean") return { type: "BOOLEAN", nullable: false };
  if (def.type === "number") return { type: def.format === "safeint" ? "INT32" : "DOUBLE", nullable: false };
  throw new SamesightError("defect", `tables: no Parquet type for a column of kind '${def.type}'`);
}

export async function writeCsv(path: string, schema: z.ZodObject, rows: readonly Row[]): Promise<void> {
  await writeAtomic(path, [toCsv(Object.keys(schema.shape), rows)]);
}

export async function writeParquet(path: string, schema: z.ZodObject, rows: readonly Row[]): Promise<void> {
  await writeAtomic(path, [toParquet(schema, rows)]);
}

/** The same rows as `<name>.csv` and `<name>.parquet`. */
export async function writeTable(dir: string, name: string, schema: z.ZodObject, rows: readonly Row[]): Promise<void> {
  await Promise.all([
    writeCsv(join(dir, `${name}.csv`), schema, rows),
    writeParquet(join(dir, `${name}.parquet`), schema, rows),
  ]);
}
