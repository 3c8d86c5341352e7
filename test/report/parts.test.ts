import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { contourPath, mainPart } from "../../src/report/render/contour.js";
import { cropAround } from "../../src/report/render/photo.js";
import { tableCsv } from "../../src/report/render/svg.js";
import { clip, escapeText, label, name, number } from "../../src/report/render/text.js";

function packed(cells: readonly number[]): Uint8Array {
  const out = new Uint8Array(Math.ceil(cells.length / 8));
  cells.forEach((v, i) => {
    if (v) out[i >> 3]! |= 1 << (i & 7);
  });
  return out;
}

/** Cells inside the closed loops of a path, by the even-odd rule at each cell's middle: what a renderer fills. */
function filled(path: string, h: number, w: number): number[] {
  const verticals: { x: number; y0: number; y1: number }[] = [];
  for (const loop of path.split("Z").filter(Boolean)) {
    let [x, y] = [0, 0];
    let start: [number, number] | undefined;
    const to = (nx: number, ny: number) => {
      if (nx === x && start) verticals.push({ x, y0: Math.min(y, ny), y1: Math.max(y, ny) });
      [x, y] = [nx, ny];
    };
    for (const [, kind, a, b] of loop.matchAll(/([MHV])(\d+)(?: (\d+))?/g)) {
      if (kind === "M") {
        [x, y] = [Number(a), Number(b)];
        start = [x, y];
      } else if (kind === "H") to(Number(a), y);
      else to(x, Number(a));
    }
    to(start![0], start![1]);
  }
  return Array.from({ length: h * w }, (_, i) => {
    const [cy, cx] = [Math.floor(i / w) + 0.5, (i % w) + 0.5];
    return verticals.filter((v) => v.x < cx && v.y0 < cy && v.y1 > cy).length % 2;
  });
}

describe("outlines", () => {
  test("any mask is what its outline encloses", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 9 }),
        fc.infiniteStream(fc.integer({ min: 0, max: 1 })),
        (h, w, bits) => {
          const cells = Array.from({ length: h * w }, () => bits.next().value as number);
          const path = contourPath(packed(cells), 0, h, w);
          expect(filled(path, h, w)).toEqual(cells);
        },
      ),
      { numRuns: 300, seed: 1 },
    );
  });

  test("one cell is one loop; two that touch at a corner are two", () => {
    expect(contourPath(packed([0, 0, 0, 0, 1, 0, 0, 0, 0]), 0, 3, 3)).toBe("M1 1H2V2H1V1Z");
    expect(contourPath(packed([1, 0, 0, 1]), 0, 2, 2).match(/Z/g)).toHaveLength(2);
    expect(contourPath(packed([0, 0, 0, 0]), 0, 2, 2)).toBe("");
  });

  test("the main part is the largest piece, the crop lies around it and inside the photograph", () => {
    const cells = [1, 0, 0, 0, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 0, 0];
    expect(mainPart(packed(cells), 0, 4, 4)).toMatchObject({ x0: 2, y0: 1, x1: 4, y1: 3, size: 4 });
    const box = cropAround({ bits: packed(cells), offset: 0, gridH: 4, gridW: 4 }, { width: 200, height: 100 })!;
    expect(box.x + box.width).toBeLessThanOrEqual(200);
    expect(box.y + box.height).toBeLessThanOrEqual(100);
    expect(box.x).toBeLessThanOrEqual(100);
    expect(cropAround({ bits: packed([0]), offset: 0, gridH: 1, gridW: 1 }, { width: 9, height: 9 })).toBeUndefined();
  });
});

describe("names", () => {
  test("nothing in a name is markup, and nothing turns the direction of what follows", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (s) => {
        expect(escapeText(s)).not.toMatch(/[<>"'\u202a-\u202e\u2066-\u2069]/);
        expect(escapeText(s).replace(/&#\d+;/g, "")).not.toContain("&");
      }),
    );
    expect(name("<b>")).toBe("<bdi>&#60;b&#62;</bdi>");
  });

  test("a cut name is short enough, keeps its ends, and cuts no sign in two", () => {
    expect(clip("abcdefghij", 7)).toBe("abc…hij");
    expect(clip("abc", 7)).toBe("abc");
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.integer({ min: 3, max: 30 }), (s, n) => {
        expect(Array.from(clip(s, n)).length).toBeLessThanOrEqual(n);
        expect(clip(s, n)).not.toMatch(/[\ud800-\udbff](?![\udc00-\udfff])/);
      }),
    );
    expect(label("\u202eabc", 9)).toBe("\u2068abc\u2069");
  });
});

test("numbers: a dash where there is none, a true minus, no minus zero", () => {
  expect([number(null), number(Number.NaN), number(-0.001), number(-0.5), number(1 / 3, 3)]).toEqual([
    "–",
    "–",
    "0.00",
    "−0.50",
    "0.333",
  ]);
});

test("a table's CSV follows RFC 4180", () => {
  expect(
    tableCsv({
      columns: ["a", 'b"c'],
      rows: [
        ["x,y", null],
        ["line\nbreak", 1.5],
      ],
    }),
  ).toBe('a,"b""c"\n"x,y",\n"line\nbreak",1.5\n');
});
