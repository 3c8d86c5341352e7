import { z } from "zod";
import { nullable, twoLayers, unit } from "./columns.js";
import { findingSchema, PAIRINGS, twinRowSchema } from "./trust.js";

/** Version of all files of a run; raised when a column changes its meaning. */
export const SCHEMA_VERSION = 1;

/** A row of layers.csv and layers.parquet: how alike two layers are, by one method. */
export const layerRowSchema = z.strictObject({
  method: z
    .string()
    .describe(
      "The concept method (S' of METHOD.md), or the id of a control such as cka. Rows of replacement stand both ways round: layer_a is the one whose concepts are replaced.",
    ),
  pairing: z.enum(PAIRINGS).describe("TT two trained networks, TR one of them shuffled, RR both."),
  ...twoLayers,
  similarity: nullable.describe("S' = (S - N) / (1 - N) on the pair's coarser grid; at most 1."),
  pair_iou: nullable.describe("S before the null: mean best partner of J*, chance-corrected, both ways."),
  debiased: nullable.describe(
    "S' as many images would give it: N's share of chance is taken only from concepts that chance can reach.",
  ),
  raw_iou: nullable.describe("Mean best set IoU on the study's grid, uncorrected."),
  forward: nullable.describe("Mean over the concepts of layer_a of the best J* in layer_b."),
  backward: nullable.describe("Mean over the concepts of layer_b of the best J* in layer_a."),
  one_to_one: nullable.describe(
    "Sum of J* over the optimal assignment / max(k_a, k_b); of the control replacement: each coefficient predicted from one concept of its own.",
  ),
  null_mean: nullable.describe("N: mean of S with the images of one side permuted."),
  null_sd: nullable,
  z: nullable.describe("(S - N) / sd; a flag, it saturates."),
  p_value: nullable.describe("(1 + permutations at least as high) / (1 + permutations)."),
  q_value: nullable.describe("p_value after Benjamini and Hochberg over all cells of the same pairing and method."),
  ci_low: nullable.describe(
    "2.5 % bound of similarity: test images resampled, concepts refitted on resampled fit images.",
  ),
  ci_high: nullable.describe("97.5 % bound of the same."),
  ci_images_low: nullable.describe("2.5 % bound from the test images alone."),
  ci_images_high: nullable,
  refit_sd: nullable.describe("Standard deviation of similarity from refits of both layers."),
  self_a: nullable.describe(
    "S' of layer_a with its own refit on resampled images; of the control replacement: the share of the layer's effect that its own concepts keep.",
  ),
  self_b: nullable.describe("S' of layer_b with its own refit on resampled images."),
  coarsest: nullable.describe(
    "S' on the coarsest grid of the study: what is left when no layer has a finer map than another.",
  ),
  coarsest_grid: z.string(),
  pearson: nullable.describe(
    "Mean best Pearson correlation of the maps with the mean of each position removed, less its permutation null.",
  ),
  grid: z
    .string()
    .describe("Height x width of the grid on which the pair was compared; 1x1 for controls on pooled activations."),
  n_images: z.int(),
  k_a: z.int().nullable().describe("Concepts, or features of a control."),
  k_b: z.int().nullable(),
  flags: z.string().describe("Semicolon-separated reasons for care; empty where there is none."),
});
/** A row of layers.csv; columns: docs/formats.md. */
export type LayerRow = z.output<typeof layerRowSchema>;

/** A row of concepts.csv and concepts.parquet. */
export const conceptRowSchema = z.strictObject({
  model: z.string(),
  layer: z.string(),
  concept: z.int().describe("0-based, by falling energy."),
  method: z.string(),
  energy: unit.describe("Share of the explained energy of the layer."),
  quality: nullable.describe("Explained variance of the layer's fit (unsupervised)."),
  threshold: z.number().describe("Score above which the mask is set, on the layer's own grid."),
  density: unit.describe("Share of test pixels in the mask."),
  stability: nullable.describe("Mean cosine with the matched concept of refits on resampled images."),
  label: z.string().nullable(),
  label_iou: nullable,
});
/** A row of concepts.csv; columns: docs/formats.md. */
export type ConceptRow = z.output<typeof conceptRowSchema>;

/** A row of pairs.parquet: two concepts of two layers. */
export const pairRowSchema = z.strictObject({
  model_a: z.string(),
  layer_a: z.string(),
  concept_a: z.int(),
  model_b: z.string(),
  layer_b: z.string(),
  concept_b: z.int(),
  intersection: z.int().describe("Cells in both masks, summed over the test images."),
  union: z.int(),
  iou: nullable,
  corrected: nullable.describe("J* = (J - J0) / (1 - J0)."),
  ci_low: nullable.describe(
    "2.5 % bound of corrected: test images resampled, thresholds found anew; the concepts themselves held as they are (no refits).",
  ),
  ci_high: nullable.describe("97.5 % bound of the same."),
  best_for_a: z.boolean(),
  best_for_b: z.boolean(),
  assigned: z.boolean().describe("Partners in the optimal one-to-one assignment."),
  best_low_a: nullable.describe(
    "Where best_for_a: 95 % interval of J* of concept a with its best partner, from resampled test images, thresholds found anew.",
  ),
  best_high_a: nullable,
  best_low_b: nullable.describe("The same for concept b, where best_for_b."),
  best_high_b: nullable,
});
/** A row of pairs.parquet; columns: docs/formats.md. */
export type PairRow = z.output<typeof pairRowSchema>;

export const tapSchema = z.strictObject({
  name: z.string(),
  op: z.string(),
  channels: z.int(),
  height: z.int(),
  width: z.int(),
  depth: unit,
  head_depth: unit,
  trunk: z.boolean(),
  negative_energy: unit.describe("rho: share of the energy of the activations that is negative."),
  explained_variance: nullable,
  k: z.int(),
});

/** run.json: what was compared, how, and what happened on the way. */
export const runSchema = z.strictObject({
  schemaVersion: z.literal(SCHEMA_VERSION),
  tool: z.strictObject({ name: z.string(), version: z.string(), node: z.string(), onnxruntime: z.string() }),
  created: z.string(),
  config: z.record(z.string(), z.unknown()),
  models: z.array(
    z.strictObject({
      id: z.string(),
      twin_of: z.string().nullable().describe("Of a shuffled twin: the network that it is made from."),
      source: z.string(),
      sha256: z.string(),
      licence: z.string().nullable(),
      parameterBytes: z.int(),
      preprocessing: z.record(z.string(), z.unknown()),
      taps: z.array(tapSchema),
    }),
  ),
  dataset: z.strictObject({
    hash: z.string(),
    fit: z.int(),
    test: z.int(),
    skipped: z.array(z.strictObject({ path: z.string(), reason: z.string() })),
    sources: z.array(z.strictObject({ name: z.string(), licence: z.string(), images: z.int() })),
  }),
  seed: z.int(),
  stagesMs: z.record(z.string(), z.number()),
  peakMemoryBytes: z.int(),
  findings: z.array(findingSchema),
  twins: z.array(twinRowSchema),
  warnings: z.array(z.string()),
});
/** run.json of a finished run. */
export type RunFile = z.output<typeof runSchema>;
export type TapRow = z.output<typeof tapSchema>;
