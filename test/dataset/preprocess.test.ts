import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { placement } from "../../src/dataset/geometry.js";
import { preprocess, preprocessInto } from "../../src/dataset/preprocess.js";
import { seenBy } from "../../src/dataset/seen.js";
import { halfToFloat } from "../../src/numerics/half.js";
import { pattern } from "../golden/pattern.js";
import { flat, preprocessing } from "./support.js";

interface Box {
  from: [number, number];
  to: [number, number];
  scaleUp: boolean;
  centre: boolean;
  place: [number, number, number, number];
  sha256: string;
}
const golden = (name: string) => JSON.parse(readFileSync(new URL(`../golden/${name}`, import.meta.url), "utf8"));
const { grey }: { grey: { from: [number, number]; to: [number, number]; sha256: string }[] } = golden("pil.json");
const { boxes }: { boxes: Box[] } = golden("letterbox.json");

describe("letterbox is Ultralytics' (cv2.resize INTER_LINEAR, cv2.copyMakeBorder) to the pixel", () => {
  it.each(
    boxes.map((b) => [`${b.from.join("x")} -> ${b.to.join("x")} scaleUp ${b.scaleUp} centre ${b.centre}`, b] as const),
  )("%s", (_, b) => {
    const p = preprocessing({
      width: b.to[0],
      height: b.to[1],
      resize: "letterbox",
      antialias: false,
      scaleUp: b.scaleUp,
      anchor: b.centre ? "centre" : "top-left",
      layout: "NHWC",
      type: "uint8",
      scale: 1,
    });
    const { width, height, left, top } = placement(p, ...b.from);
    expect([width, height, left, top]).toEqual(b.place);
    const { input } = preprocess([pattern(...b.from)], p);
    expect(input.dims).toEqual([1, b.to[1], b.to[0], 3]);
    expect(
      createHash("sha256")
        .update(input.data as Uint8Array)
        .digest("hex"),
    ).toBe(b.sha256);
  });
});

describe("grey (channels L)", () => {
  it.each(grey.map((g) => [`${g.from.join("x")} -> ${g.to.join("x")}`, g] as const))(
    "is Pillow's convert('L') and resize to the byte: %s",
    (_, g) => {
      const [width, height] = g.to;
      const p = preprocessing({ width, height, channels: "L", type: "uint8", scale: 1 });
      const { input } = preprocess([pattern(...g.from)], p);
      expect(input.dims).toEqual([1, 1, height, width]);
      const found = createHash("sha256").update(input.data as Uint8Array);
      expect(found.digest("hex")).toBe(g.sha256);
    },
  );
  it("takes the first mean and deviation, channels-last too; padding is grey as well", () => {
    const p = preprocessing({
      ...{ width: 4, height: 4, channels: "L", layout: "NHWC", resize: "letterbox", padColor: [255, 0, 0] },
      ...{ mean: [0.1, 9, 9], std: [0.3, 9, 9] },
    });
    const { input } = preprocess([flat(4, 2, [0, 255, 0])], p);
    expect(input.dims).toEqual([1, 4, 4, 1]);
    const value = (pixel: number) => Math.fround((pixel / 255 - 0.1) / 0.3);
    // round(.299 * 255) = 76, round(.587 * 255) = 150
    const row = (pixel: number) => Array(4).fill(value(pixel));
    expect([...input.data]).toEqual([...row(76), ...row(150), ...row(150), ...row(76)]);
  });
  it("a batch of two, and what the network sees is shown grey", () => {
    const p = preprocessing({ width: 2, height: 2, channels: "L" });
    const pictures = [flat(2, 2, [255, 255, 255]), flat(2, 2, [0, 0, 255])];
    expect([...preprocess(pictures, p).input.data]).toEqual([
      ...Array(4).fill(1),
      ...Array(4).fill(Math.fround(29 / 255)),
    ]);
    const seen = seenBy(pictures[1]!, p);
    expect(seen.planes).toHaveLength(1);
    expect([...seen.picture.data]).toEqual(Array(12).fill(29));
  });
});

