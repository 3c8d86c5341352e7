import type { InputInfo } from "../types.js";
import type { FoundPreprocessing } from "./found.js";
import { finished } from "./found.js";

/**
 * ONNX image metadata (onnx.ai, "MetadataProps"): `Image.BitmapPixelFormat` and `Image.NominalPixelRange`, keys and values in any case. It says
 * nothing of how a photograph comes to the input's size, so it is stretched, and a note says so. Undefined where neither key is there.
 */
export function fromOnnxImage(
  metadata: Readonly<Record<string, string>>,
  input: InputInfo,
  where: string,
): FoundPreprocessing | undefined {
  const lower = new Map(Object.entries(metadata).map(([k, v]) => [k.toLowerCase(), v.toLowerCase()]));
  const format = lower.get("image.bitmappixelformat");
  const range = lower.get("image.nominalpixelrange");
  if (format === undefined && range === undefined) return undefined;
  const notes = ["ONNX image metadata does not say how images are resized: stretched to the input"];
  const gamma = lower.get("image.colorspacegamma");
  if (gamma === "linear") notes.push("it asks for linear light, photographs are given as sRGB");
  const bgr = format?.startsWith("bgr") ?? false;
  const preprocessing = finished(
    { channels: bgr ? "BGR" : "RGB", ...valuesOf(range, notes) },
    {},
    input,
    where,
    "ONNX image metadata",
  );
  return { preprocessing, origin: "onnx", notes };
}

function valuesOf(range: string | undefined, notes: string[]): { scale: number; mean?: [number, number, number] } {
  switch (range) {
    case "normalized_0_1":
      return { scale: 1 / 255 };
    case "normalized_1_1":
      return { scale: 2 / 255, mean: [1, 1, 1] };
    case "nominalrange_16_235":
      // 8-bit studio swing: 16 + 219/255 of a full-range value
      return { scale: 219 / 255, mean: [-16, -16, -16] };
    case undefined:
    case "nominalrange_0_255":
      return { scale: 1 };
    default:
      notes.push(`pixel range '${range}' is not in the ONNX document: taken as 0..255`);
      return { scale: 1 };
  }
}
