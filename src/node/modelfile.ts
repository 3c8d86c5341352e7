import { createHash } from "node:crypto";
import { readFile, realpath, stat } from "node:fs/promises";
import { dirname, resolve, sep } from "node:path";
import { SamesightError } from "../errors.js";
import { embedExternalData, externalFiles } from "../model/external.js";
import { readModel, writeModel } from "../model/read.js";

/** Reads an .onnx file with its external data, checked. Throws SamesightError; the message starts with the path. */
export async function loadModelFile(path: string): Promise<Uint8Array> {
  const info = await stat(path).catch(() => undefined);
  if (!info)
    throw new SamesightError("missing", `no file at ${path}`, {
      hint: "Give the path of an .onnx file, a model.json, or zoo:NAME.",
    });
  if (!info.isFile())
    throw new SamesightError("invalid", `${path} is a folder, expected an .onnx file`, {
      hint: "Give the file inside it.",
    });
  const bytes = new Uint8Array(await readFile(path));
  const model = readModel(bytes, path);
  const files = externalFiles(model);
  if (files.length === 0) return bytes;
  const folder = await realpath(dirname(resolve(path)));
  const data = new Map<string, Uint8Array>();
  for (const file of files) {
    const target = await realpath(resolve(folder, file)).catch(() => resolve(folder, file));
    if (!target.startsWith(folder + sep)) {
      throw new SamesightError("invalid", `${path}: external data '${file}' lies outside the network's folder`, {
        hint: "Only files beside the .onnx file are read; move the data there and export again.",
      });
    }
    data.set(
      file,
      await readFile(target).catch((cause) => {
        throw new SamesightError("missing", `${path}: external data '${file}' is not there`, {
          hint: "Keep the data file beside the .onnx file.",
          cause,
        });
      }),
    );
  }
  embedExternalData(model, data, path);
  return writeModel(model);
}

export function sha256Of(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
