import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Canvas } from "../../../src/dataset/labels/canvas.js";
import { countSet, emptyCanvas } from "../../../src/dataset/labels/canvas.js";
import { paintRuns, runsFromCounts, runsFromText, runsOf, textOfRuns } from "../../../src/dataset/labels/rle.js";
import { paintBox, paintEllipse, paintPolygon } from "../../../src/dataset/labels/shapes.js";
import { isSamesightError } from "../../../src/errors.js";

interface Golden {
  published: { where: string; size: [number, number]; counts: string; runs: number[]; area: number; box: number[] }[];
  texts: { size: [number, number]; rows: string[]; counts: string }[];
  polygons: { size: [number, number]; xy: number[]; counts: string }[];
  boxes: { size: [number, number]; box: [number, number, number, number]; counts: string }[];
}
/** make_coco_masks.py: pycocotools 2.0.11. */
const golden = JSON.parse(readFileSync(join(import.meta.dirname, "../../golden/coco_masks.json"), "utf8")) as Golden;

function decoded(counts: string, [height, width]: readonly [number, number]): Canvas {
  const canvas = emptyCanvas(width, height);
  paintRuns(canvas, runsFromText(counts, width * height));
  return canvas;
}

const rowsOf = ({ data, width, height }: Canvas) =>
  Array.from({ length: height }, (_, y) => data.subarray(y * width, (y + 1) * width).join(""));

describe("run-length codes", () => {
  test.each(golden.published)("published text of $where", ({ counts, size, runs, area, box }) => {
    expect([...runsFromText(counts, size[0] * size[1])]).toEqual(runs);
    const canvas = decoded(counts, size);
    expect(countSet(canvas.data)).toBe(area);
    const set = [...canvas.data.keys()].filter((i) => canvas.data[i] === 1);
    const xs = set.map((i) => i % size[1]);
    const ys = set.map((i) => Math.floor(i / size[1]));
    const [low, high] = [
      (v: number[]) => v.reduce((a, b) => Math.min(a, b)),
      (v: number[]) => v.reduce((a, b) => Math.max(a, b)),
    ];
    if (area > 0) expect([low(xs), low(ys), high(xs), high(ys)]).toEqual(box);
    expect(textOfRuns(runsOf(canvas))).toBe(counts);
  });

  test("random masks as pycocotools writes them, read and written", () => {
    for (const { counts, size, rows } of golden.texts) {
      const canvas = decoded(counts, size);
      expect(rowsOf(canvas)).toEqual(rows);
      expect(textOfRuns(runsOf(canvas))).toBe(counts);
    }
  });

  test("a text that lost some characters on its way to a public thread (cocoapi issue 492) is found out", () => {
    const text =
      "ea_d21__11O0001O00000001O01O00a^40_aK000[k]30eTbL010O0000001O000000000010O00000001O01O0000010O00000001O000001O0001O0000010O0000000000010O0000000000010O0000000010O000000000010O00000001O01OO10001O000000P]jP1";
    expect(() => runsFromText(text, 1520 * 2704)).toThrow("RLE its runs cover 4100959 of 4110080 pixels");
  });

  test.each([
    ["", /cover 0 of 12 pixels/],
    ["=0", /cover more than 12/],
    ["5", /cover 5 of 12/],
    ["\u00e9", /character 1 is "é"/],
    ["o", /ends inside a number/],
    ["oooooooooo", /too long/],
    ["6O7", /run 2 is -1 long/],
  ])("broken text %j is refused in one line", (text, message) => {
    expect(() => runsFromText(text, 12)).toThrow(message);
  });

  test.each([
    [[1, -1, 12], /run 2 is -1/],
    [[1.5, 10.5], /run 1 is 1.5/],
    [["12"], /run 1 is "12"/],
    [[Number.NaN], /run 1 is NaN/],
    [[null], /run 1 is object/],
    [[6, 5], /cover 11 of 12/],
    [[6, 7], /cover more than 12/],
  ])("broken lengths %j are refused in one line", (counts, message) => {
    expect(() => runsFromCounts(counts as unknown[], 12)).toThrow(message);
  });

  test("any text gives runs that cover the picture, or one error of ours", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 60 }), fc.nat(2000), (text, pixels) => {
        try {
          const runs = runsFromText(text, pixels);
          expect(runs.reduce((a, b) => a + b, 0)).toBe(pixels);
        } catch (error) {
          expect(isSamesightError(error) && error.code === "invalid" && !error.message.includes("\n")).toBe(true);
        }
      }),
      { seed: 5, numRuns: 2000 },
    );
  });
});

describe("shapes", () => {
  test("polygons are drawn as the COCO API draws them: no pixel differs", () => {
    for (const { xy, size, counts } of golden.polygons) {
      const canvas = emptyCanvas(size[1], size[0]);
      paintPolygon(canvas, xy);
      expect(rowsOf(canvas), JSON.stringify(xy)).toEqual(rowsOf(decoded(counts, size)));
    }
  });

  test("so are boxes", () => {
    for (const { box, size, counts } of golden.boxes) {
      const canvas = emptyCanvas(size[1], size[0]);
      paintBox(canvas, ...box);
      expect(rowsOf(canvas), JSON.stringify(box)).toEqual(rowsOf(decoded(counts, size)));
    }
  });

  test("an ellipse covers pi/4 of its box, and is its own mirror image", () => {
    const canvas = emptyCanvas(100, 60);
    paintEllipse(canvas, 10, 5, 80, 50);
    expect(countSet(canvas.data) / 4000).toBeCloseTo(Math.PI / 4, 2);
    const rows = rowsOf(canvas);
    expect(rows.map((r) => [...r].reverse().join(""))).toEqual(rows);
    expect([...rows].reverse()).toEqual(rows);
    expect(rows[30]!.indexOf("1")).toBe(10);
  });

  test.each([
    [[0, 0, 4, 4], /polygon of 2 points, at least 3/],
    [[0, 0, 4, 4, 2], /of 5 numbers, expected pairs/],
    [[0, 0, 4, Number.NaN, 2, 2], /number 4 is NaN/],
    [[0, 0, 4, 1e9, 2, 2], /y 1000000000 lies far outside the picture of 8 x 8/],
    [[0, 0, Number.POSITIVE_INFINITY, 3, 2, 2], /number 3 is Infinity/],
  ])("polygon %j is refused", (xy, message) => {
    expect(() => paintPolygon(emptyCanvas(8, 8), xy)).toThrow(message);
  });
});
