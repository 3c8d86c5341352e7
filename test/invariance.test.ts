/** Which numbers stay and which move when a study is changed in ways that change nothing, or something (docs/methods.md, last table). */
import { beforeAll, describe, expect, test } from "vitest";
import { parseConfig } from "../src/cli/args.js";
import { preprocessingSchema } from "../src/contract/preprocessing.js";
import type { ImageRef, Picture } from "../src/dataset/types.js";
import { normal, permutation, seededRandom } from "../src/numerics/random.js";
import { floats, modelBytes, node, valueInfo } from "../src/onnx/build.js";
import { runStudy } from "../src/pipeline.js";
import type { StudyNetwork, StudyResult } from "../src/study.js";
import { memoryEnvironment } from "./support/env.js";
import { drawnImages } from "./support/images.js";

const SIDE = 48;
const [C1, C2] = [8, 10];

function picture(image: ImageRef): Picture {
  const random = seededRandom(image.hash);
  const data = new Uint8Array(SIDE * SIDE * 3).fill(90);
  for (let blob = 0; blob < 10; blob++) {
    const color = [random() * 255, random() * 255, random() * 255];
    const [cx, cy, r] = [random() * SIDE, random() * SIDE, 3 + random() * 8];
    for (let y = 0; y < SIDE; y++)
      for (let x = 0; x < SIDE; x++) if ((x - cx) ** 2 + (y - cy) ** 2 < r * r) data.set(color, (y * SIDE + x) * 3);
  }
  return { width: SIDE, height: SIDE, data };
}

const images = (from: number, count: number) => drawnImages(from, count, SIDE);

/** What is done to the channels of the first layer; the second is told, so that the network's function does not change. */
interface Change {
  readonly order?: Int32Array;
  readonly scale?: (channel: number) => number;
  /** Another file: another hash, other names of tensors. */
  readonly file?: string;
}

/** conv 3 -> 8, stride 4; ReLU; conv 8 -> 10, stride 2; ReLU; weights at random by `seed`. */
function network(id: string, seed: string, { order, scale = () => 1, file = seed }: Change = {}): StudyNetwork {
  const random = seededRandom(seed);
  const [w1, w2] = [C1 * 27, C2 * C1 * 9].map((n) => Float32Array.from({ length: n }, () => normal(random)));
  const from = (c: number) => order?.[c] ?? c;
  const first = Float32Array.from(w1!, (_, at) => {
    const c = Math.floor(at / 27);
    return scale(from(c)) * w1![from(c) * 27 + (at % 27)]!;
  });
  const second = Float32Array.from(w2!, (_, at) => {
    const [out, c, cell] = [Math.floor(at / (C1 * 9)), Math.floor(at / 9) % C1, at % 9];
    return w2![(out * C1 + from(c)) * 9 + cell]! / scale(from(c));
  });
  const [one, two] = [`${file}/one`, `${file}/two`];
  const conv = (input: string, w: string, out: string, stride: number) =>
    node("Conv", [input, w], [out], { kernel_shape: [3, 3], strides: [stride, stride], pads: [1, 1, 1, 1] });
  const tapped = modelBytes({
    nodes: [
      conv("image", "w1", "c1", 4),
      node("Relu", ["c1"], [one]),
      conv(one, "w2", "c2", 2),
      node("Relu", ["c2"], [two]),
    ],
    initializers: [floats("w1", [C1, 3, 3, 3], [...first]), floats("w2", [C2, C1, 3, 3], [...second])],
    inputs: [valueInfo("image", "float32", ["batch", 3, SIDE, SIDE])],
    outputs: [one, two],
  });
  const tap = (name: string, position: number, channels: number, size: number) => ({
    name,
    op: "Relu",
    position,
    depth: position / 2,
    headDepth: position / 2,
    trunk: true,
    blockEnd: true,
    layout: "NCHW" as const,
    channels,
    height: size,
    width: size,
    stride: [SIDE / size, SIDE / size] as const,
  });
  return {
    id,
    source: id,
    title: id,
    family: null,
    licence: null,
    // not all that `scale` and `order` change, so each study needs a store of its own
    sha256: file,
    parameterBytes: 0,
    inputName: "image",
    batchFree: true,
    taps: [tap(one, 1, C1, SIDE / 4), tap(two, 2, C2, SIDE / 8)],
    tapped,
    preprocessing: preprocessingSchema.parse({ width: SIDE, height: SIDE }),
  };
}

const CONTROLS = ["cka", "procrustes", "rsa", "mutual_knn", "matching"] as const;

const run = async (networks: StudyNetwork[], test: readonly ImageRef[], batchSize = 4): Promise<StudyResult> => {
  const env = memoryEnvironment(picture);
  const config = parseConfig({
    networks: [{ source: "x" }],
    concepts: { k: 4, refits: 2, rows: 4000, tolerance: 1e-6 },
    similarity: { permutations: 40, bootstrap: 60 },
    controls: [...CONTROLS],
    batchSize,
  });
  try {
    return await runStudy({ config, networks, fit: images(0, 24), test }, env);
  } finally {
    await env.dispose();
  }
};
const pair = (r: StudyResult, a: number, b: number) => r.comparison.cells.find((c) => c.a === a && c.b === b)!.result;
const control = (r: StudyResult, id: string, a: number, b: number) =>
  r.trust.controls.find((c) => c.id === id && c.a === a && c.b === b)!.score.value!;

