import { z } from "zod";
import { configSchema } from "./config.js";
import { locationImageRowSchema, locationPairRowSchema, locationRowSchema } from "./locations.js";
import { preprocessingSchema } from "./preprocessing.js";
import { conceptRowSchema, layerRowSchema, pairRowSchema, runSchema } from "./results.js";
import {
  bridgeRowSchema,
  conceptLayerRowSchema,
  conceptPairRowSchema,
  emergenceRowSchema,
  emergenceTestRowSchema,
  probeRowSchema,
  sampleSizeRowSchema,
} from "./supervised.js";
import { chainRowSchema, differenceRowSchema, flowRowSchema, summaryRowSchema } from "./trust.js";

/** What is published as JSON Schema: files people write (with defaults left out), and files a run writes (a row of each table). */
const PUBLISHED: Readonly<Record<string, { schema: z.ZodType; written: "by people" | "by samesight"; title: string }>> =
  {
    study: { schema: configSchema, written: "by people", title: "A study: what samesight run reads" },
    preprocessing: { schema: preprocessingSchema, written: "by people", title: "What --preprocess NETWORK=FILE reads" },
    run: { schema: runSchema, written: "by samesight", title: "run.json of a run" },
    layers: { schema: layerRowSchema, written: "by samesight", title: "A row of layers.csv and layers.parquet" },
    concepts: {
      schema: conceptRowSchema,
      written: "by samesight",
      title: "A row of concepts.csv and concepts.parquet",
    },
    probes: { schema: probeRowSchema, written: "by samesight", title: "A row of probes.csv and probes.parquet" },
    concept_pairs: { schema: conceptPairRowSchema, written: "by samesight", title: "A row of concept_pairs.csv" },
    concept_layers: { schema: conceptLayerRowSchema, written: "by samesight", title: "A row of concept_layers.csv" },
    emergence: { schema: emergenceRowSchema, written: "by samesight", title: "A row of emergence.csv" },
    emergence_tests: { schema: emergenceTestRowSchema, written: "by samesight", title: "A row of emergence_tests.csv" },
    sample_size: { schema: sampleSizeRowSchema, written: "by samesight", title: "A row of sample_size.csv" },
    locations: { schema: locationRowSchema, written: "by samesight", title: "A row of locations.csv" },
    location_pairs: { schema: locationPairRowSchema, written: "by samesight", title: "A row of location_pairs.csv" },
    location_images: { schema: locationImageRowSchema, written: "by samesight", title: "A row of location_images.csv" },
    bridge: { schema: bridgeRowSchema, written: "by samesight", title: "A row of bridge.csv" },
    pairs: { schema: pairRowSchema, written: "by samesight", title: "A row of pairs.parquet" },
    summary: { schema: summaryRowSchema, written: "by samesight", title: "A row of summary.csv and summary.parquet" },
    flow: { schema: flowRowSchema, written: "by samesight", title: "A row of flow.csv and flow.parquet" },
    chains: { schema: chainRowSchema, written: "by samesight", title: "A row of chains.csv and chains.parquet" },
    differences: {
      schema: differenceRowSchema,
      written: "by samesight",
      title: "A row of differences.csv and differences.parquet",
    },
  };

/** File name -> JSON Schema (draft 2020-12), from the same source as the types. */
export function jsonSchemas(): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(PUBLISHED).map(([name, { schema, written, title }]) => {
      const { $schema, ...body } = z.toJSONSchema(schema, { io: written === "by people" ? "input" : "output" });
      return [`${name}.schema.json`, { $schema, title, ...body }];
    }),
  );
}
