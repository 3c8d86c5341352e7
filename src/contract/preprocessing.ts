import { z } from "zod";

/**
 * What is done to a photograph before a network sees it. Data, kept with the network, part of every cache key.
 * The tensor is `(pixel * scale - mean[c]) / std[c]`, with c counted in the network's own channel order.
 */
export const preprocessingSchema = z
  .strictObject({
    width: z.int().min(1).max(16384).describe("Width of the network's input in pixels."),
    height: z.int().min(1).max(16384).describe("Height of the network's input in pixels."),
    resize: z
      .enum(["stretch", "letterbox", "crop"])
      .default("stretch")
      .describe("stretch: both sides freely; letterbox: keep the aspect ratio and pad; crop: fill and cut the centre."),
    cropFraction: z
      .number()
      .gt(0)
      .max(1)
      .default(1)
      .describe("crop only: the share of the resized shorter side that the centre crop keeps (224/256 = 0.875)."),
    padColor: z
      .tuple([z.number(), z.number(), z.number()])
      .default([114, 114, 114])
      .describe("letterbox only: RGB, 0..255."),
    anchor: z.enum(["centre", "top-left"]).default("centre").describe("letterbox only: where the picture lies."),
    scaleUp: z.boolean().default(true).describe("letterbox only: whether small pictures are enlarged."),
    resample: z.enum(["nearest", "bilinear", "bicubic"]).default("bilinear"),
    antialias: z
      .boolean()
      .default(true)
      .describe("Widen the kernel when shrinking, as Pillow does; OpenCV and most exported graphs do not."),
    centres: z
      .enum(["half-pixel", "corner"])
      .default("half-pixel")
      .describe(
        "Where pixel i of a resized side samples: half-pixel at (i + 0.5) w / W - 0.5; corner at i w / W, as TensorFlow's graphs without half_pixel_centers (not with antialias).",
      ),
    channels: z
      .enum(["RGB", "BGR", "L"])
      .default("RGB")
      .describe(
        "L: one channel, luminance (299 R + 587 G + 114 B) / 1000 as Pillow makes it; mean[0] and std[0] count.",
      ),
    layout: z.enum(["NCHW", "NHWC"]).default("NCHW"),
    type: z.enum(["float32", "float16", "uint8"]).default("float32"),
    scale: z.number().default(1 / 255),
    mean: z.tuple([z.number(), z.number(), z.number()]).default([0, 0, 0]),
    std: z.tuple([z.number(), z.number(), z.number()]).default([1, 1, 1]),
  })
  .describe("Preprocessing of a network");

/** What is done to a photograph before a network sees it, all defaults filled in. Pixels, 0..255 before `scale`. */
export type Preprocessing = z.output<typeof preprocessingSchema>;
/** The same as one writes it: only width and height must be there. */
export type PreprocessingInput = z.input<typeof preprocessingSchema>;
