import { z } from "zod";

/** Columns that several tables of a run share. */
export const nullable = z.number().nullable();
/** 0..1. */
export const unit = z.number().min(0).max(1);
export const count = z.int().min(0);

/** Which two layers a row compares. */
export const twoLayers = {
  model_a: z.string(),
  layer_a: z.string(),
  model_b: z.string(),
  layer_b: z.string(),
  depth_a: unit,
  depth_b: unit,
} as const;