describe("what stays and what moves", () => {
  const test24 = images(100, 24);
  let base: StudyResult;
  const cells = [
    [0, 2],
    [0, 3],
    [1, 2],
    [1, 3],
  ] as const;
  const moved = (other: StudyResult) =>
    Math.max(
      ...cells.map(([a, b]) =>
        Math.abs(pair(base, a, b).similarity.similarity - pair(other, a, b).similarity.similarity),
      ),
    );
  const controlMoved = (other: StudyResult, id: string) =>
    Math.max(...cells.map(([a, b]) => Math.abs(control(base, id, a, b) - control(other, id, a, b))));
  beforeAll(async () => {
    base = await run([network("a", "a"), network("b", "b")], test24);
  });

  test("another file with other names of tensors: everything stays to the bit", async () => {
    const other = await run([network("a", "a", { file: "again" }), network("b", "b")], test24);
    expect(moved(other)).toBe(0);
    for (const [a, b] of cells) expect(pair(other, a, b).refit).toBe(pair(base, a, b).refit);
    for (const id of CONTROLS) expect(controlMoved(other, id)).toBe(0);
    // and is the same network
    const twice = await run([network("a", "a"), network("b", "a", { file: "again" })], test24);
    for (const layer of [0, 1]) expect(pair(twice, layer, layer + 2).significance.similarity).toBe(1);
  });

  test("channels permuted: no two masks lose or gain more than a cell in common, the controls stay to 1e-5", async () => {
    const order = permutation(C1, seededRandom("order"));
    const other = await run([network("a", "a", { order }), network("b", "b")], test24);
    for (const [a, b] of cells) {
      const [was, is] = [pair(base, a, b).intersections, pair(other, a, b).intersections];
      // sums over channels run in another order and the fit stops at a tolerance: a score at the threshold may fall to the other side
      expect(Math.max(...was.map((v, i) => Math.abs(v - is[i]!)))).toBeLessThanOrEqual(1);
    }
    // a cell in common is 1 / 160 of the union of the smallest masks, of which S holds four rows and four columns
    expect(moved(other)).toBeLessThan(2e-3);
    for (const id of CONTROLS) expect(controlMoved(other, id)).toBeLessThan(1e-5);
  });

  test("all channels of a layer scaled by one factor: the same", async () => {
    const other = await run([network("a", "a", { scale: () => 32 }), network("b", "b")], test24);
    expect(moved(other)).toBeLessThan(1e-3);
    for (const id of CONTROLS) expect(controlMoved(other, id)).toBeLessThan(1e-5);
  });

  test("one channel scaled: S and CKA move, hard matching of correlations does not", async () => {
    const other = await run([network("a", "a", { scale: (c) => (c === 0 ? 20 : 1) }), network("b", "b")], test24);
    // more than what counts as staying above
    expect(moved(other)).toBeGreaterThan(1e-3);
    expect(controlMoved(other, "cka")).toBeGreaterThan(1e-3);
    expect(controlMoved(other, "matching")).toBeLessThan(1e-5);
  });

  test("order of the test images: S stays to the bit; its null is drawn anew", async () => {
    const other = await run([network("a", "a"), network("b", "b")], [...test24].reverse());
    expect(moved(other)).toBe(0);
    expect(Math.abs(pair(other, 0, 2).nullDistribution.mean - pair(base, 0, 2).nullDistribution.mean)).toBeLessThan(
      0.02,
    );
    for (const id of CONTROLS) expect(controlMoved(other, id)).toBeLessThan(1e-5);
  });

  test("order of the networks: S stays to the bit, forward and backward change places", async () => {
    const other = await run([network("b", "b"), network("a", "a")], test24);
    for (const [a, b] of cells) {
      const [here, there] = [pair(base, a, b), pair(other, b - 2, a + 2)];
      expect(there.similarity.similarity).toBe(here.similarity.similarity);
      expect(there.similarity.forward).toBe(here.similarity.backward);
      for (const id of CONTROLS)
        expect(Math.abs(control(other, id, b - 2, a + 2) - control(base, id, a, b))).toBeLessThan(1e-5);
    }
  });

  test("batch size and number of shards: everything stays to the bit", async () => {
    const other = await run([network("a", "a"), network("b", "b")], test24, 1);
    expect(moved(other)).toBe(0);
    const few = await run([network("a", "a"), network("b", "b")], test24.slice(0, 21));
    const again = await run([network("a", "a"), network("b", "b")], test24.slice(0, 21), 7);
    for (const [a, b] of cells) expect(pair(again, a, b).interval).toEqual(pair(few, a, b).interval);
  });
});
