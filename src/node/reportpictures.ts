import sharp from "sharp";
import type { TensorFile } from "../contract/safetensors.js";
import { commonFrame, geometry } from "../dataset/geometry.js";
import { mapConcurrent } from "../dataset/prefetch.js";
import type { ImageRef, Rect } from "../dataset/types.js";
import { toCoarser } from "../maps/resample.js";
import { quantile } from "../numerics/quantile.js";
import type { ReportPhoto, ReportTile } from "../report/data.js";
import type { StudyResult } from "../study.js";
import { cropBox, decodePicture } from "./images.js";
import type { ListedPhotograph } from "./serve/photographs.js";

export const PHOTOS_A_BLOCK = 32;
const PHOTO_PIXELS = { few: 320, many: 240 };
const FEW = 64;
/** No map in the page is finer. */
const FINEST_TILE = 28;
const TILES_A_ROW = 16;
const AT_ONCE = 2;
/** The brightest cells of a concept are shown as full. */
const FULL = 0.998;

/** The part of each photograph that all networks see, small, in blocks of WebP files. */
export async function photographs(
  { study }: StudyResult,
  images: readonly number[],
): Promise<{ photos: ReportPhoto[]; frames: Rect[]; blocks: Record<string, TensorFile> }> {
  const side = images.length <= FEW ? PHOTO_PIXELS.few : PHOTO_PIXELS.many;
  const photos: ReportPhoto[] = [];
  const frames: Rect[] = [];
  const files: Buffer[] = [];
  const made = mapConcurrent(images, AT_ONCE, async (x) => {
    const image = study.test[x]!;
    const picture = await decodePicture(image);
    const frame = commonFrame(study.networks.map((n) => geometry(n.preprocessing, picture.width, picture.height)));
    return { image, frame, ...(await small(picture, cropBox(frame, picture.width, picture.height), side)) };
  });
  for await (const { image, frame, data, info } of made) {
    frames.push(frame);
    photos.push({ id: image.id, width: info.width, height: info.height });
    files.push(data);
  }
  const blocks: Record<string, TensorFile> = {};
  for (let from = 0; from < files.length; from += PHOTOS_A_BLOCK) {
    blocks[`photos/${from / PHOTOS_A_BLOCK}`] = joined(files.slice(from, from + PHOTOS_A_BLOCK));
  }
  return { photos, frames, blocks };
}

function small(picture: Awaited<ReturnType<typeof decodePicture>>, box: ReturnType<typeof cropBox>, side: number) {
  const { width, height, data } = picture;
  return sharp(data, { raw: { width, height, channels: 3 } })
    .extract(box)
    .resize(side, side, { fit: "inside", withoutEnlargement: true })
    .webp({ quality: 70, effort: 3 })
    .toBuffer({ resolveWithObject: true });
}

/** For each layer of a trained network a block with one WebP a concept: its maps on all `images` side by side, 0 black, the strongest cells white. */
export async function mapSprites(
  { study, layers, maps }: StudyResult,
  images: readonly number[],
): Promise<{ tiles: (ReportTile | null)[]; blocks: Record<string, TensorFile> }> {
  const tiles: (ReportTile | null)[] = [];
  const blocks: Record<string, TensorFile> = {};
  for (const [at, layer] of layers.entries()) {
    // shuffled twins are nulls: their masks do for who looks into one
    if (study.networks[layer.network]!.twin) {
      tiles.push(null);
      continue;
    }
    const grid = { h: Math.min(layer.grid.h, FINEST_TILE), w: Math.min(layer.grid.w, FINEST_TILE) };
    const { data, n, c: k } = toCoarser(await maps(at, images), grid);
    const cells = grid.h * grid.w;
    const columns = Math.min(TILES_A_ROW, n);
    tiles.push({ width: grid.w, height: grid.h, columns });
    const own = new Float32Array(n * cells);
    const files = Array.from({ length: k }, (_, i) => {
      for (let x = 0; x < n; x++) own.set(data.subarray((x * k + i) * cells, (x * k + i + 1) * cells), x * cells);
      return sprite(own, n, grid, columns);
    });
    blocks[`maps/${at}`] = joined(await Promise.all(files));
  }
  return { tiles, blocks };
}

function sprite(maps: Float32Array, n: number, grid: { h: number; w: number }, columns: number): Promise<Buffer> {
  const rows = Math.ceil(n / columns);
  const width = columns * grid.w;
  const data = Buffer.alloc(width * rows * grid.h);
  // a signed method's negative scores are "not here": black
  const top = quantile(
    maps.filter((_, i) => i % 8 === 0),
    FULL,
  );
  const scale = top > 0 ? 255 / top : 0;
  for (let p = 0; p < n; p++) {
    const x0 = (p % columns) * grid.w;
    const y0 = Math.floor(p / columns) * grid.h;
    for (let y = 0; y < grid.h; y++) {
      for (let x = 0; x < grid.w; x++) {
        const v = maps[(p * grid.h + y) * grid.w + x]! * scale;
        data[(y0 + y) * width + x0 + x] = Math.min(255, Math.max(0, Math.round(v)));
      }
    }
  }
  return sharp(data, { raw: { width, height: rows * grid.h, channels: 1 } })
    .webp({ quality: 60, effort: 2 })
    .toBuffer();
}

/** Files one after the other: `data`, and where each ends. */
export function joined(files: readonly Uint8Array[]): TensorFile {
  const ends = new Int32Array(files.length);
  let at = 0;
  files.forEach((f, i) => {
    at += f.length;
    ends[i] = at;
  });
  const data = new Uint8Array(Buffer.concat(files));
  return {
    tensors: {
      data: { type: "uint8", dims: [data.length], data },
      ends: { type: "int32", dims: [ends.length], data: ends },
    },
    metadata: {},
  };
}

/** What `samesight serve` needs to show the photographs whole. */
export function photographList(images: readonly ImageRef[], frames: readonly Rect[]): string {
  const list = images.map(({ id, path, hash, crop }, i): ListedPhotograph => {
    return { id, path, hash, ...(crop ? { crop } : {}), frame: frames[i]! };
  });
  return `${JSON.stringify(list, null, 1)}\n`;
}
