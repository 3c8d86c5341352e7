import sharp from "sharp";
import type { LabelFormat, LabelsConfig } from "../../contract/labels.js";
import { joinReaders } from "../../dataset/labels/join.js";
import type { LabelReader } from "../../dataset/labels/photo.js";
import { buildLabelSet } from "../../dataset/labels/set.js";
import type { LabelSet } from "../../dataset/labels/types.js";
import type { StoredPhoto } from "../../dataset/labels/view.js";
import type { ImageRef } from "../../dataset/types.js";
import { SamesightError } from "../../errors.js";
import { reasonOf } from "../decode.js";
import { sha256 } from "../store.js";
import type { FetchOptions } from "../zoo/fetch.js";
import { cocoReader } from "./coco.js";
import { detectFormat } from "./detect.js";
import { facepartsReader } from "./faceparts.js";
import { celebaReader, masksReader } from "./masks.js";
import { semanticReader, vocReader } from "./semantic.js";
import { yoloReader } from "./yolo.js";

/** How labels are opened beside their configuration. */
export interface LabelOptions extends FetchOptions {
  readonly progress?: (done: number, total: number) => void;
}

/**
 * Labels for the images of a study. Finds each photograph's labels, draws every mask once (areas; what is broken shows now), and keeps names and places only.
 * Throws SamesightError that names file and place.
 */
export async function openLabels(
  config: LabelsConfig,
  images: readonly ImageRef[],
  options: LabelOptions = {},
): Promise<LabelSet> {
  const readers: LabelReader[] = [];
  for (const path of [config.path].flat()) {
    const format = config.format ?? (await detectFormat(path));
    readers.push(await readerOf(format, path, config, images, options));
  }
  const photos = new Map<string, Promise<StoredPhoto>>();
  return buildLabelSet(joinReaders(readers), images, config, {
    hash: sha256,
    photo(image) {
      const known = photos.get(image.path) ?? storedPhoto(image);
      photos.set(image.path, known);
      return known;
    },
    ...(options.progress ? { progress: options.progress } : {}),
  });
}

async function readerOf(
  format: LabelFormat,
  path: string,
  config: LabelsConfig,
  images: readonly ImageRef[],
  options: LabelOptions,
): Promise<LabelReader> {
  switch (format) {
    case "coco":
      return cocoReader(path, config);
    case "semantic":
      return semanticReader(path, config);
    case "voc":
      return vocReader(path, config);
    case "yolo":
      return yoloReader(path, config);
    case "celebamask":
      return celebaReader(path, config);
    case "masks":
      return masksReader(path, images);
    case "faceparts":
      return facepartsReader(options);
  }
}

/** Size and EXIF turn from the file's header. */
async function storedPhoto(image: ImageRef): Promise<StoredPhoto> {
  const { width, height, orientation } = await sharp(image.path, { limitInputPixels: false })
    .metadata()
    .catch((cause) => {
      throw new SamesightError("missing", `image '${image.id}': ${reasonOf(cause)}`, {
        hint: "Put it back, or run again.",
        cause,
      });
    });
  return { width, height, orientation: orientation ?? 1 };
}
