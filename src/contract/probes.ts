import { z } from "zod";
import { DEFAULTS } from "./defaults.js";
import { PROBE_METHODS } from "./supervised.js";

const D = DEFAULTS.probes;

/** How named concepts are learned and tested; used when a study has labels (METHOD.md 1.2). */
export const probesSchema = z
  .strictObject({
    method: z
      .enum(PROBE_METHODS)
      .default(D.method)
      .describe(
        "logistic: class-balanced cross entropy; dice: plus the Dice loss, for small parts; net2vec: as published, one vector without refits: threshold 0.5, no consistency.",
      ),
    lambda: z.number().gt(0).default(D.lambda).describe("Penalty of the vector, on standardised channels."),
    rows: z
      .int()
      .min(1000)
      .default(D.rows)
      .describe(
        "Cells a layer to learn from at most, the same number from each photograph; fewer in layers of so many channels that they would take more than 512 MB.",
      ),
    refits: z
      .int()
      .min(2)
      .max(50)
      .default(D.refits)
      .describe("Fits on resampled photographs: for thresholds out of fold and for the stability of vectors."),
    grid: z
      .int()
      .min(16)
      .max(1024)
      .default(D.grid)
      .describe("Cells a side on which predictions meet labels, over what all networks see."),
    filterQuantile: z
      .union([z.literal("base-rate"), z.number().gt(0).lt(0.5)])
      .default(D.filterQuantile)
      .describe("Where the single channel of the baseline is cut; NetDissect: 0.005."),
    shuffled: z
      .boolean()
      .default(D.shuffled)
      .describe("Learn the same in each network with shuffled weights, as a baseline."),
    sampleSize: z
      .boolean()
      .default(D.sampleSize)
      .describe("Whether the photographs of each concept are enough: cosine against their number."),
    locations: z
      .boolean()
      .default(D.locations)
      .describe(
        "Also learn each concept on each photograph alone, and say how these vectors lie (local concept embeddings; locations.csv).",
      ),
    backgrounds: z
      .int()
      .min(0)
      .max(500)
      .default(D.backgrounds)
      .describe("Photographs a concept to paste on other backgrounds; 0 for no such check."),
  })
  .superRefine(({ method, sampleSize }, issues) => {
    if (method === "net2vec" && sampleSize)
      issues.addIssue({
        code: "custom",
        path: ["sampleSize"],
        message: "net2vec learns one vector on all photographs; use method logistic or dice",
      });
  })
  .describe("Probes of named concepts");

export type ProbesConfig = z.output<typeof probesSchema>;
