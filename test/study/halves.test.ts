import { expect, test } from "vitest";
import type { Geometry } from "../../src/dataset/types.js";
import { halvesOf } from "../../src/study/supervised/locate.js";

const whole = { x0: 0, y0: 0, x1: 1, y1: 1 };
const on = (h: number, w: number, content = whole) => {
  const inside: number[] = [];
  for (let cell = 0; cell < h * w; cell++) {
    const [y, x] = [(Math.floor(cell / w) + 0.5) / h, ((cell % w) + 0.5) / w];
    if (y >= content.y0 && y < content.y1 && x >= content.x0 && x < content.x1) inside.push(cell);
  }
  const positions = Int32Array.from(inside);
  return { positions, half: halvesOf(positions, h, w, { content } as Geometry) };
};

test("up to 16 cells a side, neighbours lie in different halves of a photograph", () => {
  for (let side = 2; side <= 16; side++) {
    const { positions, half } = on(side, side);
    for (const cell of positions) {
      if (cell % side > 0) expect(half[cell], `${side} x ${side}`).not.toBe(half[cell - 1]);
      if (cell >= side) expect(half[cell], `${side} x ${side}`).not.toBe(half[cell - side]);
    }
  }
});

test("on finer grids a field is a sixteenth of the photograph's side, padding or not", () => {
  const { half } = on(64, 32);
  for (let cell = 0; cell < half.length; cell++)
    expect(half[cell]).toBe((Math.floor(cell / 32 / 4) + Math.floor((cell % 32) / 2)) & 1);
  const letterboxed = on(64, 64, { x0: 0, y0: 0.25, x1: 1, y1: 0.75 });
  letterboxed.positions.forEach((cell, r) => {
    expect(letterboxed.half[r]).toBe((Math.floor((cell >> 6) / 2 - 8) + ((cell & 63) >> 2)) & 1);
  });
});

test("halves hold equal parts of the photograph on any grid, whole or letterboxed", () => {
  for (const content of [whole, { x0: 0, y0: 0.125, x1: 1, y1: 0.875 }, { x0: 0.21, y0: 0, x1: 0.81, y1: 1 }])
    for (let side = 4; side <= 40; side++) {
      const { half } = on(side, side, content);
      const share = half.reduce((s, v) => s + v, 0) / half.length;
      expect(Math.abs(share - 0.5), `${side} x ${side}`).toBeLessThan(0.06);
    }
});
