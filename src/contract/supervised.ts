import { z } from "zod";
import { count, nullable, twoLayers, unit } from "./columns.js";

/** Result files of concepts that people name (METHOD.md 1.2). A layer is a tap of a network; `concept` is the name the labels give. */
const share = unit.nullable();

export const PROBE_METHODS = ["logistic", "dice", "net2vec"] as const;

const place = {
  model: z.string(),
  layer: z.string(),
  depth: unit.describe("Relative depth, to the network's end."),
  head_depth: unit.describe("Relative depth to the nearest head (M11)."),
} as const;

/** A row of probes.csv and probes.parquet: one concept learned in one layer. */
export const probeRowSchema = z.strictObject({
  concept: z.string(),
  ...place,
  method: z.enum(PROBE_METHODS),
  fit_images: count.describe("Labelled images learned from."),
  fit_positives: count.describe("Those that show the concept."),
  test_images: count,
  test_positives: count,
  test_density: share.describe("Share of the test images' common frame that the concept covers."),
  iou: share.describe("Set IoU on the test images at probability 0.5."),
  iou_calibrated: share.describe("Set IoU on the test images at `threshold`."),
  threshold: unit.describe("Probability with the highest set IoU on images left out of fits (M9); 0.5 where too few."),
  calibrated_on: count.describe("Left-out images with the concept behind the threshold; below 10 it is 0.5."),
  ci_low: share.describe("2.5 % bound of iou_calibrated, test images resampled."),
  ci_high: share.describe("97.5 % bound of iou_calibrated, test images resampled."),
  precision: share.describe("Share of the predicted cells that carry the label, at `threshold`."),
  recall: share.describe("Share of the labelled cells that are predicted, at `threshold`."),
  filter_iou: share.describe(
    "Baseline: set IoU of the single channel chosen on the fit images, cut at the concept's base rate (M8).",
  ),
  filter_channel: z.int().nullable().describe("0-based; null where no channel shows the concept at all."),
  mean_mask_iou: share.describe("Baseline: set IoU of the fit images' average mask, the same on every image."),
  shuffled_iou: share.describe("Baseline: iou_calibrated of the same probe in the network with shuffled weights (M3)."),
  margin: nullable.describe("Lowest 2.5 % bound of iou_calibrated minus a baseline, over the baselines at hand."),
  present: z.boolean().describe("Whether the probe beats every baseline: margin > 0."),
  why_not: z.string().describe("Which baselines were not beaten or not measured; empty where there is none."),
  consistency: nullable.describe("Mean cosine between the vectors of fits on resampled images."),
  separation: nullable.describe("1 - largest |cosine| with the vector of another concept of the layer."),
  stability: nullable.describe("consistency x separation."),
  background_iou: share.describe(
    "iou_calibrated with the concept pasted on other photographs; null where not checked.",
  ),
  background_reference: share.describe("The same regions on their own photographs, same images."),
  background_flag: z.boolean().describe("Whether the concept is lost on other backgrounds: the vector leans on them."),
  loss: nullable.describe("Objective of the fit, penalty included."),
  iterations: count,
  converged: z.boolean(),
});
export type ProbeRow = z.output<typeof probeRowSchema>;

/** A row of concept_pairs.csv and .parquet: one concept seen by two layers, on the test images. */
export const conceptPairRowSchema = z.strictObject({
  concept: z.string(),
  ...twoLayers,
  n_images: count,
  iou: share.describe("Set IoU of the two predicted masks, both at their calibrated threshold."),
  ci_low: share,
  ci_high: share,
  null_iou: share.describe("Mean of the same with the test images of one side permuted."),
  error_iou: share.describe("Set IoU of the errors (prediction XOR label); null where neither layer errs."),
  error_expected: share.describe(
    "error_iou expected of errors that are independent given the labels, image by image (M10).",
  ),
  kappa: nullable.describe("(error_iou - error_expected) / (1 - error_expected): agreement beyond the labels."),
  kappa_low: nullable,
  kappa_high: nullable,
  present_a: z.boolean(),
  present_b: z.boolean(),
});
export type ConceptPairRow = z.output<typeof conceptPairRowSchema>;

