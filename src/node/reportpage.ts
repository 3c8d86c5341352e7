import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readdir, readFile, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import type { TensorFile } from "../contract/safetensors.js";
import { writeSafetensors } from "../contract/safetensors.js";
import { SamesightError } from "../errors.js";
import type { ReportManifest } from "../report/data.js";
import { REPORT_VERSION } from "../report/data.js";
import type { PackedBlocks } from "../report/render/page.js";
import { blockFile, page } from "../report/render/page.js";
import { writeAtomic } from "./store.js";

/** Up to here the page is one file; beyond, its blocks lie beside it and are read when looked at. */
export const SINGLE_FILE_BYTES = 20_000_000;

/** gzip, then base64: what a script element or a script file can carry. */
export function packBlocks(blocks: Readonly<Record<string, TensorFile>>): PackedBlocks {
  return Object.fromEntries(
    Object.entries(blocks).map(([name, file]) => [
      name,
      gzipSync(writeSafetensors(file.tensors, file.metadata), { level: 6 }).toString("base64"),
    ]),
  );
}

/** Writes DIR/report/index.html, and beside it blocks/*.js when one file would be too large. The path of the page. */
export async function writePage(
  dir: string,
  manifest: Omit<ReportManifest, "blocks">,
  blocks: PackedBlocks,
  singleFileBytes = SINGLE_FILE_BYTES,
): Promise<string> {
  const script = await bundle();
  const report = join(resolve(dir), "report");
  const bytes = Object.fromEntries(Object.entries(blocks).map(([name, text]) => [name, text.length]));
  const whole: ReportManifest = { ...manifest, blocks: bytes };
  const inside = Object.values(bytes).reduce((sum, b) => sum + b, 0) + script.length <= singleFileBytes;
  const folder = join(report, "blocks");
  const wanted = new Set(inside ? [] : Object.keys(blocks).map(blockFile));
  if (!inside) {
    for (const [name, text] of Object.entries(blocks)) {
      await writeAtomic(join(folder, blockFile(name)), [`samesightBlock(${JSON.stringify(name)},"${text}")\n`]);
    }
  }
  const path = join(report, "index.html");
  await writeAtomic(path, [page(whole, inside ? blocks : {}, script, hash)]);
  // blocks of an earlier, larger run
  for (const old of await readdir(folder).catch(() => [])) {
    if (!wanted.has(old)) await rm(join(folder, old), { force: true });
  }
  return path;
}

const hash = (text: string) => `sha256-${createHash("sha256").update(text).digest("base64")}`;

/** The page of a finished run, made again from its own data by this version of the program. Throws SamesightError `missing` or `invalid`. */
export async function rewriteReport(dir: string, singleFileBytes = SINGLE_FILE_BYTES): Promise<string> {
  const path = join(resolve(dir), "report", "index.html");
  const html = await readFile(path, "utf8").catch((cause) => {
    throw new SamesightError("missing", `no finished run in ${dir}`, {
      hint: "Give the folder that samesight compare, run or demo wrote (--out).",
      cause,
    });
  });
  const damaged = (what: string, cause?: unknown) =>
    new SamesightError("invalid", `${path}: ${what}`, {
      hint: "Run the study again: finished work is taken from the cache.",
      cause,
    });
  const json = /<script type="application\/json" id="data">(.*?)<\/script>/s.exec(html)?.[1];
  if (json === undefined) throw damaged("no data of a run in it");
  let manifest: ReportManifest;
  try {
    manifest = JSON.parse(json) as ReportManifest;
  } catch (cause) {
    throw damaged("damaged", cause);
  }
  if (manifest.version !== REPORT_VERSION) throw damaged("made by another version of samesight");
  const blocks: Record<string, string> = {};
  for (const [, name, text] of html.matchAll(
    /<script type="text\/plain" data-block="([\w/-]+)">([\w+/=]*)<\/script>/g,
  )) {
    blocks[name!] = text!;
  }
  for (const [name, bytes] of Object.entries(manifest.blocks)) {
    blocks[name] ??= await readBlock(join(resolve(dir), "report", "blocks", blockFile(name)));
    if (blocks[name].length !== bytes || !readable(blocks[name]))
      throw damaged(`its part ${name} is missing or damaged`);
  }
  return writePage(dir, manifest, blocks, singleFileBytes);
}

async function readBlock(path: string): Promise<string> {
  const text = await readFile(path, "utf8").catch(() => "");
  return /^samesightBlock\("[\w/-]+","([\w+/=]*)"\)\n$/.exec(text)?.[1] ?? "";
}

function readable(base64: string): boolean {
  try {
    return gunzipSync(Buffer.from(base64, "base64")).length > 0;
  } catch {
    return false;
  }
}

async function bundle(): Promise<string> {
  const places = ["../report-app.js", "../../dist/report-app.js"].map((p) => resolve(import.meta.dirname, p));
  const found = places.find((p) => existsSync(p));
  if (!found) throw new SamesightError("missing", "the report's script is not built", { hint: "Run npm run build." });
  return readFile(found, "utf8");
}
