import type { TensorFile } from "../../contract/safetensors.js";
import { readSafetensors } from "../../contract/safetensors.js";
import { blockFile } from "../render/page.js";
import { TURNING } from "../render/text.js";

declare global {
  interface Window {
    samesightBlock?: (name: string, text: string) => void;
  }
}

const arrived = new Map<string, string>();
const kept = new Map<string, Promise<TensorFile>>();

window.samesightBlock = (name, text) => arrived.set(name, text);

/** A block of the page: from inside it or from the file beside it, read once. */
export function block(name: string): Promise<TensorFile> {
  const known = kept.get(name) ?? read(name);
  kept.set(name, known);
  // what could not be read may be tried again
  known.catch(() => kept.delete(name));
  return known;
}

async function read(name: string): Promise<TensorFile> {
  const inside = document.querySelector(`script[data-block="${name}"]`);
  const text = inside?.textContent ?? (await beside(name));
  const packed = Uint8Array.from(atob(text), (ch) => ch.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  return readSafetensors(new Uint8Array(await new Response(stream).arrayBuffer()), name);
}

/** A page on disk may not fetch its neighbours, but it may run them as scripts: each hands over one block. */
function beside(name: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = `blocks/${blockFile(name)}`;
    script.onload = () => {
      script.remove();
      const text = arrived.get(name);
      arrived.delete(name);
      if (text === undefined) reject(new Error(`${script.src} holds no ${name}`));
      else resolve(text);
    };
    script.onerror = () => {
      script.remove();
      reject(new Error(`blocks/${blockFile(name)} is missing: keep the folder "blocks" beside this page`));
    };
    document.head.append(script);
  });
}

/** Bytes of file `at` in a block of files. */
function fileIn(file: TensorFile, at: number): Uint8Array {
  const data = file.tensors.data!.data as Uint8Array;
  const ends = file.tensors.ends!.data as Int32Array;
  return data.subarray(at > 0 ? ends[at - 1]! : 0, ends[at]!);
}

const uris = new WeakMap<TensorFile, Map<number, string>>();

/** A picture of a block as a data URI: figures that hold it stay whole when they are saved. */
export function pictureUri(file: TensorFile, at: number): string {
  const own = uris.get(file) ?? new Map<number, string>();
  uris.set(file, own);
  const known = own.get(at);
  if (known) return known;
  const bytes = fileIn(file, at);
  let text = "";
  for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192));
  const uri = `data:image/webp;base64,${btoa(text)}`;
  own.set(at, uri);
  return uri;
}

/** Photographs of the page on which a concept covers most, most first. `block`: "concepts". */
export function strongestOf(block: TensorFile, concept: number): number[] {
  const [, shown] = block.tensors.strongest!.dims as [number, number];
  const all = block.tensors.strongest!.data as Int32Array;
  return [...all.subarray(concept * shown, (concept + 1) * shown)].filter((p) => p >= 0);
}

/** Reviver of JSON: no text turns the direction of what follows it. */
export function upright(_: string, value: unknown): unknown {
  return typeof value === "string" ? value.replace(TURNING, "") : value;
}

export type Row = Readonly<Record<string, string | number | boolean | null>>;

/** A number of a table. */
export const num = (v: unknown): number | null => v as number | null;

/** A table of columns as rows. */
export function tableRows(file: TensorFile): Row[] {
  const columns = JSON.parse(new TextDecoder().decode(file.tensors.json!.data as Uint8Array), upright) as Record<
    string,
    Row[string][]
  >;
  const names = Object.keys(columns);
  return (columns[names[0]!] ?? []).map((_, i) => Object.fromEntries(names.map((n) => [n, columns[n]![i]!])));
}