/** A row of concept_layers.csv: two layers over all named concepts. */
export const conceptLayerRowSchema = z.strictObject({
  ...twoLayers,
  shared: count.describe("Concepts present in both layers."),
  only_a: z.string().describe("Concepts present in layer_a only; semicolon-separated."),
  only_b: z.string(),
  similarity: nullable.describe(
    "S' = (S - N) / (1 - N); S the mean set IoU over the shared concepts, N the same with images permuted.",
  ),
  ci_low: nullable,
  ci_high: nullable,
  mean_iou: nullable.describe("S: mean of concept_pairs' iou over the shared concepts."),
  weighted_iou: nullable.describe("S with weights quality_a x quality_b."),
  null_mean: nullable,
  kappa: nullable.describe("Mean kappa over the shared concepts."),
  semantic_variance: nullable.describe("Mean over all concepts of (quality_a - quality_b)^2; 0 for equal profiles."),
});
export type ConceptLayerRow = z.output<typeof conceptLayerRowSchema>;

/** A row of emergence.csv: from which depth on a network knows a concept. */
export const emergenceRowSchema = z.strictObject({
  concept: z.string(),
  model: z.string(),
  layer: z
    .string()
    .nullable()
    .describe("First layer with at least 0.9 of the concept's best quality; null where no layer has it."),
  depth: share,
  depth_low: share.describe("2.5 % bound, test images resampled."),
  depth_high: share,
  head_depth: share.describe("The same on the scale to the nearest head (M11)."),
  head_depth_low: share,
  head_depth_high: share,
  best_layer: z.string(),
  best_iou: share,
  present: z.boolean().describe("Whether some layer has the concept."),
});
export type EmergenceRow = z.output<typeof emergenceRowSchema>;

/** A row of emergence_tests.csv: do concepts emerge at the same relative depth in two networks? */
export const emergenceTestRowSchema = z.strictObject({
  model_a: z.string(),
  model_b: z.string(),
  scale: z.enum(["depth", "head_depth"]),
  concepts: count.describe("Concepts with an emergence depth in both."),
  mean_difference: nullable.describe("Mean |depth_a - depth_b| of emergence over those concepts."),
  chance_difference: nullable.describe("The same with the layers of model_b permuted."),
  p_value: nullable.describe("Share of permutations at most as far apart."),
  shuffled_difference: nullable.describe("The same with model_b's shuffled twin in its place."),
  spearman: nullable.describe("Rank correlation of the two networks' emergence depths over concepts."),
});
export type EmergenceTestRow = z.output<typeof emergenceTestRowSchema>;

/** A row of sample_size.csv: is the set of images of a concept large enough? */
export const sampleSizeRowSchema = z.strictObject({
  concept: z.string(),
  model: z.string(),
  layer: z.string(),
  images: count.describe("Images with the concept in each draw."),
  draws: count,
  cosine: nullable.describe("Mean cosine between vectors of disjoint draws."),
  cosine_full: nullable.describe("Mean cosine of the draws' vectors with that of all images."),
});
export type SampleSizeRow = z.output<typeof sampleSizeRowSchema>;

/** A row of bridge.csv: a mined concept beside the named ones. */
export const bridgeRowSchema = z.strictObject({
  model: z.string(),
  layer: z.string(),
  depth: unit,
  concept: z.int().describe("Number of the mined concept, as in concepts.csv."),
  label: z
    .string()
    .nullable()
    .describe(
      "`best`, if its set IoU is above 0.04 (NetDissect) and, corrected for chance, still above 0.04; else the concept has no name.",
    ),
  best: z
    .string()
    .nullable()
    .describe(
      "The named concept with the highest set IoU corrected for chance, (label_iou - label_chance) / (1 - label_chance), whatever it is.",
    ),
  label_iou: share.describe("Set IoU of the mined masks with the labels of `best`."),
  label_chance: share.describe("The same of masks of these areas that are independent."),
  cosine: nullable.describe("Cosine of the mined vector with the probe of `best` in the same layer."),
  nearest: z
    .string()
    .nullable()
    .describe("The named concept whose probe has the highest cosine with the mined vector."),
  nearest_cosine: nullable,
});
export type BridgeRow = z.output<typeof bridgeRowSchema>;
