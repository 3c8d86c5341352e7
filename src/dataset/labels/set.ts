import type { LabelsConfig } from "../../contract/labels.js";
import { isSamesightError, SamesightError } from "../../errors.js";
import { mapConcurrent } from "../prefetch.js";
import type { ImageRef } from "../types.js";
import { chooseConcepts } from "./concepts.js";
import type { ImageLabels } from "./image.js";
import { imageLabels } from "./image.js";
import type { LabelReader, PhotoLabels } from "./photo.js";
import type { LabelledImage, LabelProblem, LabelSet } from "./types.js";
import type { StoredPhoto } from "./view.js";
import { viewOf } from "./view.js";

/** Photographs whose labels are read ahead, and kept for their next crop. */
const AT_ONCE = 4;

export interface LabelWorld {
  /** Size and EXIF turn of a photograph. Throws SamesightError when it cannot be read. */
  readonly photo: (image: ImageRef) => Promise<StoredPhoto>;
  readonly hash: (text: string) => string;
  readonly progress?: (done: number, total: number) => void;
}

const NONE: PhotoLabels = { size: undefined, hash: "none", where: "", objects: new Map() };

/**
 * A labelled set for the images of a study: labels are found and every mask drawn once, so that what is broken shows at the start. A broken object makes its concept unknown on its
 * image; labels of a photograph that cannot be used at all leave it out; both are counted in `problems` (with `strict` the first is thrown).
 * Throws SamesightError `missing` when no image has labels, and what `chooseConcepts` and the reader throw.
 */
export async function buildLabelSet(
  reader: LabelReader,
  images: readonly ImageRef[],
  config: LabelsConfig,
  world: LabelWorld,
): Promise<LabelSet> {
  const concepts = chooseConcepts(reader.classes, config);
  const kept = new Map<string, Promise<PhotoLabels | undefined>>();
  const readOnce = (image: ImageRef) => {
    const read = kept.get(image.path) ?? reader.read(image);
    kept.delete(image.path);
    kept.set(image.path, read);
    for (const path of kept.keys()) if (kept.size > AT_ONCE) kept.delete(path);
    return read;
  };
  const { crowd, boxes, ignore, orientation } = config;
  const hashOf = (labels: PhotoLabels, photo: StoredPhoto, image: ImageRef) =>
    world.hash(JSON.stringify([labels.hash, photo, image.crop ?? null, { crowd, boxes, ignore, orientation }]));
  const drawn = async (
    image: ImageRef,
  ): Promise<{ labels: ImageLabels; hash: string; scaled: boolean } | undefined> => {
    const found = await readOnce(image);
    if (!found && config.missing === "skip") return undefined;
    const labels = found ?? NONE;
    const photo = await world.photo(image);
    const view = within(labels.where, () => viewOf(labels.size, photo, image.crop, orientation));
    return {
      labels: imageLabels(labels, view, concepts, crowd),
      hash: hashOf(labels, photo, image),
      scaled: view.scaled,
    };
  };

  const problems: LabelProblem[] = [...reader.problems];
  const labelled: LabelledImage[] = [];
  const unlabelled: ImageRef[] = [];
  let scaled = 0;
  let matched = 0;
  let first: SamesightError | undefined;
  const seen = new Set<string>();
  const complain = (error: SamesightError, where: string) => {
    first ??= error;
    if (config.strict) throw error;
    const what = error.message.startsWith(where) ? error.message.slice(where.length).replace(/^: /, "") : error.message;
    // crops of one photograph share its faults
    if (!seen.has(`${where} ${what}`)) problems.push({ where, what });
    seen.add(`${where} ${what}`);
  };
  const ready = mapConcurrent(images, AT_ONCE, (image) => drawn(image).catch((error: unknown) => error));
  for (const [i, image] of images.entries()) {
    const found = (await ready.next()).value as Awaited<ReturnType<typeof drawn>> | unknown;
    if (found instanceof Error) {
      if (!isSamesightError(found) || !(found.code === "invalid" || found.code === "missing")) throw found;
      complain(found, found.message.split(": ")[0]!);
      unlabelled.push(image);
    } else if (!found) unlabelled.push(image);
    else {
      const { labels, hash, scaled: wasScaled } = found as NonNullable<Awaited<ReturnType<typeof drawn>>>;
      const entries = labels.entries((object, error) => complain(withPlace(error, object.where), object.where));
      labelled.push({ image, hash, entries });
      if (wasScaled) scaled++;
      if (labels.where !== "") matched++;
    }
    world.progress?.(i + 1, images.length);
  }
  if (matched === 0) throw first ?? nothingMatched(reader, images);
  if (labelled.every((l) => l.entries.length === 0)) {
    const names = concepts.slice(0, 5).map((c) => c.name);
    throw new SamesightError(
      "missing",
      `${reader.source.path}: no image has any of ${names.join(", ")}${concepts.length > 5 ? " ..." : ""}`,
      {
        hint: "Choose other concepts, or give the labels' format if it was taken for another.",
      },
    );
  }
  const notes = [
    ...(scaled > 0 ? [`labels of ${scaled} images were drawn at another size and are scaled, nearest pixel`] : []),
    ...(unlabelled.length > 0
      ? [`${unlabelled.length} of ${images.length} images have no labels and are not used`]
      : []),
  ];
  const byId = new Map(labelled.map((l) => [l.image.id, l]));
  return {
    source: reader.source,
    concepts,
    images: labelled,
    unlabelled,
    problems,
    notes,
    async open(image) {
      const entry = byId.get(image.id);
      if (!entry) throw new SamesightError("missing", `image '${image.id}' has no labels`);
      const found = await drawn(image);
      if (found?.hash !== entry.hash) {
        throw new SamesightError("invalid", `the labels of image '${image.id}' changed while the study ran`, {
          hint: "Run again: the study then uses the labels as they are now.",
        });
      }
      return found.labels.masks(entry.entries);
    },
  };
}

function within<T>(where: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw isSamesightError(error) ? withPlace(error, where) : error;
  }
}

function withPlace(error: SamesightError, where: string): SamesightError {
  return new SamesightError(error.code, `${where}: ${error.message}`, { hint: error.hint, cause: error });
}

function nothingMatched(reader: LabelReader, images: readonly ImageRef[]): SamesightError {
  const few = (names: readonly string[]) => names.slice(0, 3).join(", ");
  return new SamesightError(
    "missing",
    `${reader.source.path}: none of the ${images.length} photographs has labels (photographs: ${few(images.map((i) => i.id))}; labels: ${few(reader.examples)})`,
    { hint: "A label has the name of its photograph; only the ending differs." },
  );
}
