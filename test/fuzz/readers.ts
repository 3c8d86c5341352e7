import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { parseStudy } from "../../src/cli/studyfile.js";
import { readSafetensors, writeSafetensors } from "../../src/contract/safetensors.js";
import { emptyCanvas } from "../../src/dataset/labels/canvas.js";
import { classesFromDocument, classesFromText } from "../../src/dataset/labels/classes.js";
import { cocoObjects, parseCoco } from "../../src/dataset/labels/coco.js";
import { runsFromText, textOfRuns } from "../../src/dataset/labels/rle.js";
import { parseYolo } from "../../src/dataset/labels/yolo.js";
import { SamesightError } from "../../src/errors.js";
import { readModel } from "../../src/model/read.js";
import { summarize } from "../../src/model/summarize.js";
import { withTaps } from "../../src/model/taps.js";
import { importGraphModel } from "../../src/model/tfjs/import.js";
import { decodePicture, listImages } from "../../src/node/images.js";
import { readIndexedPng } from "../../src/node/labels/png.js";
import { parsePreprocessing } from "../../src/node/preprocessing.js";
import { below, seededRandom } from "../../src/numerics/random.js";
import type { Random } from "../../src/numerics/types.js";
import { inverted, residual } from "../model/nets.js";
import { b64, float, GraphWriter, int, list } from "../model/tfjs/graphs.js";
import { mutateBytes, mutateJson } from "./mutate.js";

/** A reader of foreign input: makes a broken one, and reads it. Reading may throw SamesightError and nothing else. */
export interface Reader {
  readonly name: string;
  make(random: Random): Uint8Array;
  read(input: Uint8Array): unknown;
}

const bytesOf = (value: unknown) => new TextEncoder().encode(typeof value === "string" ? value : JSON.stringify(value));
const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

/** Mutated as a tree or, one time in four, as text. */
function jsonReader(name: string, seeds: readonly unknown[], read: (json: unknown) => unknown): Reader {
  return {
    name,
    make: (random) =>
      below(4, random) === 0
        ? mutateBytes(seeds.map(bytesOf), random)
        : bytesOf(mutateJson(seeds[below(seeds.length, random)], random) ?? null),
    read(input) {
      let json: unknown;
      try {
        json = JSON.parse(textOf(input));
      } catch {
        return undefined; // told apart before these readers are called
      }
      return read(json);
    },
  };
}

function onnx(): Reader {
  const seeds = [residual(), inverted()].map((net) => net.bytes(net.nodes.slice(-2).map((n) => n.output[0]!)));
  return {
    name: "onnx",
    make: (random) => mutateBytes(seeds, random),
    read(input) {
      const summary = summarize(readModel(input, "fuzz.onnx"), "fuzz.onnx");
      withTaps(
        input,
        summary.tensors.slice(0, 3).map((t) => t.name),
      );
    },
  };
}

/** A small network with a convolution, pooling, a join and a head, and its weights behind the JSON. */
function tfjs(): Reader {
  const random = seededRandom("tfjs");
  const graph = new GraphWriter([1, 8, 8, 3], random);
  const conv = graph.add("Conv2D", ["x", graph.floats([3, 3, 3, 4])], {
    strides: list(1, 2, 2, 1),
    padding: b64("SAME"),
    data_format: b64("NHWC"),
    dilations: list(1, 1, 1, 1),
  });
  const act = graph.add("Relu6", [graph.add("BiasAdd", [conv, graph.floats([4])])]);
  const pool = graph.add("MaxPool", [act], {
    ksize: list(1, 2, 2, 1),
    strides: list(1, 1, 1, 1),
    padding: b64("SAME"),
  });
  const both = graph.add("ConcatV2", [act, pool, graph.scalar(3)], { N: int(2) });
  graph.add("LeakyRelu", [graph.add("Pad", [both, graph.ints([0, 0, 1, 1, 1, 1, 0, 0], [4, 2])])], {
    alpha: float(0.1),
  });
  const weights = graph.bytes();
  return jsonReader("tfjs", [graph.json()], (json) => importGraphModel(json, weights, {}, "model.json"));
}

