import { describe, expect, test } from "vitest";
import type { FaceBox } from "../../../src/dataset/labels/faces/detect.js";
import { decodeFaces, distinctFaces, faceTiles } from "../../../src/dataset/labels/faces/detect.js";
import {
  LANDMARKS,
  landmarksInPhoto,
  noseBetweenEdges,
  patchOfBox,
  patchOfLandmarks,
  samplePatchInto,
} from "../../../src/dataset/labels/faces/mesh.js";
import { FACE_PARTS } from "../../../src/dataset/labels/faces/parts.js";

const face = (x0: number, y0: number, x1: number, y1: number, score = 0.9): FaceBox => ({
  score,
  x0,
  y0,
  x1,
  y1,
  eyes: [
    [x0, y0],
    [x1, y0],
  ],
});

describe("faces in a photograph", () => {
  test("tiles cover it, and each point lies well inside one of each size", () => {
    const [w, h] = [1920, 1280];
    const tiles = faceTiles(w, h, [0.5, 0.25]);
    expect(tiles[0]).toEqual({ left: 0, top: -320, side: 1920 });
    for (const side of [960, 480]) {
      const some = tiles.filter((t) => t.side === side);
      for (let y = 60; y < h; y += 97)
        for (let x = 60; x < w; x += 97) {
          // at least a quarter of the tile away from its border, or at the photograph's own
          const inner = some.some(
            (t) =>
              (x >= t.left + side / 4 || t.left <= 0) &&
              (x <= t.left + 0.75 * side || t.left + side >= w) &&
              (y >= t.top + side / 4 || t.top <= 0) &&
              (y <= t.top + 0.75 * side || t.top + side >= h),
          );
          expect(inner, `${x} ${y} ${side}`).toBe(true);
        }
    }
  });

  test("a planted output is decoded to its place: anchor, offsets in input pixels, eyes", () => {
    const fine = { logits: new Float32Array(512).fill(-9), boxes: new Float32Array(512 * 16) };
    const coarse = { logits: new Float32Array(384).fill(-9), boxes: new Float32Array(384 * 16) };
    // second anchor of cell (x 3, y 5) of 16 x 16: centre (3.5, 5.5) / 16
    const a = (5 * 16 + 3) * 2 + 1;
    fine.logits[a] = 2;
    fine.boxes.set([8, -4, 64, 32, -16, -8, 16, -8], a * 16);
    // fourth of cell (7, 0) of 8 x 8
    coarse.logits[7 * 6 + 3] = 0;
    const found = decodeFaces([coarse, fine], { left: 100, top: 50, side: 512 }, 0.5);
    expect(found).toHaveLength(2);
    const [one, two] = found as [FaceBox, FaceBox];
    // tensor pixels are twice as large in the photograph
    expect([one.x0, one.y0, one.x1, one.y1]).toEqual([
      100 + 2 * (56 + 8 - 32),
      50 + 2 * (88 - 4 - 16),
      100 + 2 * (56 + 8 + 32),
      50 + 2 * (88 - 4 + 16),
    ]);
    expect(one.eyes).toEqual([
      [100 + 2 * (56 - 16), 50 + 2 * (88 - 8)],
      [100 + 2 * (56 + 16), 50 + 2 * (88 - 8)],
    ]);
    expect(one.score).toBeCloseTo(1 / (1 + Math.exp(-2)), 6);
    expect([two.score, two.x0, two.y0]).toEqual([0.5, 100 + 2 * 240, 50 + 2 * 16]);
  });

  test("each face once: the better box stays, boxes inside others go", () => {
    const faces = [
      face(0, 0, 10, 10, 0.8),
      face(1, 1, 11, 11, 0.9),
      face(3, 3, 7, 7, 0.7),
      face(20, 0, 30, 10, 0.6),
      face(9, 0, 19, 10, 0.5),
    ];
    expect(distinctFaces(faces, 0.3).map((f) => f.score)).toEqual([0.9, 0.6, 0.5]);
  });

  test("a turned patch is sampled level, and its landmarks go back to where they were", () => {
    // a plane that rises along x and y: every sample tells where it was taken
    const [width, height] = [120, 100];
    const data = new Uint8Array(width * height * 3);
    for (let i = 0; i < width * height; i++) data.set([i % width, Math.floor(i / width), 7], 3 * i);
    const patch = patchOfBox({
      ...face(40, 30, 70, 60),
      eyes: [
        [46, 40],
        [62, 48],
      ],
    });
    expect(patch).toMatchObject({ cx: 55, cy: 45, side: 45, angle: Math.atan2(8, 16) });
    const size = 9;
    const out = new Float32Array(3 * size * size);
    samplePatchInto(out, 0, { width, height, data }, patch, size, 1, 0);
    const mesh = new Float32Array(3 * LANDMARKS);
    for (let i = 0; i < size * size; i++)
      mesh.set([(((i % size) + 0.5) * 192) / size, ((Math.floor(i / size) + 0.5) * 192) / size, 0], 3 * i);
    const back = landmarksInPhoto(mesh, patch);
    for (let i = 0; i < size * size; i++) {
      // pixel k shows the point k + 0.5
      expect(out[i]).toBeCloseTo(back[2 * i]! - 0.5, 3);
      expect(out[size * size + i]).toBeCloseTo(back[2 * i + 1]! - 0.5, 3);
      expect(out[2 * size * size + i]).toBeCloseTo(7, 4);
    }
  });

  test("the second patch fits the landmarks, whatever their turn; profiles are noticed", () => {
    const points = new Float32Array(2 * LANDMARKS);
    const angle = 0.4;
    const put = (i: number, u: number, v: number) =>
      points.set(
        [50 + u * Math.cos(angle) - v * Math.sin(angle), 60 + u * Math.sin(angle) + v * Math.cos(angle)],
        2 * i,
      );
    for (let i = 0; i < LANDMARKS; i++) put(i, ((i * 7) % 41) - 20, ((i * 5) % 31) - 15);
    put(33, -12, -8);
    put(263, 12, -8);
    put(234, -20, 0);
    put(454, 20, 0);
    put(1, 4, 2);
    const patch = patchOfLandmarks(points);
    expect(patch.angle).toBeCloseTo(angle, 5);
    expect(patch.side).toBeCloseTo(1.5 * 40, 3);
    expect(patch.cx).toBeCloseTo(50, 3);
    expect(patch.cy).toBeCloseTo(60, 3);
    expect(noseBetweenEdges(points)).toBeCloseTo(0.6, 5);
    put(1, -24, 2);
    expect(noseBetweenEdges(points)).toBeLessThan(0);
  });

  test("outlines name each landmark once, left parts mirror right ones in size", () => {
    for (const { outline } of Object.values(FACE_PARTS)) {
      expect(new Set(outline).size).toBe(outline.length);
      expect(outline.every((i) => i >= 0 && i < LANDMARKS)).toBe(true);
    }
    for (const part of ["eye", "eyebrow"])
      expect(FACE_PARTS[`left_${part}`]!.outline.length).toBe(FACE_PARTS[`right_${part}`]!.outline.length);
  });
});
