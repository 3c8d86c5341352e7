/** Outlines of masks. `bits`: packed, least significant first, an h x w grid from byte `offset` on. */
export function cellAt(bits: Uint8Array, offset: number, h: number, w: number): (y: number, x: number) => boolean {
  return (y, x) =>
    y >= 0 && x >= 0 && y < h && x < w && ((bits[offset + ((y * w + x) >> 3)]! >> ((y * w + x) & 7)) & 1) === 1;
}

/** Right, down, left, up. */
const STEP = [
  [0, 1],
  [1, 0],
  [0, -1],
  [-1, 0],
] as const;

/**
 * Closed loops around the set cells, in grid units, as an SVG path: the mask lies on the right of the way. Where two cells touch at a corner only,
 * their loops stay apart.
 */
export function contourPath(bits: Uint8Array, offset: number, h: number, w: number): string {
  const set = cellAt(bits, offset, h, w);
  // an edge leaves corner (y, x) in direction d when the cell on its right is set and the one on its left is not
  const edge = (y: number, x: number, d: number) => {
    const right = [set(y, x), set(y, x - 1), set(y - 1, x - 1), set(y - 1, x)][d]!;
    const left = [set(y - 1, x), set(y, x), set(y, x - 1), set(y - 1, x - 1)][d]!;
    return right && !left;
  };
  const done = new Set<number>();
  const path: string[] = [];
  for (let y = 0; y <= h; y++) {
    for (let x = 0; x <= w; x++) {
      if (!edge(y, x, 0) || done.has((y * (w + 1) + x) * 4)) continue;
      path.push(loop(y, x, edge, done, w));
    }
  }
  return path.join("");
}

function loop(
  fromY: number,
  fromX: number,
  edge: (y: number, x: number, d: number) => boolean,
  done: Set<number>,
  w: number,
): string {
  let [y, x, d] = [fromY, fromX, 0];
  const parts = [`M${x} ${y}`];
  do {
    done.add((y * (w + 1) + x) * 4 + d);
    y += STEP[d]![0];
    x += STEP[d]![1];
    // right turn first: cells that touch at a corner stay apart
    const next = [1, 0, 3].map((turn) => (d + turn) % 4).find((way) => edge(y, x, way))!;
    if (next !== d) parts.push(d % 2 === 0 ? `H${x}` : `V${y}`);
    d = next;
  } while (y !== fromY || x !== fromX || d !== 0);
  return `${parts.join("")}Z`;
}

/** A box around the largest connected part of a mask, in grid units: where to look. Undefined for an empty mask. */
export function mainPart(
  bits: Uint8Array,
  offset: number,
  h: number,
  w: number,
): { readonly x0: number; readonly y0: number; readonly x1: number; readonly y1: number } | undefined {
  const set = cellAt(bits, offset, h, w);
  const seen = new Uint8Array(h * w);
  let best: { size: number; x0: number; y0: number; x1: number; y1: number } | undefined;
  for (let start = 0; start < h * w; start++) {
    if (seen[start] || !set(Math.floor(start / w), start % w)) continue;
    const part = { size: 0, x0: w, y0: h, x1: 0, y1: 0 };
    const stack = [start];
    seen[start] = 1;
    while (stack.length > 0) {
      const at = stack.pop()!;
      const [y, x] = [Math.floor(at / w), at % w];
      part.size++;
      part.x0 = Math.min(part.x0, x);
      part.x1 = Math.max(part.x1, x + 1);
      part.y0 = Math.min(part.y0, y);
      part.y1 = Math.max(part.y1, y + 1);
      for (const [dy, dx] of STEP) {
        const next = (y + dy) * w + x + dx;
        if (set(y + dy, x + dx) && !seen[next]) {
          seen[next] = 1;
          stack.push(next);
        }
      }
    }
    if (!best || part.size > best.size) best = part;
  }
  return best;
}
