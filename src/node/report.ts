import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import sharp from "sharp";
import type { RunFile } from "../contract/results.js";
import { commonFrame, geometry } from "../dataset/geometry.js";
import { SamesightError } from "../errors.js";
import type { ReportData, ReportPhoto, ReportRows } from "../report/data.js";
import { chooseImages, reportData } from "../report/data.js";
import { page } from "../report/render/page.js";
import type { StudyResult } from "../study.js";
import { cropBox, decodePicture } from "./images.js";
import { writeAtomic } from "./store.js";

const MOST_PHOTOS = 60;
const PHOTO_PIXELS = 240;

/** Writes report/data.json and report/index.html of a run; the path of the page. */
export async function reportOf(dir: string, result: StudyResult, run: RunFile, rows: ReportRows): Promise<string> {
  const images = chooseImages(result, MOST_PHOTOS);
  const photos: ReportPhoto[] = [];
  for (const x of images) photos.push(await sprite(result, x));
  const masks = [];
  for (const layer of result.layers.keys()) masks.push(await result.masks(layer, images));
  return writeReport(dir, reportData(result, run, rows, images, photos, masks));
}

/** The part of a photograph that all networks see, small. */
async function sprite({ study }: StudyResult, x: number): Promise<ReportPhoto> {
  const image = study.test[x]!;
  const picture = await decodePicture(image);
  const frame = commonFrame(study.networks.map((n) => geometry(n.preprocessing, picture.width, picture.height)));
  const { data, info } = await sharp(picture.data, {
    raw: { width: picture.width, height: picture.height, channels: 3 },
  })
    .extract(cropBox(frame, picture.width, picture.height))
    .resize(PHOTO_PIXELS, PHOTO_PIXELS, { fit: "inside" })
    .webp({ quality: 72 })
    .toBuffer({ resolveWithObject: true });
  return {
    id: image.id,
    uri: `data:image/webp;base64,${data.toString("base64")}`,
    width: info.width,
    height: info.height,
  };
}

export async function writeReport(dir: string, data: ReportData): Promise<string> {
  const script = await bundle();
  const hash = (text: string) => `sha256-${createHash("sha256").update(text).digest("base64")}`;
  const path = join(dir, "report", "index.html");
  await writeAtomic(join(dir, "report", "data.json"), [JSON.stringify(data)]);
  await writeAtomic(path, [page(data, script, hash)]);
  return path;
}

/** The page of a finished run, made again from its data. Throws SamesightError `missing` where there is no run. */
export async function rewriteReport(dir: string): Promise<string> {
  const path = join(resolve(dir), "report", "data.json");
  const text = await readFile(path, "utf8").catch((cause) => {
    throw new SamesightError("missing", `no finished run in ${dir}`, {
      hint: "Give the folder that samesight compare, run or demo wrote (--out).",
      cause,
    });
  });
  let data: ReportData;
  try {
    data = JSON.parse(text) as ReportData;
  } catch (cause) {
    throw new SamesightError("invalid", `${path}: damaged`, {
      hint: "Run the study again: finished work is taken from the cache.",
      cause,
    });
  }
  return writeReport(resolve(dir), data);
}

async function bundle(): Promise<string> {
  const places = ["../report-app.js", "../../dist/report-app.js"].map((p) => resolve(import.meta.dirname, p));
  const found = places.find((p) => existsSync(p));
  if (!found) throw new SamesightError("missing", "the report's script is not built", { hint: "Run npm run build." });
  return readFile(found, "utf8");
}
