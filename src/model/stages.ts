import type { Tap } from "./types.js";

/**
 * Stage of each tensor, 1-based: along the trunk a new stage begins where the grid changes, so that a ResNet's are the usual C1 (stride 2) to C5
 * (stride 32), and a decoder's count on. A tensor beside the trunk belongs to the last stage before it that has its grid. Undefined where none has.
 * `taps` in topological order.
 */
export function stagesOf(taps: readonly Tap[]): Map<Tap, number> {
  const stages = new Map<Tap, number>();
  const latest = new Map<string, number>();
  let current = "";
  let stage = 0;
  for (const tap of taps) {
    const grid = `${tap.height} x ${tap.width}`;
    if (tap.trunk && tap.blockEnd && grid !== current) {
      current = grid;
      latest.set(grid, ++stage);
    }
    const own = latest.get(grid);
    if (own !== undefined) stages.set(tap, own);
  }
  // what comes before its stage's first block end: the branch that leads to it
  const first = new Map<string, number>();
  for (const [tap, own] of stages) {
    const grid = `${tap.height} x ${tap.width}`;
    if (!first.has(grid)) first.set(grid, own);
  }
  for (const tap of taps) {
    const own = first.get(`${tap.height} x ${tap.width}`);
    if (!stages.has(tap) && own !== undefined) stages.set(tap, own);
  }
  return stages;
}
