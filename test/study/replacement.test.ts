/** The replacement test on networks whose answer is known, and the whole of it once more in plain loops. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseConfig } from "../../src/cli/args.js";
import { preprocessingSchema } from "../../src/contract/preprocessing.js";
import type { ImageRef, Picture } from "../../src/dataset/types.js";
import { withTaps } from "../../src/model/taps.js";
import { seededRandom } from "../../src/numerics/random.js";
import { floats, modelBytes, node, valueInfo } from "../../src/onnx/build.js";
import { runStudy } from "../../src/pipeline.js";
import type { StudyNetwork, StudyResult } from "../../src/study.js";
import { gauss, slowRegression } from "../slow/replacement.js";
import { memoryEnvironment } from "../support/env.js";
import { drawnImages } from "../support/images.js";

const SIDE = 32;
const GRID = 8;
const K = 3;

/** Discs of the three pure colours on black: channels of the picture are independent. */
function picture({ hash }: ImageRef): Picture {
  const random = seededRandom(hash);
  const data = new Uint8Array(SIDE * SIDE * 3);
  for (let disc = 0; disc < 6; disc++) {
    const [cx, cy, r, c, v] = [
      random() * SIDE,
      random() * SIDE,
      3 + random() * 6,
      Math.floor(random() * 3),
      120 + 130 * random(),
    ];
    for (let y = 0; y < SIDE; y++)
      for (let x = 0; x < SIDE; x++) if ((x - cx) ** 2 + (y - cy) ** 2 < r * r) data[(y * SIDE + x) * 3 + c] = v;
  }
  return { width: SIDE, height: SIDE, data };
}

/** relu(mix . pixel), pooled to 8 x 8: the layer `seen`. Then a convolution, a global mean, and a matrix to five logits (or a map of two channels). */
function network(
  id: string,
  mix: readonly number[],
  head: "classes" | "maps" = "classes",
  pool = SIDE / GRID,
): StudyNetwork {
  const size = Math.sqrt(mix.length);
  const random = seededRandom("head");
  const weights = (n: number) => Array.from({ length: n }, () => 4 * (random() - 0.5));
  const nodes = [
    node("Conv", ["image", "mix"], ["mixed"]),
    node("Relu", ["mixed"], ["positive"]),
    node("AveragePool", ["positive"], ["seen"], { kernel_shape: [pool, pool], strides: [pool, pool] }),
    node("Conv", ["seen", "deep"], ["deeper"]),
    node("Relu", ["deeper"], ["features"]),
    ...(head === "classes"
      ? [
          node("GlobalAveragePool", ["features"], ["mean"]),
          node("Flatten", ["mean"], ["flat"]),
          node("MatMul", ["flat", "classes"], ["out"]),
        ]
      : [node("Conv", ["features", "last"], ["out"])]),
  ];
  const initializers = [
    floats("mix", [size, size, 1, 1], mix),
    floats("deep", [4, size, 1, 1], weights(4 * size)),
    head === "classes"
      ? floats(
          "classes",
          [4, 5],
          weights(20).map((v) => 8 * v),
        )
      : floats("last", [2, 4, 1, 1], weights(8)),
  ];
  const whole = modelBytes({
    nodes,
    initializers,
    inputs: [valueInfo("image", "float32", ["batch", 3, SIDE, SIDE])],
    outputs: ["out"],
  });
  const tap = {
    name: "seen",
    op: "AveragePool",
    position: 1,
    depth: 0.5,
    headDepth: 0.5,
    trunk: true,
    blockEnd: true,
    layout: "NCHW" as const,
    channels: size,
    height: SIDE / pool,
    width: SIDE / pool,
    stride: [pool, pool] as const,
  };
  return {
    ...{
      id,
      source: id,
      title: id,
      family: null,
      licence: null,
      parameterBytes: 0,
      inputName: "image",
      batchFree: true,
    },
    sha256: `${id} ${mix.join()} ${head} ${pool}`,
    taps: [tap],
    tapped: withTaps(whole, ["seen"]),
    preprocessing: preprocessingSchema.parse({ width: SIDE, height: SIDE }),
    whole,
  };
}

const EYE = [1, 0, 0, 0, 1, 0, 0, 0, 1];
const MIX = [1, 0.5, 0, 0, 1, 0.5, 0.5, 0, 1];
/** Sees only where there is any light at all, whatever its colour: one thing of the three. */
const GREY = [1, 1, 1, 1, 1, 1, 1, 1, 1];

const env = memoryEnvironment(picture);
afterAll(() => env.dispose());
async function run(networks: StudyNetwork[], images = 24, controls = ["replacement"]): Promise<StudyResult> {
  const config = parseConfig({
    networks: [{ source: "x" }],
    concepts: { k: K, refits: 2, tolerance: 1e-7 },
    similarity: { permutations: 20, bootstrap: 100 },
    controls,
  });
  return runStudy({ config, networks, fit: drawnImages(0, 20, SIDE), test: drawnImages(100, images, SIDE) }, env);
}
const row = ({ trust }: StudyResult, a: number, b: number) => {
  const found = trust.controls.find((r) => r.id === "replacement" && r.a === a && r.b === b)!;
  return { ...found.replaced!, reverse: found.score.reverse };
};