function safetensors(): Reader {
  const seed = writeSafetensors(
    {
      a: { type: "float32", dims: [2, 3], data: new Float32Array(6) },
      "b/c": { type: "uint8", dims: [5], data: new Uint8Array(5) },
    },
    { kind: "test" },
  );
  return {
    name: "safetensors",
    make: (random) => mutateBytes([seed], random),
    read: (input) => readSafetensors(input, "fuzz"),
  };
}

const STUDY = `# a study
networks:
  - source: zoo:nanodet
    layers: [auto:4, "op:Relu"]
  - { source: ./net.onnx, id: b }
images: photos
concepts: { method: nmf, k: auto }
seed: 3
`;

function study(): Reader {
  return {
    name: "study",
    make: (random) =>
      mutateBytes(
        [bytesOf(STUDY), bytesOf({ networks: [{ source: "zoo:nanodet" }], images: "x", maps: { density: 0.1 } })],
        random,
      ),
    read: (input) => parseStudy(textOf(input), "study.yaml"),
  };
}

const preprocessing = () =>
  jsonReader(
    "preprocessing",
    [{ width: 32, height: 32, resize: "letterbox", mean: [0, 0, 0], std: [1, 1, 1], channels: "RGB", layout: "NCHW" }],
    (json) => parsePreprocessing(json, "preprocess.json"),
  );

const COCO = {
  images: [
    { id: 1, file_name: "a.jpg", width: 20, height: 10 },
    { id: 2, file_name: "b.jpg" },
  ],
  categories: [
    { id: 1, name: "cat", supercategory: "animal" },
    { id: 7, name: "dog" },
  ],
  annotations: [
    {
      id: 1,
      image_id: 1,
      category_id: 1,
      segmentation: [[1, 1, 8, 1, 8, 8]],
      bbox: [1, 1, 7, 7],
      area: 24,
      iscrowd: 0,
    },
    {
      id: 2,
      image_id: 1,
      category_id: 7,
      segmentation: { size: [10, 20], counts: textOfRuns([30, 20, 150]) },
      iscrowd: 1,
    },
    { id: 3, image_id: 1, category_id: 7, segmentation: { size: [10, 20], counts: [30, 20, 150] }, iscrowd: 1 },
    { id: 4, image_id: 2, category_id: 7, bbox: [2, 2, 5, 5] },
  ],
};

/** Everything in the file is painted; each object may refuse by itself. */
function paintAll(objects: Iterable<{ paint(canvas: ReturnType<typeof emptyCanvas>): void }>): void {
  for (const object of objects) {
    try {
      object.paint(emptyCanvas(20, 10));
    } catch (error) {
      if (!(error instanceof SamesightError)) throw error;
    }
  }
}

const coco = () =>
  jsonReader("coco", [COCO], (json) => {
    const file = parseCoco(json, "coco.json");
    for (const photo of file.photos)
      for (const list of cocoObjects(photo, file, "ellipse", "coco.json").values()) paintAll(list);
  });

function rle(): Reader {
  const seeds = [[30, 20, 150], [0, 5, 195], [200], [1, 1, 1, 1, 1, 195]].map((runs) => bytesOf(textOfRuns(runs)));
  return {
    name: "rle",
    make: (random) => mutateBytes(seeds, random),
    read: (input) => runsFromText(textOf(input), 200),
  };
}

function yolo(): Reader {
  const seed = bytesOf("0 0.5 0.5 0.2 0.3\n1 0.1 0.1 0.9 0.1 0.9 0.9\n");
  const classes = new Map([
    [0, "cat"],
    [1, "dog"],
  ]);
  return {
    name: "yolo",
    make: (random) => mutateBytes([seed], random),
    read(input) {
      for (const list of parseYolo(textOf(input), classes, "rectangle", "a.txt").values()) paintAll(list);
    },
  };
}

