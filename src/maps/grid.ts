/** Cells of a map over the common frame of an image. */
export interface Grid {
  readonly h: number;
  readonly w: number;
}

/** The grid of a layer in a study: its own, but no axis finer than the study's grid G (METHOD.md 1.1.3). */
export function gridOf(tap: { readonly height: number; readonly width: number }, studyGrid: number): Grid {
  return { h: Math.min(tap.height, studyGrid), w: Math.min(tap.width, studyGrid) };
}

/** The grid on which two layers are compared: the coarser one, axis by axis (M1). */
export function coarser(a: Grid, b: Grid): Grid {
  return { h: Math.min(a.h, b.h), w: Math.min(a.w, b.w) };
}

/** "28x14": height x width, as in the column `grid` of the tables. */
export function gridName(grid: Grid): string {
  return `${grid.h}x${grid.w}`;
}

/** Each different grid once, finest first (by cells, then height). */
export function distinctGrids(grids: readonly Grid[]): Grid[] {
  const byName = new Map(grids.map((g) => [gridName(g), g]));
  return [...byName.values()].sort((a, b) => b.h * b.w - a.h * a.w || b.h - a.h);
}

/** The grids on which layer `own` must be thresholded to be compared with all layers of the study. */
export function gridsNeeded(own: Grid, all: readonly Grid[]): Grid[] {
  return distinctGrids(all.map((g) => coarser(own, g)));
}
