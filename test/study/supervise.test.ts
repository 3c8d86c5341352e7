import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseConfig } from "../../src/cli/args.js";
import { locationImageRowSchema, locationPairRowSchema, locationRowSchema } from "../../src/contract/locations.js";
import { preprocessingSchema } from "../../src/contract/preprocessing.js";
import { probesSchema } from "../../src/contract/probes.js";
import type { LabelSet } from "../../src/dataset/labels/types.js";
import type { ImageRef, Picture } from "../../src/dataset/types.js";
import { unpack } from "../../src/numerics/bits.js";
import { seededRandom } from "../../src/numerics/random.js";
import { floats, modelBytes, node, valueInfo } from "../../src/onnx/build.js";
import type { SupervisedResult } from "../../src/study/supervise.js";
import { supervise } from "../../src/study/supervise.js";
import type { StudyNetwork } from "../../src/study.js";
import { memoryEnvironment } from "../support/env.js";
import { drawnImages } from "../support/images.js";

/**
 * Photographs with planted concepts: a red "disc", wherever it lies; and a "badge", a white square that only on a blue field is one. White squares
 * without a field are not labelled.
 */
const SIDE = 64;
interface Scene {
  readonly disc: readonly [number, number] | null;
  readonly badge: readonly [number, number] | null;
  readonly plain: readonly [number, number];
}
function sceneOf(image: ImageRef): Scene {
  const random = seededRandom(image.hash);
  const place = () => [14 + Math.floor(36 * random()), 14 + Math.floor(36 * random())] as const;
  return { plain: place(), disc: random() < 0.7 ? place() : null, badge: random() < 0.7 ? place() : null };
}
const inDisc = (at: readonly number[], x: number, y: number) => (x - at[0]!) ** 2 + (y - at[1]!) ** 2 < 64;
const inSquare = (at: readonly number[], x: number, y: number, r: number) =>
  Math.abs(x - at[0]!) <= r && Math.abs(y - at[1]!) <= r;

function picture(image: ImageRef): Picture {
  const { disc, badge, plain } = sceneOf(image);
  const random = seededRandom(image.hash, "noise");
  const data = new Uint8Array(SIDE * SIDE * 3);
  for (let y = 0; y < SIDE; y++) {
    for (let x = 0; x < SIDE; x++) {
      const ground = [60 + 40 * random(), 60 + 40 * random(), 60 + 40 * random()];
      let color = ground;
      if (inSquare(plain, x, y, 5)) color = [240, 240, 240];
      if (badge && inSquare(badge, x, y, 12)) color = [20, 20, 240];
      if (badge && inSquare(badge, x, y, 5)) color = [240, 240, 240];
      // as green and blue as the ground: only channel 0 can tell
      if (disc && inDisc(disc, x, y)) color = [240, ground[1]!, ground[2]!];
      data.set(color, (y * SIDE + x) * 3);
    }
  }
  return { width: SIDE, height: SIDE, data };
}

const images = (from: number, count: number) => drawnImages(from, count, SIDE, "planted ");

function labels(of: readonly ImageRef[]): LabelSet {
  const mask = (image: ImageRef, concept: number) => {
    const { disc, badge } = sceneOf(image);
    return Uint8Array.from({ length: SIDE * SIDE }, (_, i) => {
      const [x, y] = [i % SIDE, Math.floor(i / SIDE)];
      const isDisc = disc && inDisc(disc, x, y);
      return (concept === 0 ? isDisc : badge && !isDisc && inSquare(badge, x, y, 5)) ? 1 : 0;
    });
  };
  const area = (m: Uint8Array) => m.reduce((s, v) => s + v, 0) / m.length;
  return {
    source: { path: "planted", format: "masks" },
    concepts: [
      { name: "disc", classes: ["disc"] },
      { name: "badge", classes: ["badge"] },
    ],
    images: of.map((image) => ({
      image,
      hash: image.hash,
      entries: [0, 1].flatMap((concept) => {
        const a = area(mask(image, concept));
        return a > 0 ? [{ concept, area: a, instances: 1, crowds: 0, where: image.id }] : [];
      }),
    })),
    unlabelled: [],
    problems: [],
    open: async (image: ImageRef) => ({
      width: SIDE,
      height: SIDE,
      mask: (c: number) => mask(image, c),
      valid: () => undefined,
    }),
  } as unknown as LabelSet;
}

