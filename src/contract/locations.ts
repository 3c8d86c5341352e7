import { z } from "zod";
import { count, nullable, unit } from "./columns.js";

/** Result files of local concept embeddings: a vector for each concept of each photograph to fit, in each layer ([LOCE]; docs/methods.md). */
const share = unit.nullable();
const place = { model: z.string(), layer: z.string(), depth: unit } as const;

/** A row of locations.csv: how the vectors of one concept lie in one layer. */
export const locationRowSchema = z.strictObject({
  concept: z.string(),
  ...place,
  images: count.describe("Photographs to fit with a vector of their own; at most 500."),
  spread: nullable.describe("Mean cosine distance of the vectors to their mean direction; null below 2."),
  spread_noise: nullable.describe(
    "spread of as many vectors of one direction that differ by the noise of their fits alone, as halves of the photographs show it.",
  ),
  halves: nullable.describe("Mean cosine between the vectors of the two halves of a photograph."),
  between: nullable.describe("Mean cosine between the vectors of halves of different photographs."),
  likeness: nullable.describe(
    "between / halves: the cosine of two photographs' vectors with the noise of the fits removed; 1 for a concept that is one direction.",
  ),
  iou: share.describe("Mean set IoU, at probability 0.5, of a half's vector on the other half of its photograph."),
  clusters: count.describe(
    "Sub-clusters that one population does not explain, at 5 % over the tree; 1 where there is no evidence for more.",
  ),
  cluster_sizes: z.string().describe("Photographs of each, largest first; semicolon-separated."),
  p_value: share.describe(
    "Of the first split, against a single Gaussian of the same mean and covariance; null below 10 photographs.",
  ),
  overlap: share.describe("Share of the vectors whose nearest other, by cosine, belongs to another concept."),
  overlap_chance: share.describe("overlap expected of vectors that do not know their concept."),
  confused_with: z
    .string()
    .nullable()
    .describe("The concept with the highest `nearer` in location_pairs.csv; null where none is nearer to any vector."),
  purity: share.describe(
    "Of the layer: its vectors clustered together into as many clusters as concepts; share that is of the most frequent concept of its cluster.",
  ),
  purity_chance: share.describe("The same with the vectors' concepts permuted."),
});
export type LocationRow = z.output<typeof locationRowSchema>;

/** A row of location_pairs.csv: one concept's vectors beside those of another one. */
export const locationPairRowSchema = z.strictObject({
  ...place,
  concept: z.string(),
  other: z.string(),
  nearer: unit.describe(
    "Share of the vectors of `concept` to which some vector of `other` is nearer than any other of its own.",
  ),
});
export type LocationPairRow = z.output<typeof locationPairRowSchema>;

/** A row of location_images.csv: one vector. In the order of the rows of `<layer>/loce` in vectors/<model>.safetensors. */
export const locationImageRowSchema = z.strictObject({
  ...place,
  row: count.describe("Row of `<layer>/loce`."),
  image: z.string(),
  concept: z.string(),
  cluster: z.int().min(1).describe("Sub-cluster of the concept in this layer, 1 the largest."),
  centrality: z.number().describe("Cosine with the mean direction of the concept: low for outliers."),
  nearest: z.string().nullable().describe("Concept of the nearest other vector."),
  halves: nullable.describe("Cosine of the vectors of the photograph's halves."),
  iou: share,
  x: z.number().describe("First principal component of all vectors of the layer."),
  y: z.number(),
});
export type LocationImageRow = z.output<typeof locationImageRowSchema>;