describe("planted truth", () => {
  let result: StudyResult;
  beforeAll(async () => {
    result = await run([
      network("a", EYE),
      network("same", EYE),
      network("mix", MIX),
      network("grey", GREY),
      network("maps", EYE, "maps"),
    ]);
  });

  test("a network's own concepts in their own place: nothing is lost", () => {
    const { kept, own, matched, throughGrid, refused } = row(result, 0, 1);
    expect(refused).toBeUndefined();
    expect(own).toBeGreaterThan(0.99); // three concepts hold three channels
    expect(kept).toBeGreaterThan(0.99);
    expect(matched).toBeGreaterThan(0.95);
    expect(throughGrid).toBeNaN();
  });
  test("a linear mixture of its channels: high both ways, and higher than with one partner each", () => {
    for (const [a, b] of [
      [0, 2],
      [2, 0],
    ] as const) {
      expect(row(result, a, b).kept).toBeGreaterThan(0.9);
      expect(row(result, a, b).matched).toBeLessThan(row(result, a, b).kept!);
    }
  });
  test("one number where three are needed: well below, the other way round it suffices", () => {
    expect(row(result, 0, 3).kept).toBeLessThan(0.75);
    expect(row(result, 3, 0).kept).toBeGreaterThan(0.95);
    expect(row(result, 0, 3).reverse).toBe(row(result, 3, 0).kept);
  });
  test("images permuted: nothing is kept", () => {
    for (const [a, b] of [
      [0, 1],
      [2, 0],
      [4, 1],
    ] as const)
      expect(Math.abs(row(result, a, b).chance)).toBeLessThan(0.15);
  });
  test("outputs that are maps are held apart by squared distance, with the same ends", () => {
    expect(row(result, 4, 1).kept).toBeGreaterThan(0.98);
    expect(row(result, 4, 3).kept).toBeLessThan(0.75);
    expect(row(result, 4, 1).note).not.toContain("first class");
    expect(row(result, 0, 1).note).toContain("same first class on 100 %");
  });
  test("intervals hold the value and are wider where more is lost", () => {
    const [good, bad] = [row(result, 0, 1), row(result, 0, 3)];
    for (const r of [good, bad]) expect(r.low <= r.kept! && r.kept! <= r.high).toBe(true);
    expect(bad.high - bad.low).toBeGreaterThan(good.high - good.low);
  });
  test("the whole of it in plain loops gives the same number", () => {
    const expected = slow(result, { head: 2, mixHead: MIX, source: 3, mixSource: GREY });
    expect(row(result, 2, 3).kept).toBeCloseTo(expected, 4);
  });
});

/** Everything from the pictures on but the concept vectors, which are given; three vectors in three channels leave only one way to be non-negative: solved by trying all. */
function slow(
  { mined }: StudyResult,
  { head, mixHead, source, mixSource }: { head: number; mixHead: number[]; source: number; mixSource: number[] },
): number {
  const images = drawnImages(100, 24, SIDE).map((image, at) => {
    const pixels = picture(image).data;
    const layer = (mix: number[]) =>
      Array.from({ length: GRID * GRID }, (_, cell) => {
        const out = [0, 0, 0];
        const [cy, cx] = [Math.floor(cell / GRID) * 4, (cell % GRID) * 4];
        for (let y = cy; y < cy + 4; y++)
          for (let x = cx; x < cx + 4; x++)
            for (let o = 0; o < 3; o++) {
              let v = 0;
              for (let c = 0; c < 3; c++) v += mix[o * 3 + c]! * SCALED(pixels[(y * SIDE + x) * 3 + c]!, c);
              out[o]! += Math.max(0, v) / 16;
            }
        return out;
      });
    const [mine, theirs] = [layer(mixHead), layer(mixSource)];
    const y = mine.map((v) => leastSquares(mined[head]!.fit.vectors.data, v));
    const x = theirs.map((v) => leastSquares(mined[source]!.fit.vectors.data, v));
    const turned = (m: number[][]) => Array.from({ length: K }, (_, j) => m.map((r) => r[j]!));
    return { raw: mine, x: turned(x), y: turned(y), fold: at % 5 };
  });
  const p = mined[head]!.fit.vectors.data;
  const built = (s: readonly number[]) => [0, 1, 2].map((c) => s.reduce((sum, v, j) => sum + v * p[j * 3 + c]!, 0));
  const rest = [0, 1, 2].map((c) => {
    const all = images.flatMap((i) => i.raw.map((v, cell) => v[c]! - built(i.y.map((r) => r[cell]!))[c]!));
    return all.reduce((a, b) => a + b, 0) / all.length;
  });
  const random = seededRandom("head");
  const weights = (n: number) => Array.from({ length: n }, () => 4 * (random() - 0.5));
  const [deep, classes] = [weights(12), weights(20).map((v) => 8 * v)];
  const probabilities = (cells: number[][]) => {
    const mean = [0, 1, 2, 3].map(
      (o) =>
        cells.reduce(
          (s, v) =>
            s +
            Math.max(
              0,
              v.reduce((t, a, c) => t + a * deep[o * 3 + c]!, 0),
            ),
          0,
        ) / cells.length,
    );
    const logits = [0, 1, 2, 3, 4].map((o) => mean.reduce((s, v, i) => s + v * classes[i * 5 + o]!, 0));
    const sum = logits.reduce((s, v) => s + Math.exp(v), 0);
    return logits.map((v) => Math.exp(v) / sum);
  };
  let [moved, byMean] = [0, 0];
  for (const { x, y, fold } of images) {
    const { predict, my } = slowRegression(images, fold);
    const layer = (of: (cell: number) => readonly number[]) =>
      Array.from({ length: GRID * GRID }, (_, cell) => built(of(cell)).map((v, c) => v + rest[c]!));
    const at = (m: readonly (readonly number[])[], cell: number) => m.map((r) => r[cell]!);
    const reference = probabilities(layer((cell) => at(y, cell)));
    const kl = (q: number[]) => reference.reduce((s, v, i) => s + v * Math.log(v / q[i]!), 0);
    moved += kl(probabilities(layer((cell) => predict(at(x, cell)))));
    byMean += kl(probabilities(layer(() => my)));
  }
  return 1 - moved / byMean;
}

