import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import sharp from "sharp";
import { forwardOf } from "../src/activations/forward.js";
import { preprocess } from "../src/dataset/preprocess.js";
import { prepareNetwork } from "../src/node/network.js";
import type { Engine } from "../src/numerics/engine.js";
import type { Matrix } from "../src/numerics/types.js";

/** COCO photographs beside the repository, or where SAMESIGHT_TEST_DATA says; none: figures on real data are left out. */
export function photographs(): string[] {
  const root = process.env.SAMESIGHT_TEST_DATA ?? new URL("../../shared/data", import.meta.url).pathname;
  const dir = join(root, "coco128/images/train2017");
  return existsSync(dir)
    ? readdirSync(dir)
        .filter((f) => f.endsWith(".jpg"))
        .sort()
        .map((f) => join(dir, f))
    : [];
}

export async function picture(file: string): Promise<{ width: number; height: number; data: Uint8Array }> {
  const { data, info } = await sharp(file)
    .toColourspace("srgb")
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, data: new Uint8Array(data) };
}

/** Rows of one layer, clipped at 0, evenly from all photographs; RMS 1. */
export async function activationRows(
  engine: Engine,
  source: string,
  layer: string,
  files: readonly string[],
  perImage: number,
): Promise<Matrix> {
  const network = await prepareNetwork({ source, layers: [layer] }, "bench", engine);
  const kernel = await engine.compile(network.tapped);
  const forward = forwardOf(kernel, network.inputName, network.taps);
  const cols = network.taps[0]!.channels;
  const data = new Float32Array(files.length * perImage * cols);
  let energy = 0;
  for (const [f, file] of files.entries()) {
    const [a] = await forward(preprocess([await picture(file)], network.preprocessing).input);
    const cells = a!.h * a!.w;
    for (let r = 0; r < perImage; r++) {
      const cell = Math.floor(((r + 0.5) * cells) / perImage);
      for (let c = 0; c < cols; c++) {
        const value = Math.max(0, a!.data[c * cells + cell]!);
        data[(f * perImage + r) * cols + c] = value;
        energy += value * value;
      }
    }
  }
  await kernel.release();
  const scale = 1 / Math.sqrt(energy / data.length);
  return { data: data.map((x) => x * scale), rows: files.length * perImage, cols };
}