/** Channel 0 is red, 1 is white within blue (a pixel and the mean of 15 x 15 around it), 2 to 5 are mixtures of green and blue, which do not know red, on the scale of the others. */
function network(id: string, seed?: string): StudyNetwork {
  const random = seededRandom(seed ?? "network");
  const filters = Array.from({ length: 6 * 3 }, () => random() - 0.4).map((v, i) => (seed || i % 3 > 0 ? 4 * v : 0));
  if (!seed) filters.splice(0, 3, 1.5, -1, -1);
  const around = Array.from({ length: 6 * 3 }, () => 0);
  if (!seed) {
    filters.splice(3, 3, 4, 4, -2);
    around.splice(3, 3, -8, -8, 8);
  }
  const bias = Array.from({ length: 6 }, (_, i) => (seed ? 0.2 : ([-0.2, -4.4][i] ?? 1)));
  const bytes = modelBytes({
    nodes: [
      node("AveragePool", ["image"], ["field"], { kernel_shape: [15, 15], pads: [7, 7, 7, 7], count_include_pad: 0 }),
      node("Conv", ["image", "filters", "bias"], ["own"]),
      node("Conv", ["field", "around"], ["other"]),
      node("Add", ["own", "other"], ["sum"]),
      node("Relu", ["sum"], ["first"]),
      node("AveragePool", ["first"], ["pooled"], { kernel_shape: [2, 2], strides: [2, 2] }),
    ],
    initializers: [
      floats("filters", [6, 3, 1, 1], filters),
      floats("around", [6, 3, 1, 1], around),
      floats("bias", [6], bias),
    ],
    inputs: [valueInfo("image", "float32", ["batch", 3, SIDE, SIDE])],
    outputs: ["first", "pooled"],
  });
  const tap = (name: string, side: number, depth: number) => ({
    name,
    op: "Relu",
    position: 1,
    depth,
    headDepth: depth,
    trunk: true,
    blockEnd: true,
    layout: "NCHW" as const,
    channels: 6,
    height: side,
    width: side,
    stride: [SIDE / side, SIDE / side] as const,
  });
  return {
    id,
    source: id,
    title: id,
    family: null,
    licence: null,
    sha256: seed ?? "planted",
    parameterBytes: 0,
    inputName: "image",
    batchFree: true,
    taps: [tap("first", SIDE, 0.5), tap("pooled", SIDE / 2, 1)],
    tapped: bytes,
    preprocessing: preprocessingSchema.parse({ width: SIDE, height: SIDE }),
  } as StudyNetwork;
}

