import type { Preprocessing, PreprocessingInput } from "../../contract/preprocessing.js";
import { preprocessingSchema } from "../../contract/preprocessing.js";
import { SamesightError } from "../../errors.js";
import type { InputInfo } from "../types.js";

/** Where a network's preprocessing was taken from, the most certain first. */
export type PreprocessingOrigin = "given" | "zoo" | "ultralytics" | "onnx" | "huggingface" | "guessed";

export interface FoundPreprocessing {
  readonly preprocessing: Preprocessing;
  readonly origin: PreprocessingOrigin;
  /** What the reader should know: parts that had to be approximated or guessed. */
  readonly notes: readonly string[];
}

/** What the graph itself fixes; -1 for a free side. */
export interface InputSize {
  readonly width: number;
  readonly height: number;
}

export function inputSize(input: InputInfo): InputSize {
  const [h, w] = input.layout === "NCHW" ? [2, 3] : [1, 2];
  return { height: input.shape[h]!, width: input.shape[w]! };
}

/** Channels of the input; -1 where free. */
export function inputChannels(input: InputInfo): number {
  return input.shape[input.layout === "NCHW" ? 1 : 3]!;
}

/** Throws SamesightError `unsupported` for a network that looks at neither three colours nor grey. */
export function checkColours(input: InputInfo, where: string): void {
  const channels = inputChannels(input);
  if (channels === 3 || channels === 1 || channels < 1) return;
  throw new SamesightError(
    "unsupported",
    `${where}: its input has ${channels} channels, expected three colours or one of grey`,
    {
      hint: "samesight shows networks RGB or grey photographs; put a layer before it that makes its channels from them.",
    },
  );
}

/**
 * Sizes from the graph win over those that a file beside it names: onnxruntime accepts no other. Throws SamesightError `missing` when neither
 * says them, `invalid` when they contradict.
 */
export function finished(
  rest: Omit<PreprocessingInput, "width" | "height" | "layout" | "type">,
  named: Partial<InputSize>,
  input: InputInfo,
  where: string,
  source: string,
): Preprocessing {
  const graph = inputSize(input);
  const side = (kind: "width" | "height") => {
    const fixed = graph[kind];
    const wanted = named[kind] ?? -1;
    if (fixed > 0 && wanted > 0 && fixed !== wanted) {
      throw new SamesightError(
        "invalid",
        `${where}: ${source} says a ${kind} of ${wanted}, but the network takes ${fixed}`,
        { hint: "Correct the file, or write the preprocessing to a JSON file and pass --preprocess NETWORK=FILE." },
      );
    }
    const size = fixed > 0 ? fixed : wanted;
    if (size > 16384) {
      throw new SamesightError(
        "unsupported",
        `${where}: takes images ${size} pixels a side, at most 16384 are possible`,
        {
          hint: "Export the network with a smaller input.",
        },
      );
    }
    if (size > 0) return size;
    throw new SamesightError("missing", `${where}: its input size is free, so preprocessing must be given`, {
      hint: 'Write {"width": 640, "height": 640, ...} to a file and pass --preprocess NETWORK=FILE.',
    });
  };
  const type = input.type === "float16" || input.type === "uint8" ? input.type : "float32";
  return preprocessingSchema.parse({
    ...rest,
    width: side("width"),
    height: side("height"),
    layout: input.layout,
    type,
    ...(inputChannels(input) === 1 ? { channels: "L" as const } : {}),
  });
}

/** RGB in 0..1, stretched: the input of more detectors than any other; a byte input takes bytes as they are. */
export function guessed(input: InputInfo, where: string): FoundPreprocessing {
  const scale = input.type === "uint8" ? { scale: 1 } : {};
  const preprocessing = finished(scale, {}, input, where, "the guess");
  const range = input.type === "uint8" ? "0..255" : "0..1";
  return {
    preprocessing,
    origin: "guessed",
    notes: [
      `nothing says how it wants its images: guessed ${preprocessing.channels === "L" ? "grey (luminance)" : "RGB"}, ${range}, stretched`,
    ],
  };
}
