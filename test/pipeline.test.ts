import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseConfig } from "../src/cli/args.js";
import { preprocessingSchema } from "../src/contract/preprocessing.js";
import type { ImageRef, Picture } from "../src/dataset/types.js";
import { seededRandom } from "../src/numerics/random.js";
import { floats, modelBytes, node, valueInfo } from "../src/onnx/build.js";
import { runStudy } from "../src/pipeline.js";
import type { StudyNetwork, StudyResult } from "../src/study.js";
import { memoryEnvironment } from "./support/env.js";
import { drawnImages } from "./support/images.js";

/** Photographs with a known content: blobs of six colours at random places on grey; a network that looks for a colour has found a concept. */
const SIDE = 64;
const COLORS = [
  [255, 0, 0],
  [0, 255, 0],
  [0, 0, 255],
  [255, 255, 0],
  [0, 255, 255],
  [255, 0, 255],
] as const;

function picture(image: ImageRef): Picture {
  const random = seededRandom(image.hash);
  const data = new Uint8Array(SIDE * SIDE * 3).fill(60);
  for (let blob = 0; blob < 9; blob++) {
    const color = COLORS[Math.floor(random() * COLORS.length)]!;
    const [cx, cy, r] = [random() * SIDE, random() * SIDE, 5 + random() * 7];
    for (let y = 0; y < SIDE; y++)
      for (let x = 0; x < SIDE; x++) if ((x - cx) ** 2 + (y - cy) ** 2 < r * r) data.set(color, (y * SIDE + x) * 3);
  }
  return { width: SIDE, height: SIDE, data };
}

const images = (from: number, count: number) => drawnImages(from, count, SIDE, "image ");

/** Overlapping pools keep scores from tying at a ceiling, where no threshold could part them. relu(direction . pixel - 0.55): fires where the pixel has that colour. */
const detector = (color: readonly number[]) => color.map((c) => (c > 128 ? 1 : -1));

/** A network of 1x1 detectors for `colors`, at the first convolution or behind `extra` others that pass everything on. */
function network(
  id: string,
  colors: readonly (readonly number[])[],
  extra: number,
  order = colors.map((_, i) => i),
): StudyNetwork {
  const k = colors.length;
  const nodes = [];
  const initializers = [];
  let input = "image";
  let channels = 3;
  for (let e = 0; e < extra; e++) {
    initializers.push(floats(`w${e}`, [3, 3, 1, 1], [1, 0, 0, 0, 1, 0, 0, 0, 1]));
    nodes.push(node("Conv", [input, `w${e}`], [`pass${e}`]), node("Relu", [`pass${e}`], [`passed${e}`]));
    input = `passed${e}`;
  }
  initializers.push(
    floats(
      "detect",
      [k, channels, 1, 1],
      order.flatMap((i) => detector(colors[i]!)),
    ),
  );
  initializers.push(
    floats(
      "bias",
      [k],
      order.map((i) => 0.45 - colors[i]!.filter((c) => c > 128).length),
    ),
  );
  nodes.push(node("Conv", [input, "detect", "bias"], ["found"]), node("Relu", ["found"], ["concepts"]));
  nodes.push(
    node("AveragePool", ["concepts"], ["pooled"], { kernel_shape: [12, 12], strides: [4, 4], pads: [4, 4, 4, 4] }),
  );
  channels = k;
  const bytes = modelBytes({
    nodes,
    initializers,
    inputs: [valueInfo("image", "float32", ["batch", 3, SIDE, SIDE])],
    outputs: ["pooled"],
  });
  const tap = {
    name: "pooled",
    op: "AveragePool",
    position: extra + 1,
    depth: 1,
    headDepth: 1,
    trunk: true,
    blockEnd: true,
    layout: "NCHW" as const,
    channels,
    height: SIDE / 4,
    width: SIDE / 4,
    stride: [4, 4] as const,
  };
  return {
    id,
    source: id,
    title: id,
    family: null,
    licence: null,
    sha256: `${id} ${order.join()}`,
    parameterBytes: 0,
    inputName: "image",
    batchFree: true,
    taps: [tap],
    tapped: bytes,
    preprocessing: preprocessingSchema.parse({ width: SIDE, height: SIDE }),
  };
}

const env = memoryEnvironment(picture);
const config = (k: number, method = "nmf") =>
  parseConfig({
    networks: [{ source: "x" }],
    concepts: { k, method, refits: 2 },
    maps: { density: 0.03 },
    similarity: { permutations: 40, bootstrap: 100 },
  });
