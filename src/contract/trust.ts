/** What stands beside the numbers so that they can be trusted: findings, twins, summaries, flow, differences. Schemas of run.json and of the tables. */
import { z } from "zod";
import { nullable, unit } from "./columns.js";

/** Ids of the known measures that can stand beside samesight's own, one row more of layers.csv each. */
export const CONTROL_IDS = [
  "cka",
  "procrustes",
  "svcca",
  "pwcca",
  "rsa",
  "mutual_knn",
  "matching",
  "lasso_regression",
  "linear_predictivity",
  "rdx",
  "replacement",
] as const;
export type ControlId = (typeof CONTROL_IDS)[number];

/** TT: two trained networks; TR: a trained one and a shuffled twin; RR: two shuffled twins. */
export const PAIRINGS = ["TT", "TR", "RR"] as const;
export type Pairing = (typeof PAIRINGS)[number];

/** A number with its doubt; null where it cannot be had. */
export const estimateSchema = z.strictObject({
  value: nullable,
  ci_low: nullable.describe("95 % interval, test images resampled and concepts refitted."),
  ci_high: nullable,
  null_mean: nullable.describe("Mean under the null that `null` names."),
  null_sd: nullable,
  p_value: nullable.describe("(1 + null values at least as extreme) / (1 + null values)."),
  null: z.string().describe("What the null is, such as 'layers permuted'; empty where there is none."),
});
export type Estimate = z.output<typeof estimateSchema>;

/** What a run says, in a sentence, and the numbers behind it. */
export const findingSchema = z.strictObject({
  id: z.string().describe("Unique in the run: kind/network/network."),
  kind: z.enum(["version", "shared-concepts", "depth-agreement", "twins"]),
  networks: z.array(z.string()).min(1),
  holds: z
    .boolean()
    .nullable()
    .describe("Whether the claim stands against every null; null where it could not be tested."),
  sentence: z.string(),
  n: z.strictObject({ images: z.int(), layers: z.int(), concepts: z.int() }),
  values: z.record(z.string(), estimateSchema),
});
export type Finding = z.output<typeof findingSchema>;

/** A shuffled twin (METHOD.md M3): whose, and how healthy. */
export const twinRowSchema = z.strictObject({
  id: z.string(),
  twin_of: z.string(),
  seed: z.int(),
  convolutions: z.int(),
  levels: z.int(),
  channels: z.int(),
  dead_channels: z.int().describe("Channels that vary in the trained network and not in the twin."),
  maximum: z.number().describe("Largest magnitude at any convolution of the twin."),
  maximum_ratio: z.number().describe("Largest, over convolutions, of the twin's maximum over the trained network's."),
  mean_error: z.number().describe("Largest error of a channel's mean, in trained standard deviations."),
  sd_error: z.number().describe("Largest relative error of a channel's standard deviation."),
  explained_variance: nullable.describe("Mean over the taps of the twin's concept fits."),
  explained_variance_trained: nullable,
});
export type TwinRow = z.output<typeof twinRowSchema>;

/** A row of summary.csv: one number about a pair of networks, or about all pairs of a kind (model names empty). */
export const summaryRowSchema = z.strictObject({
  quantity: z.string(),
  pairing: z.enum(PAIRINGS),
  model_a: z.string(),
  model_b: z.string(),
  ...estimateSchema.shape,
  n_images: z.int(),
  n_cells: z.int().describe("Cells, concepts or layers that the number is made of."),
});
export type SummaryRow = z.output<typeof summaryRowSchema>;

/** A row of flow.csv: an edge between two concepts, kept because both are each other's best or because chance does not reach it. */
export const flowRowSchema = z.strictObject({
  scope: z
    .enum(["within", "between"])
    .describe("Successive taps of one network, or layers of two networks that are each other's best."),
  model_a: z.string(),
  layer_a: z.string(),
  concept_a: z.int(),
  depth_a: unit,
  model_b: z.string(),
  layer_b: z.string(),
  concept_b: z.int(),
  depth_b: unit,
  weight: z.number().describe("J*, chance-corrected set IoU."),
  null_99: nullable.describe("99th percentile of J* over all pairs of concepts of these layers with images permuted."),
  mutual: z.boolean(),
  above_null: z.boolean(),
});
export type FlowRow = z.output<typeof flowRowSchema>;

/** A row of chains.csv: a concept followed along the mutual best edges of one network. */
export const chainRowSchema = z.strictObject({
  model: z.string(),
  chain: z.int(),
  birth_layer: z.string(),
  birth_concept: z.int(),
  birth_depth: unit,
  last_layer: z.string(),
  last_depth: unit,
  lifetime: z.int().describe("Layers in which the chain lives, at least 1."),
  lifetime_depth: unit.describe("last_depth - birth_depth."),
  splits: z.int().describe("Kept edges that leave the chain to concepts outside it."),
  merges: z.int().describe("Kept edges that enter the chain from concepts outside it."),
  concepts: z.string().describe("Concept numbers from birth to end, joined by '>'."),
});
export type ChainRow = z.output<typeof chainRowSchema>;

/** A row of differences.csv: an image of a group that one layer holds together and the other does not (RDX). */
export const differenceRowSchema = z.strictObject({
  model_a: z.string(),
  layer_a: z.string(),
  model_b: z.string(),
  layer_b: z.string(),
  held_by: z.string().describe("The network whose layer sees the group as near."),
  group: z.int().describe("0-based, the strongest first."),
  difference: z
    .number()
    .describe("Mean of tanh(gamma (rank here - rank there) / (min + 1)) in the group; lower is stronger."),
  rank_here: z.number(),
  rank_there: z.number(),
  order: z.int().describe("0 the most typical image."),
  image: z.string(),
});
export type DifferenceRow = z.output<typeof differenceRowSchema>;
