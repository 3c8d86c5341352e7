import { z } from "zod";
import { DEFAULTS } from "./defaults.js";

/** Formats of labels that can be read. */
export const LABEL_FORMATS = ["coco", "semantic", "yolo", "voc", "celebamask", "masks", "faceparts"] as const;
/** A name of `LABEL_FORMATS`. */
export type LabelFormat = (typeof LABEL_FORMATS)[number];

const names = z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]);

/** Named concepts: where their masks are, and which of them a study uses. */
export const labelsSchema = z
  .strictObject({
    path: names.describe(
      "Folder or file of the labels, or several; zoo:faceparts has a landmark network label faces on the photographs.",
    ),
    format: z.enum(LABEL_FORMATS).optional().describe("Default: recognised from the files."),
    classes: z
      .string()
      .min(1)
      .optional()
      .describe("File of class names (yaml, json or txt) for formats that hold class ids; default: found beside them."),
    concepts: z
      .array(z.string().min(1))
      .min(1)
      .default(["*"])
      .describe("Which concepts, by name or glob, merged ones included; !glob leaves out."),
    merge: z
      .record(z.string().min(1), names)
      .default({})
      .describe("New concepts as unions of classes: {vehicle: [car, bus, truck]}; globs are allowed."),
    partOf: z.record(z.string().min(1), z.string().min(1)).default({}).describe("Part-of pairs: {wheel: car}."),
    ignore: z
      .array(z.union([z.int(), z.string().min(1)]))
      .optional()
      .describe(
        "Class ids or names of pixels that nobody labelled: they count neither for nor against any concept. Default: 255 where no class has it, and classes called unlabeled, void, ignore or unknown; [] for none.",
      ),
    crowd: z
      .enum(["ignore", "include", "exclude"])
      .default(DEFAULTS.labels.crowd)
      .describe("Regions marked as crowds: ignored, part of the mask, or background."),
    boxes: z
      .enum(["rectangle", "ellipse"])
      .default(DEFAULTS.labels.boxes)
      .describe("Shape drawn for an object that has only a box: the box, or the ellipse inscribed in it."),
    missing: z
      .enum(["skip", "negative"])
      .default(DEFAULTS.labels.missing)
      .describe("A photograph without a label file: not used, or without any of the concepts."),
    orientation: z
      .enum(["auto", "upright", "stored"])
      .default(DEFAULTS.labels.orientation)
      .describe(
        "Whether labels of photographs with an EXIF turn lie on the upright or the stored picture; auto goes by the size the label states, else upright.",
      ),
    strict: z
      .boolean()
      .default(DEFAULTS.labels.strict)
      .describe("Stop at the first broken label instead of counting it."),
  })
  .describe("Labels of named concepts");

/** Where labels are and how they are read, all defaults filled in. */
export type LabelsConfig = z.output<typeof labelsSchema>;
/** The same as one writes it: what has a default may be left out. */
export type LabelsConfigInput = z.input<typeof labelsSchema>;