const { scale, mean, std } = preprocessingSchema.parse({ width: SIDE, height: SIDE });
const SCALED = (v: number, c: number) => (v * scale - mean[c]!) / std[c]!;

/** argmin over s >= 0 of |v - s P|: the best of all sets of concepts that may be above 0. */
function leastSquares(p: Float32Array, v: readonly number[]): number[] {
  let best = { error: Number.POSITIVE_INFINITY, s: [0, 0, 0] };
  for (let set = 0; set < 8; set++) {
    const use = [0, 1, 2].filter((j) => set & (1 << j));
    const dot = (i: number, of: (c: number) => number) => [0, 1, 2].reduce((t, c) => t + p[i * 3 + c]! * of(c), 0);
    const solved = gauss(
      use.map((i) => use.map((j) => dot(i, (c) => p[j * 3 + c]!))),
      use.map((i) => dot(i, (c) => v[c]!)),
    );
    const s = [0, 1, 2].map((j) => (use.includes(j) ? solved[use.indexOf(j)]! : 0));
    if (s.some((x) => x < -1e-9)) continue;
    const error = [0, 1, 2].reduce((e, c) => e + (v[c]! - s.reduce((t, x, j) => t + x * p[j * 3 + c]!, 0)) ** 2, 0);
    if (error < best.error - 1e-15) best = { error, s: s.map((x) => Math.max(0, x)) };
  }
  return best.s;
}

describe("refusals and limits, in a line", () => {
  test("no head, few images, a grid too coarse, another way of mining", async () => {
    const { whole: _, ...headless } = network("headless", MIX);
    const fine = network("fine", EYE, "classes", 1);
    const coarse = network("coarse", EYE, "classes", SIDE / 2);
    const result = await run([headless, fine, coarse], 12);
    expect(row(result, 0, 1).refused).toBe("the study holds no head of headless");
    expect(row(result, 1, 2).refused).toBe("a 2x2 grid cannot stand for 32x32 cells (8 times at most)");
    expect(row(result, 2, 1).refused).toBeUndefined();
    const few = await run([network("a", EYE), network("b", MIX)], 8);
    expect(row(few, 0, 1)).toMatchObject({ kept: null, refused: "8 images, at least 10 needed for 5 folds" });
  });
  test("a coarser grid is told by what the layer's own concepts lose on it", async () => {
    const result = await run([network("a", EYE, "maps"), network("coarse", EYE, "maps", SIDE / 2)], 12);
    const { kept, throughGrid, note } = row(result, 0, 1);
    expect(throughGrid).toBeLessThan(0.9);
    expect(kept).toBeLessThan(throughGrid + 0.1);
    expect(note).toContain(`on the other's 2x2 grid keep ${throughGrid.toFixed(2)}`);
  });
  test("one network, or none asked for: no rows", async () => {
    expect((await run([network("a", EYE)], 12)).trust.controls).toEqual([]);
    const others = await run([network("a", EYE), network("b", MIX)], 12, ["cka"]);
    expect(others.trust.controls.map((r) => r.id)).not.toContain("replacement");
  });
});