describe("supervise", () => {
  const env = memoryEnvironment(picture);
  let result: SupervisedResult;
  const [fit, test] = [images(0, 30), images(100, 24)];
  const config = parseConfig({ networks: [{ source: "x" }], similarity: { bootstrap: 100 } });
  const probes = probesSchema.parse({ grid: 64, rows: 20_000, refits: 3, backgrounds: 8, shuffled: false });
  const study = { config, fit, test, networks: [network("a"), network("copy"), network("other", "random")] };
  beforeAll(async () => {
    result = await supervise(study, labels([...fit, ...test]), probes, env);
  });
  afterAll(() => env.dispose());
  const row = (model: string, layer: string, concept: string) =>
    result.probes.find((r) => r.model === model && r.layer === layer && r.concept === concept)!;

  it("finds a planted channel: set IoU over 0.95, and the vector points there with a cosine over 0.95", () => {
    expect(row("a", "first", "disc").iou_calibrated).toBeGreaterThan(0.95);
    const { vectors } = result.vectors[0]![0]!;
    const own = vectors.data.subarray(0, 6);
    expect(Array.from(own, (v) => v / Math.hypot(...own))[0], `vector ${own}`).toBeGreaterThan(0.95);
  });

  it("flags the concept that is only known by its background, and not the other", () => {
    const badge = row("a", "first", "badge");
    expect(badge.background_reference).toBeGreaterThan(0.5);
    expect(badge.background_iou).toBeLessThan(0.2);
    expect(badge.background_flag).toBe(true);
    const disc = row("a", "first", "disc");
    expect(disc.background_iou).toBeGreaterThan(0.9);
    expect(disc.background_flag).toBe(false);
  });

  it("a copy predicts the same: kappa 1; a network of random filters errs elsewhere", () => {
    const pair = (b: string) =>
      result.pairs.find(
        (p) =>
          p.concept === "badge" &&
          p.model_a === "a" &&
          p.layer_a === "first" &&
          p.model_b === b &&
          p.layer_b === "first",
      )!;
    expect(pair("copy")).toMatchObject({ iou: 1, kappa: 1 });
    expect(Math.abs(pair("other").kappa!)).toBeLessThan(0.15);
  });

  it("files go with what was seen: counts of images, label bits, one emergence a concept and network", async () => {
    const positives = test.filter((i) => sceneOf(i).disc).length;
    expect(row("a", "first", "disc")).toMatchObject({ fit_images: 30, test_images: 24, test_positives: positives });
    const bits = await result.labelBits([3]);
    const { disc } = sceneOf(test[3]!);
    const want = Array.from({ length: 64 * 64 }, (_, i) => (disc && inDisc(disc, i % 64, Math.floor(i / 64)) ? 1 : 0));
    expect(Array.from(unpack(bits, 0, 0))).toEqual(want);
    expect(result.emergence).toHaveLength(6);
    expect(result.conceptLayers).toHaveLength(21);
  });

  it("gives the same rows again from the store and without it", async () => {
    const again = await supervise(study, labels([...fit, ...test]), probes, env);
    expect(again.probes).toEqual(result.probes);
    const fresh = memoryEnvironment(picture);
    const anew = await supervise(study, labels([...fit, ...test]), probes, fresh);
    await fresh.dispose();
    expect(anew.probes).toEqual(result.probes);
    expect(anew.pairs).toEqual(result.pairs);
  });

  it("more photographs bring vectors nearer to that of all of them", async () => {
    const one = { ...study, networks: [network("a")] };
    const found = await supervise(one, labels([...fit, ...test]), { ...probes, backgrounds: 0, sampleSize: true }, env);
    const rows = found.sampleSize.filter((r) => r.layer === "pooled" && r.concept === "badge");
    expect(rows).toHaveLength(3);
    expect(rows.map((r) => r.images)).toEqual(rows.map((r) => r.images).sort((a, b) => a - b));
    expect(rows[2]!.cosine_full).toBeGreaterThan(rows[0]!.cosine_full ?? 0);
    expect(rows[2]!.cosine_full).toBeLessThanOrEqual(1);
  });

  it("says where the vectors of single photographs lie: the planted channel's together, and the other rows stay as they were", async () => {
    const one = { ...study, networks: [network("a")] };
    const plain = { ...probes, backgrounds: 0 };
    const found = await supervise(one, labels([...fit, ...test]), { ...plain, locations: true }, env);
    const without = await supervise(one, labels([...fit, ...test]), plain, env);
    expect(without.locations.rows).toEqual([]);
    expect(found.probes).toEqual(without.probes);
    const { rows, pairs, images, vectors } = found.locations;
    expect(rows).toHaveLength(4);
    for (const row of rows) expect(locationRowSchema.parse(row)).toEqual(row);
    for (const row of pairs) expect(locationPairRowSchema.parse(row)).toEqual(row);
    for (const row of images) expect(locationImageRowSchema.parse(row)).toEqual(row);
    const disc = rows.find((r) => r.layer === "first" && r.concept === "disc")!;
    expect(disc.images).toBe(fit.filter((i) => sceneOf(i).disc).length);
    // two sub-clusters, and they are the photographs with a badge, which shares channels with the ground, and those without
    expect(disc.clusters).toBe(2);
    for (const { cluster, image } of images.filter((r) => r.layer === "first" && r.concept === "disc"))
      expect(cluster === 1).toBe(sceneOf(fit.find((f) => f.id === image)!).badge !== null);
    expect(disc.spread).toBeLessThan(0.2);
    // one channel tells it everywhere: what is left between photographs is noise
    expect(disc.likeness).toBeGreaterThan(0.85);
    expect(disc.overlap).toBeLessThan(disc.overlap_chance!);
    expect(disc.purity).toBeGreaterThan(disc.purity_chance!);
    // the vectors themselves: red, channel 0, and a row of the table each
    const [first] = vectors[0]!;
    const own = images.filter((r) => r.layer === "first");
    expect(first!.vectors.rows).toBe(own.length);
    for (const { row, concept, image } of own) {
      expect(found.fitImages[first!.image[row]!]!.id).toBe(image);
      if (concept !== "disc") continue;
      const v = [...first!.vectors.data.subarray(row * 6, row * 6 + 6)].map((x, c) => x * first!.deviation[c]!);
      expect(v.indexOf(Math.max(...v))).toBe(0);
    }
    const again = await supervise(one, labels([...fit, ...test]), { ...plain, locations: true }, env);
    expect(again.locations).toEqual(found.locations);
  });

  it("runs the published method and the Dice loss to the end", async () => {
    for (const method of ["net2vec", "dice"] as const) {
      const found = await supervise(
        { ...study, networks: [network("a")] },
        labels([...fit, ...test]),
        { ...probes, method, backgrounds: 0 },
        env,
      );
      const disc = found.probes.find((r) => r.layer === "pooled" && r.concept === "disc")!;
      expect(disc.method).toBe(method);
      expect(disc.iou).toBeGreaterThan(method === "dice" ? 0.7 : 0);
    }
  });
});