/** Class lists: text or CSV of ids and names, and the names of a YAML or JSON file. */
function classes(): Reader {
  const seeds = [
    "cat\ndog\n",
    "id,name\n0,cat\n7,dog\n",
    "0: cat\n1: dog\n",
    JSON.stringify({ names: ["cat", "dog"] }),
    JSON.stringify({ names: { 0: "cat" } }),
  ].map(bytesOf);
  return {
    name: "classes",
    make: (random) => mutateBytes(seeds, random),
    read(input) {
      let document: unknown;
      try {
        document = JSON.parse(textOf(input));
      } catch {
        return classesFromText(textOf(input), "classes.csv");
      }
      return classesFromDocument(document, "data.json");
    },
  };
}

async function pictures(): Promise<Uint8Array[]> {
  const grey = sharp({ create: { width: 24, height: 16, channels: 3, background: "#7f3010" } }).withMetadata({
    orientation: 6,
  });
  const kinds = await Promise.all([
    grey.clone().jpeg().toBuffer(),
    grey.clone().png().toBuffer(),
    grey.clone().webp().toBuffer(),
    grey.clone().tiff().toBuffer(),
    grey.clone().gif().toBuffer(),
    grey.clone().png({ palette: true }).toBuffer(),
  ]);
  return kinds.map((b) => new Uint8Array(b));
}

/** A folder with one photograph, listed and decoded. */
function images(seeds: readonly Uint8Array[]): Reader {
  return {
    name: "images",
    make: (random) => mutateBytes(seeds, random),
    async read(input) {
      const dir = mkdtempSync(join(tmpdir(), "samesight-fuzz-"));
      try {
        writeFileSync(join(dir, "a.jpg"), input);
        const { images: found } = await listImages(dir);
        for (const image of found) await decodePicture(image);
      } finally {
        rmSync(dir, { recursive: true, force: true });
      }
    },
  };
}

const png = (seeds: readonly Uint8Array[]): Reader => ({
  name: "png",
  make: (random) => mutateBytes([seeds[1]!, seeds[5]!], random),
  read: (input) => readIndexedPng(input),
});

export async function readers(): Promise<Reader[]> {
  const seeds = await pictures();
  return [
    onnx(),
    tfjs(),
    safetensors(),
    study(),
    preprocessing(),
    coco(),
    rle(),
    yolo(),
    classes(),
    png(seeds),
    images(seeds),
  ];
}

/** Inputs that broke a reader once: <reader>-<what>.bin. */
export function fixtures(reader: string): { name: string; bytes: Uint8Array }[] {
  const dir = new URL("../fixtures/fuzz/", import.meta.url);
  return readdirSync(dir)
    .filter((f) => f.startsWith(`${reader}-`) && f.endsWith(".bin"))
    .map((name) => ({ name, bytes: new Uint8Array(readFileSync(new URL(name, dir))) }));
}

/** Undefined when all is well, else what went wrong: a crash, more than 5 s, or more than 400 MB at once. */
export async function verdict(reader: Reader, input: Uint8Array): Promise<string | undefined> {
  const before = process.resourceUsage().maxRSS;
  const start = performance.now();
  try {
    await reader.read(input);
  } catch (error) {
    if (!(error instanceof SamesightError))
      return `crash: ${error instanceof Error ? error.stack?.split("\n").slice(0, 3).join(" | ") : String(error)}`;
    if (error.code === "defect") return `defect: ${error.message}`;
  }
  const seconds = (performance.now() - start) / 1000;
  if (seconds > 5) return `took ${seconds.toFixed(1)} s`;
  const grown = (process.resourceUsage().maxRSS - before) / 1024;
  if (grown > 400) return `took ${grown.toFixed(0)} MB`;
  return undefined;
}
