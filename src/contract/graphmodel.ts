import { z } from "zod";

/** Whole numbers, also written as text. */
const number = z.union([z.string().regex(/^-?\d{1,15}$/), z.int()]);
const characters = z.union([z.string(), z.array(z.number())]);
const attribute = z.looseObject({
  i: number.optional(),
  f: z.number().optional(),
  b: z.boolean().optional(),
  s: characters.optional(),
  shape: z.looseObject({ dim: z.array(z.looseObject({ size: number.optional() })).optional() }).optional(),
  list: z.looseObject({ i: z.array(number).optional(), s: z.array(characters).optional() }).optional(),
});
/** model.json of a TensorFlow.js graph model, as far as the importer reads it. */
export const graphModelSchema = z.looseObject({
  modelTopology: z.looseObject({
    node: z
      .array(
        z.looseObject({
          name: z.string(),
          op: z.string(),
          input: z.array(z.string()).optional(),
          attr: z.record(z.string(), attribute).optional(),
        }),
      )
      .min(1),
  }),
  weightsManifest: z.array(
    z.looseObject({
      paths: z.array(z.string()),
      weights: z.array(
        z.looseObject({
          name: z.string(),
          shape: z.array(z.int().min(0)),
          dtype: z.string(),
          quantization: z
            .looseObject({ dtype: z.string(), scale: z.number().optional(), min: z.number().optional() })
            .optional(),
        }),
      ),
    }),
  ),
});
