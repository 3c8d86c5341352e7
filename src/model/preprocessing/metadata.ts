import type { InputInfo } from "../types.js";
import type { FoundPreprocessing } from "./found.js";
import { fromOnnxImage } from "./onnximage.js";
import { fromUltralytics } from "./ultralytics.js";

/** What the network's own `metadata_props` say of its images; undefined where they say nothing. */
export function fromMetadata(
  metadata: Readonly<Record<string, string>>,
  input: InputInfo,
  where: string,
): FoundPreprocessing | undefined {
  return fromUltralytics(metadata, input, where) ?? fromOnnxImage(metadata, input, where);
}
