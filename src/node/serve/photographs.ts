import { readFile } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";
import type { Rect } from "../../dataset/types.js";
import { cropBox, cropHash, decodePicture } from "../images.js";
import { sha256 } from "../store.js";

/** A line of report/photographs.json: what the page shows small. */
export interface ListedPhotograph {
  readonly id: string;
  readonly path: string;
  readonly hash: string;
  readonly crop?: Rect;
  /** The part that all networks see, of the photograph after `crop`. */
  readonly frame: Rect;
}

/** The part of a test image that all networks see, in full resolution, as WebP; undefined when there is none of that number or its file is no longer what was compared. */
export async function photograph(dir: string, number: number): Promise<Buffer | undefined> {
  const text = await readFile(join(dir, "report", "photographs.json"), "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  const entry = (JSON.parse(text) as ListedPhotograph[])[number];
  if (!entry) return undefined;
  const bytes = await readFile(entry.path).catch(() => undefined);
  if (!bytes) return undefined;
  const hash = entry.crop ? cropHash(sha256(bytes), entry.crop) : sha256(bytes);
  if (hash !== entry.hash) return undefined;
  const picture = await decodePicture({ ...entry, group: entry.id, width: 0, height: 0 });
  const { width, height, data } = picture;
  return sharp(data, { raw: { width, height, channels: 3 } })
    .extract(cropBox(entry.frame, width, height))
    .webp({ quality: 88, effort: 2 })
    .toBuffer();
}
