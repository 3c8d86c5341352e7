import { z } from "zod";
import { DEFAULTS } from "./defaults.js";
import { labelsSchema } from "./labels.js";
import { preprocessingSchema } from "./preprocessing.js";
import { probesSchema } from "./probes.js";
import { CONTROL_IDS } from "./trust.js";

export const METHODS = ["nmf", "pca", "kmeans"] as const;

export const networkSchema = z
  .strictObject({
    id: z
      .string()
      .min(1)
      .max(300)
      .optional()
      .describe("Name in tables and report; default: the file's or the zoo's name."),
    source: z.string().min(1).describe("Path of an .onnx file or a TensorFlow.js model.json, or zoo:NAME."),
    layers: z
      .array(z.string().min(1))
      .min(1)
      .default([DEFAULTS.layers])
      .describe("Which tensors to tap: names, globs, op:TYPE, depth:0.2-0.8, auto:N."),
    preprocess: z
      .union([preprocessingSchema, z.string().min(1)])
      .optional()
      .describe(
        "Data, or the path of a JSON file: ours or a Hugging Face preprocessor_config.json. Default: what the network or the file beside it says.",
      ),
  })
  .describe("One network of the study");

/** Schema (zod) of a study; schemas/study.schema.json is made from it. `parse` fills defaults in and throws ZodError. */
export const configSchema = z
  .strictObject({
    $schema: z.string().optional(),
    title: z.string().max(300).optional(),
    networks: z.array(networkSchema).min(1).max(16),
    images: z
      .string()
      .optional()
      .describe("Folder of photographs; the only source, or the ones to fit on when testImages is given."),
    testImages: z.string().optional().describe("Folder of photographs to compare on; default: a split of images."),
    fitFraction: z
      .number()
      .gt(0)
      .lt(1)
      .default(DEFAULTS.fitFraction)
      .describe("Share of the photographs used to mine concepts when there is one folder."),
    maxImages: z.int().min(1).optional().describe("Use at most so many photographs a side, chosen by seed."),
    concepts: z
      .strictObject({
        method: z.enum(METHODS).default(DEFAULTS.method),
        k: z
          .union([z.int().min(1).max(256), z.literal("auto")])
          .default(DEFAULTS.k)
          .describe("Concepts a layer, or auto."),
        rows: z
          .int()
          .min(100)
          .default(DEFAULTS.rows)
          .describe("Pixels sampled a layer, the same number from each photograph."),
        negative: z
          .enum(["clip", "split"])
          .default(DEFAULTS.negative)
          .describe("What methods for non-negative data do with negative activations."),
        tolerance: z.number().gt(0).default(DEFAULTS.tolerance),
        maxIterations: z.int().min(1).default(DEFAULTS.maxIterations),
        refits: z
          .int()
          .min(2)
          .max(50)
          .default(DEFAULTS.refits)
          .describe("Fits on resampled images, for stability and for the similarity of a layer with itself."),
      })
      .prefault({}),
    maps: z
      .strictObject({
        grid: z.int().min(4).max(256).default(DEFAULTS.studyGrid).describe("The study's grid G; no map is finer."),
        density: z
          .number()
          .gt(0)
          .lt(0.5)
          .default(DEFAULTS.density)
          .describe("p: share of pixels a concept's mask covers over the data set."),
      })
      .prefault({}),
    similarity: z
      .strictObject({
        permutations: z
          .int()
          .min(20)
          .max(10_000)
          .default(DEFAULTS.permutations)
          .describe("Permutations of the images in the null."),
        bootstrap: z
          .int()
          .min(0)
          .max(100_000)
          .default(DEFAULTS.bootstrap)
          .describe("Resamples of the test images behind each interval; 0 for none."),
      })
      .prefault({}),
    labels: labelsSchema
      .optional()
      .describe("Masks of concepts that people name; learned in every layer beside the mined ones."),
    probes: probesSchema.prefault({}),
    twins: z
      .int()
      .min(0)
      .max(20)
      .default(DEFAULTS.twins)
      .describe("Shuffled twins a network: random networks of the same shape that every claim is held against."),
    controls: z
      .union([z.enum(["all", "none"]), z.array(z.enum(CONTROL_IDS)).min(1)])
      .default([...DEFAULTS.controls])
      .describe("Other known measures on the same images, a row more of layers.csv each."),
    seed: z.int().min(0).default(DEFAULTS.seed),
    batchSize: z.int().min(1).max(256).default(DEFAULTS.batchSize),
  })
  .describe("A study of samesight");

/** A study as it was asked for, all defaults filled in. */
export type StudyConfig = z.output<typeof configSchema>;
/** A study as one writes it: what has a default may be left out. */
export type StudyConfigInput = z.input<typeof configSchema>;
/** A network of a study: source, layers, how it wants its images. */
export type NetworkConfig = z.output<typeof networkSchema>;
