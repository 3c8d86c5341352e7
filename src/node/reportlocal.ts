import sharp from "sharp";
import type { TensorFile } from "../contract/safetensors.js";
import { mapConcurrent } from "../dataset/prefetch.js";
import type { SupervisedResult } from "../study/supervise.js";
import { decodePicture } from "./images.js";
import { joined } from "./reportpictures.js";

/** Photographs to fit that the page holds at most, and their longer side in pixels. */
const MOST = 160;
const SIDE = 200;
/** Of each sub-cluster, those nearest to its concept's mean direction and the farthest one. */
const CENTRAL = 4;

/**
 * Block `local/photos`: WebP files of photographs to fit on which local concept embeddings are shown, with `ids` and `sizes` (pairs) as JSON in the metadata. Those
 * first that serve in most sub-clusters. Nothing without local concept embeddings.
 */
export async function localBlocks(named: SupervisedResult): Promise<Record<string, TensorFile>> {
  const { images } = named.locations;
  if (images.length === 0) return {};
  const groups = new Map<string, { image: string; centrality: number }[]>();
  for (const r of images) {
    const key = JSON.stringify([r.model, r.layer, r.concept, r.cluster]);
    const own = groups.get(key) ?? [];
    own.push(r);
    groups.set(key, own);
  }
  const uses = new Map<string, number>();
  for (const own of groups.values()) {
    const sorted = [...own].sort((a, b) => b.centrality - a.centrality);
    for (const { image } of new Set([...sorted.slice(0, CENTRAL), sorted.at(-1)!]))
      uses.set(image, (uses.get(image) ?? 0) + 1);
  }
  const wanted = new Set(
    [...uses]
      .sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
      .slice(0, MOST)
      .map(([id]) => id),
  );
  const shown = named.fitImages.filter((i) => wanted.has(i.id));
  const files: Buffer[] = [];
  const sizes: [number, number][] = [];
  const made = mapConcurrent(shown, 2, async (image) => {
    const { width, height, data } = await decodePicture(image);
    return sharp(data, { raw: { width, height, channels: 3 } })
      .resize(SIDE, SIDE, { fit: "inside", withoutEnlargement: true })
      .webp({ quality: 65, effort: 3 })
      .toBuffer({ resolveWithObject: true });
  });
  for await (const { data, info } of made) {
    files.push(data);
    sizes.push([info.width, info.height]);
  }
  const metadata = { ids: JSON.stringify(shown.map((i) => i.id)), sizes: JSON.stringify(sizes) };
  return { "local/photos": { tensors: joined(files).tensors, metadata } };
}
