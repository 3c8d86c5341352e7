import type { Preprocessing } from "../../contract/preprocessing.js";
import { SamesightError } from "../../errors.js";
import type { InputInfo } from "../types.js";
import type { FoundPreprocessing, InputSize } from "./found.js";
import { finished } from "./found.js";

type Json = Readonly<Record<string, unknown>>;

/** Whether a JSON file is a Hugging Face `preprocessor_config.json` (and not our own form). */
export function isHuggingFace(json: unknown): json is Json {
  if (typeof json !== "object" || json === null || Array.isArray(json)) return false;
  return [
    "image_processor_type",
    "feature_extractor_type",
    "do_resize",
    "do_normalize",
    "image_mean",
    "do_rescale",
  ].some((k) => k in json);
}

const RESAMPLE = ["nearest", "lanczos", "bilinear", "bicubic", "box", "hamming"] as const;

/**
 * A Hugging Face image processor's file as ours. Read: do_resize, size (number, shortest_edge, longest_edge, height and width), crop_pct,
 * do_center_crop, crop_size, do_pad, resample (Pillow's numbers), do_rescale, rescale_factor, rescale_offset, do_normalize, image_mean,
 * image_std, do_flip_channel_order. Throws SamesightError `unsupported` for a crop out of a stretched image.
 */
export function fromHuggingFace(json: Json, input: InputInfo, where: string, file: string): FoundPreprocessing {
  const notes: string[] = [];
  const { size, ...shape } = shapeOf(json, input, where, file, notes);
  const preprocessing = finished({ ...shape, ...valuesOf(json), ...resampleOf(json, notes) }, size, input, where, file);
  return { preprocessing, origin: "huggingface", notes };
}

type Shape = Partial<Pick<Preprocessing, "resize" | "cropFraction" | "anchor" | "padColor">> & {
  readonly size: Partial<InputSize>;
};

function shapeOf(json: Json, input: InputInfo, where: string, file: string, notes: string[]): Shape {
  const size = sideLengths(json.size);
  const crop = json.do_center_crop === true ? sideLengths(json.crop_size ?? json.size) : undefined;
  const edge = size.shortest ?? (crop ? size.number : undefined);
  if (json.do_resize === false && !crop) return { size: {} };
  if (crop) {
    const target = {
      width: crop.width ?? crop.number ?? crop.shortest,
      height: crop.height ?? crop.number ?? crop.shortest,
    };
    if (target.width === undefined || target.height === undefined) throw unclear(where, file, "crop_size");
    if (edge === undefined) {
      throw new SamesightError("unsupported", `${where}: ${file} stretches the image and then cuts its centre`, {
        hint: "Write the preprocessing to a JSON file of ours and pass --preprocess NETWORK=FILE.",
      });
    }
    return {
      resize: "crop",
      cropFraction: Math.min(1, Math.min(target.width, target.height) / edge),
      size: target as InputSize,
    };
  }
  // ConvNeXt: below 384 the shorter side becomes size / crop_pct and the centre is cut
  if (typeof json.crop_pct === "number" && size.shortest !== undefined && size.shortest < 384) {
    return { resize: "crop", cropFraction: json.crop_pct, size: { width: size.shortest, height: size.shortest } };
  }
  if (typeof json.crop_pct === "number" && size.shortest !== undefined) {
    return { resize: "stretch", size: { width: size.shortest, height: size.shortest } };
  }
  if (size.width !== undefined && size.height !== undefined) {
    return { resize: "stretch", size: { width: size.width, height: size.height } };
  }
  if (size.shortest !== undefined || size.longest !== undefined) {
    const { layout, shape } = input;
    const fixed = layout === "NCHW" ? shape[2]! > 0 && shape[3]! > 0 : shape[1]! > 0 && shape[2]! > 0;
    notes.push(
      `${file} keeps the aspect ratio${fixed ? "" : ` (${size.longest ?? size.shortest} pixels at most)`}: fitted into the input, the rest padded with the mean`,
    );
    const most = size.longest ?? size.shortest!;
    const pad = meanPixel(json);
    return { resize: "letterbox", anchor: "top-left", padColor: pad, size: fixed ? {} : { width: most, height: most } };
  }
  if (size.number !== undefined) return { resize: "stretch", size: { width: size.number, height: size.number } };
  throw unclear(where, file, "size");
}

interface Sides {
  number?: number;
  shortest?: number;
  longest?: number;
  width?: number;
  height?: number;
}

function sideLengths(value: unknown): Sides {
  const whole = (v: unknown) => (typeof v === "number" && Number.isInteger(v) && v > 0 ? v : undefined);
  if (typeof value === "number") return whole(value) ? { number: value } : {};
  if (Array.isArray(value) && value.length === 2) return given({ height: whole(value[0]), width: whole(value[1]) });
  if (typeof value !== "object" || value === null) return {};
  const s = value as Record<string, unknown>;
  return given({
    shortest: whole(s.shortest_edge),
    longest: whole(s.longest_edge),
    width: whole(s.width ?? s.max_width),
    height: whole(s.height ?? s.max_height),
  });
}

function given(sides: Record<keyof Sides | string, number | undefined>): Sides {
  return Object.fromEntries(Object.entries(sides).filter(([, v]) => v !== undefined)) as Sides;
}

/** (pixel * scale - mean) / std from rescale and normalize; without rescale the mean is in pixels. */
function valuesOf(json: Json): Pick<Preprocessing, "scale" | "mean" | "std" | "channels"> {
  const scale = json.do_rescale === false ? 1 : typeof json.rescale_factor === "number" ? json.rescale_factor : 1 / 255;
  const offset = json.rescale_offset === true ? 1 : 0;
  const normalize = json.do_normalize !== false && json.image_mean !== undefined;
  const mean = normalize ? triple(json.image_mean, 0) : ([0, 0, 0] as [number, number, number]);
  const std = normalize ? triple(json.image_std, 1) : ([1, 1, 1] as [number, number, number]);
  const flip = json.do_flip_channel_order === true;
  return { scale, mean: mean.map((m) => m + offset) as [number, number, number], std, channels: flip ? "BGR" : "RGB" };
}

function triple(value: unknown, otherwise: number): [number, number, number] {
  const one = Array.isArray(value) && value.length === 1 ? value[0] : value;
  if (typeof one === "number") return [one, one, one];
  if (Array.isArray(value) && value.length === 3 && value.every((v) => typeof v === "number")) {
    return value as [number, number, number];
  }
  return [otherwise, otherwise, otherwise];
}

/** The pixel that becomes zero: Hugging Face pads after normalising. */
function meanPixel(json: Json): [number, number, number] {
  const { scale, mean } = valuesOf(json);
  return mean.map((m) => m / scale) as [number, number, number];
}

function resampleOf(json: Json, notes: string[]): Pick<Preprocessing, "resample" | "antialias"> {
  const name = typeof json.resample === "number" ? RESAMPLE[json.resample] : "bilinear";
  if (name === "nearest" || name === "bilinear" || name === "bicubic") {
    return { resample: name, antialias: name !== "nearest" };
  }
  const stand = name === "lanczos" ? "bicubic" : "bilinear";
  notes.push(`Pillow's ${name ?? `filter ${json.resample}`} is not built in: ${stand} instead`);
  return { resample: stand, antialias: true };
}

function unclear(where: string, file: string, key: string): SamesightError {
  return new SamesightError("invalid", `${where}: ${file} has no ${key} that says how large the image becomes`, {
    hint: "Write the preprocessing to a JSON file of ours and pass --preprocess NETWORK=FILE.",
  });
}
