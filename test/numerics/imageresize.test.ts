import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import * as tf from "@tensorflow/tfjs";
import { describe, expect, it } from "vitest";
import { resizeRgb } from "../../src/numerics/imageresize.js";
import { seededRandom } from "../../src/numerics/random.js";
import { pattern } from "../golden/pattern.js";
import { resizeSlowly } from "../slow/imageresize.js";

type Size = [number, number];
interface Small {
  from: Size;
  to: Size;
  data: string;
}
const read = (name: string) => JSON.parse(readFileSync(new URL(`../golden/${name}`, import.meta.url), "utf8"));
const pil: {
  small: (Small & Record<Kind, string> & Record<"torch_bilinear" | "torch_bicubic", number[]>)[];
  large: ({ from: Size; to: Size } & Record<Kind, string>)[];
} = read("pil.json");
const opencv: { resize: (Small & { linear: string; cubic: string })[] } = read("letterbox.json");

type Kind = "nearest" | "bilinear" | "bicubic";
const KINDS: readonly Kind[] = ["nearest", "bilinear", "bicubic"];
const bytes = (base64: string) => new Uint8Array(Buffer.from(base64, "base64"));
const title = ({ from, to }: { from: Size; to: Size }) => `${from.join("x")} -> ${to.join("x")}`;

/** Largest difference, and the reason to look when it is too large. */
function apart(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  let most = 0;
  for (let i = 0; i < a.length; i++) most = Math.max(most, Math.abs(a[i]! - b[i]!));
  return most;
}

describe.each(KINDS)("%s with antialias is Pillow's Image.resize to the byte", (kind) => {
  it.each(pil.small.map((s) => [title(s), s] as const))("%s", (_, s) => {
    expect([...resizeRgb(bytes(s.data), ...s.from, ...s.to, kind, true)]).toEqual([...bytes(s[kind])]);
  });
  it.each(pil.large.map((s) => [title(s), s] as const))("%s (sha256)", (_, s) => {
    const out = resizeRgb(pattern(...s.from).data, ...s.from, ...s.to, kind, true);
    expect(createHash("sha256").update(out).digest("hex")).toBe(s[kind]);
  });
});

describe("without antialias", () => {
  it.each(opencv.resize.map((s) => [title(s), s] as const))(
    "bilinear is OpenCV's INTER_LINEAR to the byte: %s",
    (_, s) => {
      expect([...resizeRgb(bytes(s.data), ...s.from, ...s.to, "bilinear", false)]).toEqual([...bytes(s.linear)]);
    },
  );
  // OpenCV's vector code for cubic rounds in floating point, so its last level depends on the machine
  it.each(opencv.resize.map((s) => [title(s), s] as const))(
    "bicubic is OpenCV's INTER_CUBIC to one level: %s",
    (_, s) => {
      expect(apart(resizeRgb(bytes(s.data), ...s.from, ...s.to, "bicubic", false), bytes(s.cubic))).toBeLessThanOrEqual(
        1,
      );
    },
  );
  it.each(pil.small.map((s) => [title(s), s] as const))(
    "both are torch's interpolate(align_corners=False): %s",
    (_, s) => {
      for (const kind of ["bilinear", "bicubic"] as const) {
        const clipped = s[`torch_${kind}`].map((v) => Math.min(255, Math.max(0, v)));
        // 0.5 by rounding to 8 bit, the rest by 11-bit weights
        expect(apart(resizeRgb(bytes(s.data), ...s.from, ...s.to, kind, false), clipped)).toBeLessThan(1);
      }
    },
  );
});

it.each<[Size, Size]>([
  [
    [640, 427],
    [300, 300],
  ],
  [
    [31, 57],
    [20, 90],
  ],
])("corner is TensorFlow.js's resizeBilinear without half-pixel centres: %s -> %s", (from, to) => {
  const { data } = pattern(...from);
  const theirs = tf.tidy(() =>
    tf.image.resizeBilinear(tf.tensor3d(data, [from[1], from[0], 3]), [to[1], to[0]]).dataSync(),
  );
  // 0.5 by rounding to 8 bit, the rest by 11-bit weights
  expect(apart(resizeRgb(data, ...from, ...to, "bilinear", false, true), [...theirs])).toBeLessThan(1);
  expect(apart(resizeRgb(data, ...from, ...to, "bilinear", false), [...theirs])).toBeGreaterThan(2);
});

describe("slow twin", () => {
  const random = seededRandom("imageresize", 1);
  const size = (): Size => [1 + Math.floor(random() * 18), 1 + Math.floor(random() * 18)];
  const cases = Array.from({ length: 24 }, () => ({ from: size(), to: size() }));
  it.each(cases.map((s) => [title(s), s] as const))("%s", (_, { from, to }) => {
    const data = Uint8Array.from({ length: from[0] * from[1] * 3 }, () => random() * 256);
    // rounded to 8 bit once or twice; bicubic may lift the first rounding by its gain of 1.3
    for (const kind of ["bilinear", "bicubic"] as const)
      for (const antialias of [true, false])
        expect(
          apart(resizeRgb(data, ...from, ...to, kind, antialias), resizeSlowly(data, from, to, kind, antialias)),
        ).toBeLessThan(1.3);
  });
});

describe("resizeRgb", () => {
  it.each(KINDS)("%s leaves a picture of one colour as it is, at any size", (kind) => {
    const data = new Uint8Array(11 * 7 * 3).map((_, i) => [200, 3, 255][i % 3]!);
    for (const antialias of [true, false])
      for (const to of [
        [3, 2],
        [11, 30],
        [50, 7],
      ] as Size[]) {
        const out = resizeRgb(data, 11, 7, ...to, kind, antialias);
        expect(out).toEqual(new Uint8Array(to[0] * to[1] * 3).map((_, i) => [200, 3, 255][i % 3]!));
      }
  });
  it.each(KINDS)("%s of a mirrored picture is the mirrored result, to one level", (kind) => {
    const { data } = pattern(23, 10);
    const mirror = (d: Uint8Array, w: number) =>
      d.map((_, i) => d[(Math.floor(i / 3 / w) * w + (w - 1 - (Math.floor(i / 3) % w))) * 3 + (i % 3)]!);
    for (const antialias of [true, false]) {
      // nearest to whole multiples only: elsewhere a tie goes to one side
      const to: Size = kind === "nearest" ? [69, 20] : [9, 14];
      const there = resizeRgb(mirror(data, 23), 23, 10, ...to, kind, antialias);
      expect(apart(there, mirror(resizeRgb(data, 23, 10, ...to, kind, antialias), to[0]))).toBeLessThanOrEqual(1);
    }
  });
  it("the same size gives the same picture, not a copy", () => {
    const { data } = pattern(5, 4);
    expect(resizeRgb(data, 5, 4, 5, 4, "bicubic", true)).toBe(data);
  });
});
