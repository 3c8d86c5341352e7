/** Photographs with boxes, where the test data lie beside the repository. */
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { SamesightError } from "../../src/errors.js";
import { listImages } from "../../src/node/images.js";
import type { Truth } from "./detect.js";

const root = resolve(process.env.SAMESIGHT_TEST_DATA ?? join(import.meta.dirname, "../../../shared/data"), "coco128");
export const NO_COCO = existsSync(join(root, "images"))
  ? ""
  : " (skipped: no coco128 in ../shared/data or SAMESIGHT_TEST_DATA)";

export function cocoFolder(kind: "images", part: "train2017" | "val2017"): string {
  return join(root, kind, part);
}

/** The first `most` photographs of a part and their boxes (a photograph without a file of labels shows none of the 80 classes). */
export async function labelled(part: "train2017" | "val2017", most = Number.POSITIVE_INFINITY) {
  const { images, skipped } = await listImages(cocoFolder("images", part));
  if (skipped.length > 0) throw new SamesightError("invalid", `coco128: ${skipped[0]!.path}: ${skipped[0]!.reason}`);
  return images.slice(0, most).map((image) => {
    const file = join(root, "boxes", part, image.id.replace(/\.jpg$/, ".txt"));
    const lines = existsSync(file) ? readFileSync(file, "utf8").trim().split("\n").filter(Boolean) : [];
    const truth = lines.map((line): Truth => {
      const [label, cx, cy, w, h] = line.split(" ").map(Number) as [number, number, number, number, number];
      return { label, box: [cx - w / 2, cy - h / 2, cx + w / 2, cy + h / 2] };
    });
    return { image, truth };
  });
}
