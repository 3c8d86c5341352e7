import { createHash } from "node:crypto";
import { readFile, realpath, stat } from "node:fs/promises";
import { dirname, resolve, sep } from "node:path";
import { SamesightError } from "../errors.js";
import { externalReferences, withExternalData } from "../model/external.js";
import { readModel, writeModel } from "../model/read.js";

/**
 * Reads an .onnx file, checked, its external data moved inside, so that the bytes and their hash stand for the whole network.
 * Throws SamesightError `missing` or `invalid`; the message starts with the path or names it.
 */
export async function loadModelFile(path: string): Promise<Uint8Array> {
  const info = await stat(path).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code !== "ENOENT" && cause.code !== "ENOTDIR") throw unreadable(path, cause);
    throw new SamesightError("missing", `no file at ${path}`, {
      hint: "Give the path of an .onnx file, a model.json, or zoo:NAME.",
      cause,
    });
  });
  if (!info.isFile()) {
    throw new SamesightError(
      "invalid",
      `${path} is ${info.isDirectory() ? "a folder" : "no file"}, expected an .onnx file`,
      {
        hint: "Give the file inside it.",
      },
    );
  }
  const bytes = await bytesOf(path);
  const model = readModel(bytes, path);
  const references = externalReferences(model, path);
  if (references.length === 0) return bytes;
  const files = await externalFiles(path, new Set(references.map((r) => r.path)));
  const whole = writeModel(withExternalData(model, (file) => files.get(file)!, path));
  readModel(whole, path);
  return whole;
}

/** SHA-256 in hexadecimal. */
export function sha256Of(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

async function externalFiles(path: string, names: ReadonlySet<string>): Promise<Map<string, Uint8Array>> {
  const folder = await realpath(dirname(resolve(path)));
  const files = new Map<string, Uint8Array>();
  for (const name of names) {
    // a link inside the folder may lead outside, so the place is judged after following it
    const target = await realpath(resolve(folder, name)).catch((cause) => {
      throw new SamesightError("missing", `${path}: external data '${name}' is not there`, {
        hint: "Keep the data file beside the .onnx file.",
        cause,
      });
    });
    if (!target.startsWith(folder.endsWith(sep) ? folder : folder + sep)) {
      throw new SamesightError("invalid", `${path}: external data '${name}' lies outside the network's folder`, {
        hint: "Only files beside the .onnx file are read; move the data there and export again.",
      });
    }
    files.set(name, await bytesOf(target));
  }
  return files;
}

async function bytesOf(path: string): Promise<Uint8Array> {
  return readFile(path).then(
    (b) => new Uint8Array(b.buffer, b.byteOffset, b.byteLength),
    (cause: NodeJS.ErrnoException) => {
      throw unreadable(path, cause);
    },
  );
}

function unreadable(path: string, cause: NodeJS.ErrnoException): SamesightError {
  const large = cause.code === "ERR_FS_FILE_TOO_LARGE";
  return new SamesightError(
    "invalid",
    `${path} cannot be read: ${large ? "it is larger than 2 GB" : (cause.code ?? cause.message)}`,
    {
      hint: large ? "Export the network in half precision." : "Check the file's permissions.",
      cause,
    },
  );
}
