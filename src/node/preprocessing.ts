import { readFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import type { Preprocessing } from "../contract/preprocessing.js";
import { preprocessingSchema } from "../contract/preprocessing.js";
import { SamesightError } from "../errors.js";
import type { FoundPreprocessing } from "../model/preprocessing/found.js";
import { checkColours, guessed, inputChannels, inputSize } from "../model/preprocessing/found.js";
import { fromHuggingFace, isHuggingFace } from "../model/preprocessing/huggingface.js";
import { fromMetadata } from "../model/preprocessing/metadata.js";
import type { NetworkSummary } from "../model/types.js";
import { nearestName } from "../numerics/nearest.js";

/** Beside the network, or one folder up where the network lies in `onnx/`, as the hub's repositories have it. */
const BESIDE = ["preprocessor_config.json", join("..", "preprocessor_config.json")];

/**
 * How a network wants its photographs, from the most certain source: what is given (data, or the path of our JSON or of a Hugging Face
 * `preprocessor_config.json`), the zoo, the network's metadata (Ultralytics, ONNX images), a `preprocessor_config.json` beside it; else a
 * guess. Throws SamesightError `missing` where even a guess needs the input's size, `invalid` for a file that is wrong.
 */
export async function findPreprocessing(
  source: string,
  summary: NetworkSummary,
  given: Preprocessing | string | undefined,
  zoo: Preprocessing | undefined,
): Promise<FoundPreprocessing> {
  const { input, metadata } = summary;
  checkColours(input, source);
  const settled = (preprocessing: Preprocessing, origin: "given" | "zoo"): FoundPreprocessing => ({
    preprocessing: fitting(preprocessing, summary, source),
    origin,
    notes: [],
  });
  if (typeof given === "string") {
    const json = await readJson(given);
    if (isHuggingFace(json)) return { ...fromHuggingFace(json, input, source, given), origin: "given" };
    return settled(parsePreprocessing(json, given), "given");
  }
  if (given) return settled(given, "given");
  if (zoo) return settled(zoo, "zoo");
  const own = fromMetadata(metadata, input, source);
  if (own) return own;
  for (const place of source.startsWith("zoo:") ? [] : BESIDE) {
    const path = join(dirname(resolve(source)), place);
    if (place !== BESIDE[0] && basename(dirname(resolve(source))) !== "onnx") continue;
    const json = await readJson(path).catch((error: SamesightError) => {
      if (error.code === "missing") return undefined;
      throw error;
    });
    if (isHuggingFace(json)) return fromHuggingFace(json, input, source, basename(path));
  }
  return guessed(input, source);
}

/** Layout and element type are the graph's to say; a size that it fixes must be met. Throws SamesightError `invalid`. */
function fitting(p: Preprocessing, { input }: NetworkSummary, source: string): Preprocessing {
  const fixed = inputSize(input);
  if ((fixed.width > 0 && fixed.width !== p.width) || (fixed.height > 0 && fixed.height !== p.height)) {
    throw new SamesightError(
      "invalid",
      `${source}: its preprocessing makes ${p.width} x ${p.height} images, but the network takes ${fixed.width} x ${fixed.height}`,
      { hint: `Write "width": ${fixed.width}, "height": ${fixed.height}.` },
    );
  }
  const { layout, type, shape } = input;
  const planes = inputChannels(input);
  if (planes === 3 && p.channels === "L") {
    throw new SamesightError(
      "invalid",
      `${source}: its preprocessing makes one channel of grey, but the network takes three colours`,
      {
        hint: 'Write "channels": "RGB".',
      },
    );
  }
  // where the graph leaves both places of the colours open, the file knows better
  const known = shape[1]! > 0 || shape[3]! > 0;
  return {
    ...p,
    ...(known ? { layout } : {}),
    ...(planes === 1 ? { channels: "L" as const } : {}),
    ...(type === "float32" || type === "float16" || type === "uint8" ? { type } : {}),
  };
}

async function readJson(path: string): Promise<unknown> {
  const hint = "Give a JSON file with width, height, mean, std ..., or a Hugging Face preprocessor_config.json.";
  const text = await readFile(path, "utf8").catch((cause) => {
    throw new SamesightError("missing", `no file at ${path}`, { hint, cause });
  });
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new SamesightError("invalid", `${path}: not JSON`, { hint, cause });
  }
}

/** Our own form of a preprocessing file. Throws SamesightError `unknown` for a key that is not there, `invalid` with the key that is wrong. */
export function parsePreprocessing(json: unknown, where: string): Preprocessing {
  const parsed = preprocessingSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  if (issue.code === "unrecognized_keys") {
    const near = nearestName(issue.keys[0]!, Object.keys(preprocessingSchema.shape));
    throw new SamesightError("unknown", `${where}: unknown key '${issue.keys[0]}'`, {
      hint: near ? `Did you mean '${near}'?` : "See schemas/preprocessing.schema.json.",
    });
  }
  throw new SamesightError("invalid", `${where}: ${issue.path.join(".") || "the file"}: ${issue.message}`, {
    hint: "See schemas/preprocessing.schema.json.",
  });
}

/** Reads a preprocessing file of our own form. */
export async function readPreprocessing(path: string): Promise<Preprocessing> {
  return parsePreprocessing(await readJson(path), path);
}
