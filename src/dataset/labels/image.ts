import type { LabelsConfig } from "../../contract/labels.js";
import type { SamesightError } from "../../errors.js";
import { isSamesightError } from "../../errors.js";
import { countSet, emptyCanvas } from "./canvas.js";
import type { LabelObject, PhotoLabels } from "./photo.js";
import type { Concept, ImageMasks, LabelEntry } from "./types.js";
import type { View } from "./view.js";
import { seen } from "./view.js";

/** The labels of one image of a study, ready to be drawn. */
export interface ImageLabels {
  readonly where: string;
  /** One entry for each concept that is on the image; draws each mask once. Broken objects are told. */
  entries(onBroken: (object: LabelObject, error: SamesightError) => void): LabelEntry[];
  masks(entries: readonly LabelEntry[]): ImageMasks;
}

/** Photograph's labels, seen through the image's view, classes merged into concepts. */
export function imageLabels(
  labels: PhotoLabels,
  view: View,
  concepts: readonly Concept[],
  crowd: LabelsConfig["crowd"],
): ImageLabels {
  const objectsOf = (concept: number) =>
    concepts[concept]!.classes.flatMap((name) => labels.objects.get(name) ?? []).filter(
      (o) => !(o.crowd && crowd === "exclude") && !outside(o, view),
    );
  /** Union of the objects as the image shows it. */
  const union = (objects: readonly LabelObject[], onBroken: (o: LabelObject, e: SamesightError) => void = () => {}) => {
    if (objects.length === 0) return new Uint8Array(view.width * view.height);
    const canvas = emptyCanvas(view.canvas.width, view.canvas.height);
    for (const object of objects) {
      try {
        object.paint(canvas);
      } catch (error) {
        if (!isSamesightError(error)) throw error;
        onBroken(object, error);
      }
    }
    return seen(canvas.data, view);
  };
  const pixelsOf = (concept: number) => objectsOf(concept).filter((o) => !(o.crowd && crowd === "ignore"));
  const crowdsOf = (concept: number) => objectsOf(concept).filter((o) => o.crowd && crowd === "ignore");
  /** Objects with bounds are in the view at least in part. */
  const visible = (objects: readonly LabelObject[]) =>
    view.from ? objects.filter((o) => o.bounds !== undefined || union([o]).includes(1)).length : objects.length;

  return {
    where: labels.where,
    entries(onBroken) {
      const out: LabelEntry[] = [];
      for (const concept of concepts.keys()) {
        const objects = objectsOf(concept);
        if (objects.length === 0) continue;
        let broken: string | undefined;
        const told = (o: LabelObject, e: SamesightError) => {
          broken ??= e.message;
          onBroken(o, e);
        };
        const pixels = countSet(union(pixelsOf(concept), told));
        const crowds = crowdsOf(concept);
        if (crowds.length > 0 && !union(crowds, told).includes(1) && pixels === 0 && !broken) continue;
        if (pixels === 0 && crowds.length === 0 && !broken) continue;
        out.push({
          concept,
          area: pixels / (view.width * view.height),
          instances: visible(objects),
          crowds: visible(objects.filter((o) => o.crowd)),
          where: objects[0]!.where,
          ...(broken === undefined ? {} : { broken }),
        });
      }
      return out;
    },
    masks(entries) {
      const broken = new Set(entries.filter((e) => e.broken !== undefined).map((e) => e.concept));
      let last: { readonly concept: number; readonly data: Uint8Array } | undefined;
      /** Whoever asks for a mask asks for its validity next: drawn once. */
      const drawn = (concept: number) => {
        if (last?.concept !== concept) last = { concept, data: union(pixelsOf(concept)) };
        return last.data;
      };
      let shared: Uint8Array | undefined;
      /** Pixels of which nothing is known for any concept. */
      const ignored = () => {
        if (!shared) {
          const canvas = emptyCanvas(view.canvas.width, view.canvas.height);
          labels.paintIgnored?.(canvas);
          shared = seen(canvas.data, view);
        }
        return shared;
      };
      return {
        width: view.width,
        height: view.height,
        mask: (concept) => drawn(concept).slice(),
        valid(concept) {
          if (broken.has(concept)) return new Uint8Array(view.width * view.height);
          const crowds = crowdsOf(concept);
          if (crowds.length === 0 && !labels.paintIgnored) return undefined;
          const unknown = ignored();
          const crowd = crowds.length > 0 ? union(crowds) : undefined;
          if (!unknown.includes(1) && !crowd?.includes(1)) return undefined;
          const out = new Uint8Array(unknown.length);
          for (let i = 0; i < out.length; i++) out[i] = unknown[i] === 0 && crowd?.[i] !== 1 ? 1 : 0;
          // what is labelled is known, crowd or not
          const sure = drawn(concept);
          for (let i = 0; i < out.length; i++) out[i]! |= sure[i]!;
          return out;
        },
      };
    },
  };
}

/** Whether the image's view certainly shows nothing of an object. */
function outside({ bounds: b }: LabelObject, { window: w }: View): boolean {
  return b !== undefined && w !== undefined && (b.x1 < w.x0 || b.x0 > w.x1 || b.y1 < w.y0 || b.y0 > w.y1);
}
