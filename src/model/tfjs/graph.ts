import { graphModelSchema } from "../../contract/graphmodel.js";
import { SamesightError } from "../../errors.js";

/** A node of a TensorFlow GraphDef as TensorFlow.js writes it to JSON. */
export interface TfNode {
  readonly name: string;
  readonly op: string;
  readonly input?: readonly string[];
  readonly attr?: Readonly<Record<string, TfAttribute>>;
}

/** Two encodings are in use: strings as base64 or as lists of character codes, integers as strings or numbers. */
export interface TfAttribute {
  readonly i?: string | number;
  readonly f?: number;
  readonly b?: boolean;
  readonly s?: string | readonly number[];
  readonly type?: string | number;
  readonly shape?: { readonly dim?: readonly { readonly size: string | number }[] };
  readonly list?: { readonly i?: readonly (string | number)[]; readonly s?: readonly (string | readonly number[])[] };
}

export interface WeightEntry {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly quantization?: { readonly dtype: string; readonly scale?: number; readonly min?: number };
}

export interface GraphModelJson {
  readonly modelTopology: { readonly node: readonly TfNode[] };
  readonly weightsManifest: readonly { readonly paths: readonly string[]; readonly weights: readonly WeightEntry[] }[];
  readonly format?: string;
}

/** Checks a model.json. Throws SamesightError `invalid` that names the first place that is not as TensorFlow.js writes it. */
export function checkGraphModel(json: unknown, where = "model.json"): GraphModelJson {
  const parsed = graphModelSchema.safeParse(json);
  if (parsed.success) return json as GraphModelJson;
  const { path, message } = parsed.error.issues[0]!;
  throw new SamesightError(
    "invalid",
    `${where}: not a TensorFlow.js graph model (${path.join(".") || "the file"}: ${message})`,
    {
      hint: "Give the model.json of a graph model (modelTopology and weightsManifest); layers models must be converted with tensorflowjs_converter first.",
    },
  );
}

export function integer(node: TfNode, key: string, otherwise: number): number {
  const value = node.attr?.[key]?.i;
  return value === undefined ? otherwise : Number(value);
}

export function integers(node: TfNode, key: string): number[] {
  return (node.attr?.[key]?.list?.i ?? []).map(Number);
}

export function text(node: TfNode, key: string, otherwise: string): string {
  const value = node.attr?.[key]?.s;
  return value === undefined ? otherwise : decode(value);
}

export function texts(node: TfNode, key: string): string[] {
  return (node.attr?.[key]?.list?.s ?? []).map(decode);
}

function decode(value: string | readonly number[]): string {
  return typeof value === "string" ? fromBase64(value) : String.fromCharCode(...value);
}

function fromBase64(encoded: string): string {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  let bits = 0;
  let held = 0;
  let out = "";
  for (const ch of encoded.replace(/=+$/, "")) {
    held = (held << 6) | alphabet.indexOf(ch);
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      out += String.fromCharCode((held >> bits) & 0xff);
    }
  }
  return out;
}

/** "scope/node:1" -> the node and which of its outputs; control inputs ("^node") give undefined. */
export function reference(input: string): { name: string; output: number } | undefined {
  if (input.startsWith("^")) return undefined;
  const colon = /^(.*):(\d+)$/.exec(input);
  return colon ? { name: colon[1]!, output: Number(colon[2]) } : { name: input, output: 0 };
}
