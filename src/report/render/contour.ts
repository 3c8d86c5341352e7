/** Outline of a mask on an h x w grid as an SVG path in grid units: one edge wherever a set cell meets an unset one. `bits`: packed, least significant first. */
export function contourPath(bits: Uint8Array, offset: number, h: number, w: number): string {
  const set = (y: number, x: number) =>
    y >= 0 && x >= 0 && y < h && x < w && ((bits[offset + ((y * w + x) >> 3)]! >> ((y * w + x) & 7)) & 1) === 1;
  const path: string[] = [];
  for (let y = 0; y <= h; y++) {
    for (let x = 0; x < w; x++) {
      if (set(y - 1, x) === set(y, x)) continue;
      const from = x;
      while (x + 1 < w && set(y - 1, x + 1) !== set(y, x + 1)) x++;
      path.push(`M${from} ${y}H${x + 1}`);
    }
  }
  for (let x = 0; x <= w; x++) {
    for (let y = 0; y < h; y++) {
      if (set(y, x - 1) === set(y, x)) continue;
      const from = y;
      while (y + 1 < h && set(y + 1, x - 1) !== set(y + 1, x)) y++;
      path.push(`M${x} ${from}V${y + 1}`);
    }
  }
  return path.join("");
}