const study = (networks: StudyNetwork[], k: number) => ({
  config: config(k),
  networks,
  fit: images(0, 40),
  test: images(100, 40),
});

const cell = (result: StudyResult, a: number, b: number) =>
  result.comparison.cells.find((c) => c.a === a && c.b === b)!.result;

describe("planted truth", () => {
  const three = COLORS.slice(0, 3);
  let result: StudyResult;
  beforeAll(async () => {
    result = await runStudy(
      study([network("a", three, 0), network("b", three, 2, [2, 0, 1]), network("c", COLORS.slice(3), 0)], 3),
      env,
    );
  });
  afterAll(() => env.dispose());

  test("two networks that detect the same patterns in other channels at another depth share every concept", () => {
    const { iou, similarity, significance } = cell(result, 0, 1);
    expect(new Set(similarity.bestForA).size).toBe(3);
    similarity.bestForA.forEach((j, i) => {
      expect(iou.raw.data[i * 3 + j]).toBeGreaterThan(0.9);
    });
    expect(significance.similarity).toBeGreaterThan(0.9);
    expect(significance.p).toBeLessThan(0.05);
  });

  test("a network that detects other patterns shares none", () => {
    const { iou, significance } = cell(result, 0, 2);
    expect(Math.max(...iou.raw.data)).toBeLessThan(0.1);
    expect(significance.similarity).toBeLessThan(0.05);
  });

  test("a layer is equal to itself, to 1e-9", () => {
    for (const i of [0, 1, 2]) expect(Math.abs(cell(result, i, i).significance.similarity - 1)).toBeLessThan(1e-9);
  });

  test("a layer mined again from other images finds itself", () => {
    for (const self of result.comparison.self) expect(self).toBeGreaterThan(0.9);
  });

  test("an interval holds its estimate", () => {
    const { interval, significance } = cell(result, 0, 1);
    expect(interval!.low).toBeLessThanOrEqual(significance.similarity + 1e-9);
    expect(interval!.high).toBeGreaterThanOrEqual(significance.similarity - 1e-9);
  });
});

test("permuting the channels inside a network leaves the matrix as it was, to 1e-3", async () => {
  const own = memoryEnvironment(picture);
  const straight = await runStudy(study([network("a", COLORS, 0), network("b", COLORS, 1)], 4), own);
  const permuted = await runStudy(
    study([network("a", COLORS, 0, [3, 5, 0, 1, 4, 2]), network("b", COLORS, 1)], 4),
    own,
  );
  await own.dispose();
  for (const c of straight.comparison.cells) {
    expect(Math.abs(cell(permuted, c.a, c.b).significance.similarity - c.result.significance.similarity)).toBeLessThan(
      1e-3,
    );
  }
});

test("a second run takes every artifact from the store and gives the same bytes", async () => {
  let decoded = 0;
  const own = memoryEnvironment((image) => {
    decoded++;
    return picture(image);
  });
  const once = await runStudy(study([network("a", COLORS, 0)], 4), own);
  const first = decoded;
  const again = await runStudy(study([network("a", COLORS, 0)], 4), own);
  await own.dispose();
  expect(first).toBe(80);
  expect(decoded).toBe(first);
  expect(cell(again, 0, 0)).toEqual(cell(once, 0, 0));
});

test("a second run with another k, density or number of refits does no inference and decodes nothing", async () => {
  let decoded = 0;
  const own = memoryEnvironment((image) => {
    decoded++;
    return picture(image);
  });
  const base = study([network("a", COLORS, 0)], 4);
  await runStudy(base, own);
  const first = decoded;
  let compiled = 0;
  const compile = (bytes: Uint8Array) => {
    compiled++;
    return own.engine.compile(bytes);
  };
  const engine = { ...own.engine, compile };
  const changed = {
    k: { ...base.config, concepts: { ...base.config.concepts, k: 3 } },
    density: { ...base.config, maps: { ...base.config.maps, density: 0.05 } },
    refits: { ...base.config, concepts: { ...base.config.concepts, refits: 3 } },
  };
  for (const config of Object.values(changed)) await runStudy({ ...base, config }, { ...own, engine });
  await own.dispose();
  expect(decoded).toBe(first);
  expect(compiled).toBe(0);
});