describe("the tensor is (pixel * scale - mean[c]) / std[c], c in the network's order", () => {
  const mean = [0.485, 0.456, 0.406] as [number, number, number];
  const std = [0.229, 0.224, 0.225] as [number, number, number];

  it.each([
    ["RGB", "NCHW"],
    ["RGB", "NHWC"],
    ["BGR", "NCHW"],
    ["BGR", "NHWC"],
  ] as const)("%s %s, element by element", (channels, layout) => {
    const picture = pattern(9, 6);
    const p = preprocessing({ width: 9, height: 6, channels, layout, mean, std });
    const { input } = preprocess([picture, flat(9, 6, [1, 2, 3])], p);
    expect(input.type).toBe("float32");
    expect(input.dims).toEqual(layout === "NCHW" ? [2, 3, 6, 9] : [2, 6, 9, 3]);
    for (let y = 0; y < 6; y++)
      for (let x = 0; x < 9; x++)
        for (let c = 0; c < 3; c++) {
          const pixel = picture.data[(y * 9 + x) * 3 + (channels === "RGB" ? c : 2 - c)]!;
          const at = layout === "NCHW" ? (c * 6 + y) * 9 + x : (y * 9 + x) * 3 + c;
          expect(input.data[at]).toBe(Math.fround((pixel * (1 / 255) - mean[c]!) / std[c]!));
        }
  });

  it("letterbox pads with padColor, given as RGB, through the same formula", () => {
    const p = preprocessing({
      width: 4,
      height: 8,
      resize: "letterbox",
      padColor: [10, 20, 30],
      channels: "BGR",
      scale: 2,
      mean: [1, 2, 3],
      std: [2, 4, 8],
    });
    const { data } = preprocess([flat(16, 16, [100, 110, 120])], p).input;
    const column = (c: number) => Array.from({ length: 8 }, (_, y) => data[c * 32 + y * 4]);
    const [b, g, r] = [(60 - 1) / 2, (40 - 2) / 4, (20 - 3) / 8];
    const [B, G, R] = [(240 - 1) / 2, (220 - 2) / 4, (200 - 3) / 8];
    expect(column(0)).toEqual([b, b, B, B, B, B, b, b]);
    expect(column(1)).toEqual([g, g, G, G, G, G, g, g]);
    expect(column(2)).toEqual([r, r, R, R, R, R, r, r]);
  });

  it("float16 is the float32 tensor rounded", () => {
    const picture = pattern(20, 12);
    const p = { width: 10, height: 7, mean, std };
    const whole = preprocess([picture], preprocessing(p)).input.data;
    const half = preprocess([picture], preprocessing({ ...p, type: "float16" })).input;
    expect(half.data).toBeInstanceOf(Uint16Array);
    half.data.forEach((bits, i) => {
      expect(Math.abs(halfToFloat(bits) - whole[i]!)).toBeLessThanOrEqual(Math.abs(whole[i]!) / 2048 + 2 ** -25);
    });
  });

  it("uint8 is rounded and clipped", () => {
    const p = preprocessing({ width: 2, height: 2, type: "uint8", scale: 2, mean: [100, 0, 0], std: [1, 1, 3] });
    expect([...preprocess([flat(2, 2, [20, 200, 100])], p).input.data].filter((_, i) => i % 4 === 0)).toEqual([
      0, 255, 67,
    ]);
  });
});

describe("crop keeps the centre", () => {
  it("a bright square in the middle fills the crop, and nothing else is seen", () => {
    const picture = flat(60, 20, [0, 0, 0]);
    for (let y = 0; y < 20; y++) picture.data.fill(255, (y * 60 + 20) * 3, (y * 60 + 40) * 3);
    const { input, geometries } = preprocess(
      [picture],
      preprocessing({ width: 20, height: 20, resize: "crop", scale: 1 }),
    );
    expect(new Set(input.data)).toEqual(new Set([255]));
    expect(geometries[0]!.visible).toEqual({ x0: 20 / 60, y0: 0, x1: 40 / 60, y1: 1 });
  });
});

describe("batches of pictures", () => {
  it("each picture stands alone: the batch is the pictures' own tensors in a row, for any mode", () => {
    fc.assert(
      fc.property(
        fc.constantFrom("stretch", "letterbox", "crop"),
        fc.constantFrom("float32", "float16", "uint8"),
        fc.constantFrom("nearest", "bilinear", "bicubic"),
        fc.boolean(),
        (resize, type, resample, antialias) => {
          const p = preprocessing({ width: 12, height: 10, resize, type, resample, antialias });
          const pictures = [pattern(31, 17), pattern(16, 40), pattern(12, 10)];
          const together = preprocess(pictures, p).input.data;
          const apart = pictures.flatMap((one) => [...preprocess([one], p).input.data]);
          expect([...together]).toEqual(apart);
        },
      ),
      { seed: 4, numRuns: 30 },
    );
  });
  it("preprocessInto writes its own place only, over whatever was there", () => {
    const p = preprocessing({ width: 6, height: 6, resize: "letterbox" });
    const batch = new Float32Array(3 * 108).fill(7);
    preprocessInto(batch, 1, pattern(20, 16), p);
    expect(new Set(batch.subarray(0, 108))).toEqual(new Set([7]));
    expect(new Set(batch.subarray(216))).toEqual(new Set([7]));
    expect([...batch.subarray(108, 216)]).toEqual([...preprocess([pattern(20, 16)], p).input.data]);
  });
});
