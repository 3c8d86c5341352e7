import type { TensorFile } from "../contract/safetensors.js";
import type { Grid } from "../maps/grid.js";
import type { MapKind, MapLayer, ThresholdedMasks } from "../maps/masks.js";
import { BitCounter } from "../numerics/bits.js";
import type { Engine } from "../numerics/engine.js";
import type { Chance, PairResult } from "./compare.js";
import { bestSimilarity, compareMasks } from "./compare.js";

/** One cell of the study: layers by their place in the study's list, a <= b. */
export interface PairCell {
  readonly a: number;
  readonly b: number;
  readonly grid: Grid;
  readonly result: PairResult;
  /** Mean best set IoU on the study's grid, uncorrected. */
  readonly raw: number;
}

export interface StudyComparison {
  readonly cells: readonly PairCell[];
  /** S' of each layer with its own refit. */
  readonly self: readonly number[];
  /** Thresholds of each layer on its own grid. */
  readonly thresholds: readonly ThresholdedMasks[];
}

export interface CompareEnvironment {
  readonly engine: Engine;
  readonly store: { get(key: string): Promise<TensorFile | undefined> };
  readonly progress: (event: { stage: string; what: string; done: number; total: number }) => void;
  readonly stopped: () => boolean;
}

export type MaskLoader = (layer: MapLayer, kind: MapKind, grid: Grid) => Promise<ThresholdedMasks>;

/** Every pair of layers on its coarser grid, grid by grid so that only one grid's masks are held; then all pairs on the study's grid. */
export async function comparePairs(
  layers: readonly MapLayer[],
  coarser: (a: Grid, b: Grid) => Grid,
  masks: MaskLoader,
  chance: Chance,
  studyGrid: Grid,
  env: CompareEnvironment,
): Promise<StudyComparison> {
  const counter = new BitCounter();
  const pairs = layers.flatMap((_, a) => layers.slice(a).map((__, i) => ({ a, b: a + i })));
  const byGrid = new Map<string, { grid: Grid; pairs: { a: number; b: number }[] }>();
  for (const pair of pairs) {
    const grid = coarser(layers[pair.a]!.grid, layers[pair.b]!.grid);
    const key = `${grid.h}x${grid.w}`;
    const group = byGrid.get(key) ?? { grid, pairs: [] };
    group.pairs.push(pair);
    byGrid.set(key, group);
  }
  const found = new Map<string, Omit<PairCell, "raw">>();
  const self: number[] = layers.map(() => Number.NaN);
  const thresholds: ThresholdedMasks[] = [];
  let done = 0;
  for (const { grid, pairs: some } of byGrid.values()) {
    const held = keeper(layers, grid, masks, "main");
    const again = keeper(layers, grid, masks, "refit");
    for (const { a, b } of some) {
      const main = await held(a);
      if (a === b) {
        thresholds[a] = main;
        const refit = await again(a);
        self[a] = (
          await compareMasks(counter, main, refit, { ...chance, resampling: undefined }, env.engine)
        ).significance.similarity;
      }
      const refits = a === b ? undefined : { a: await again(a), b: await again(b) };
      const result = await compareMasks(counter, main, await held(b), chance, env.engine, refits);
      found.set(`${a} ${b}`, { a, b, grid, result });
      env.progress({ stage: "similarity", what: "pairs of layers", done: ++done, total: pairs.length });
    }
  }
  const onStudyGrid = keeper(layers, studyGrid, masks, "main");
  const cells: PairCell[] = [];
  for (const { a, b } of pairs) {
    const [onA, onB] = [(await onStudyGrid(a)).masks, (await onStudyGrid(b)).masks];
    const raw = bestSimilarity(counter, onA, onB, chance.blocks, "raw");
    cells.push({ ...found.get(`${a} ${b}`)!, raw });
  }
  return { cells, self, thresholds };
}

function keeper(
  layers: readonly MapLayer[],
  grid: Grid,
  masks: MaskLoader,
  kind: MapKind,
): (at: number) => Promise<ThresholdedMasks> {
  const kept = new Map<number, Promise<ThresholdedMasks>>();
  return (at) => {
    const known = kept.get(at) ?? masks(layers[at]!, kind, grid);
    kept.set(at, known);
    return known;
  };
}
