import { rowsPerImage } from "../activations/sample.js";
import { chunks } from "../dataset/batches.js";
import { commonFrame, geometry } from "../dataset/geometry.js";
import type { ImageRef, Rect } from "../dataset/types.js";
import type { Grid } from "../maps/grid.js";
import { coarser, gridName, gridOf, gridsNeeded } from "../maps/grid.js";
import { sampleWithoutReplacement, seededRandom } from "../numerics/random.js";
import type { Chance } from "../similarity/compare.js";
import { chanceOf } from "../similarity/compare.js";
import type { Study, StudyLayer } from "../study.js";

/** Images a job looks at: what a killed run may have to do again. */
const SHARD = 8;
/** Networks whose sessions a worker holds at a time. */
const TOGETHER = 4;
/** Test images of which positions are kept for controls, and their grid. */
const CELL_IMAGES = 512;
export const CELL_GRID: Grid = { h: 7, w: 7 };
/** Part of every key: raised when the code computes something else under the same parameters. */
export const CODE_VERSION = 12;

/**
 * What is to be done, worked out from the study alone: shards of images, grids, frames, and the key of every artifact. Each process of a study that
 * makes its own plan makes the same one.
 */
export interface Plan {
  readonly layers: readonly StudyLayer[];
  /** Places of networks that one job runs together on the same decoded images. */
  readonly groups: readonly (readonly number[])[];
  readonly fitShards: readonly (readonly ImageRef[])[];
  readonly testShards: readonly (readonly ImageRef[])[];
  /** Per network and tap: rows sampled from each image to fit. */
  readonly rowsPerImage: readonly (readonly number[])[];
  /** Per test image: the part of it that all networks see. */
  readonly frames: readonly Rect[];
  /** Per layer: its own grid first, then the others on which it meets a layer of the study, then the study's if that is another. */
  readonly grids: readonly (readonly Grid[])[];
  readonly studyGrid: Grid;
  /** The grid that is coarsest axis by axis. */
  readonly coarsest: Grid;
  /** Places of the test images of which positions are kept, ascending. */
  readonly cellImages: Int32Array;
  readonly chance: Chance;
  readonly keys: Keys;
}

/** Keys are made from content and parameters: bytes of networks, hashes of images, never names or paths. */
export interface Keys {
  rows(network: number, shard: number): string;
  concepts(network: number, tap: number): string;
  activations(network: number, image: ImageRef): string;
  signals(network: number, shard: number): string;
  maps(network: number, shard: number): string;
  masks(layer: number): string;
  pairs(layer: number): string;
}

export function planOf(study: Study, hash: (text: string) => string): Plan {
  const { config, networks, fit, test } = study;
  const studyGrid = { h: config.maps.grid, w: config.maps.grid };
  const layers = networks.flatMap((n, network) =>
    n.taps.map((tap, index): StudyLayer => ({ network, tap, index, grid: gridOf(tap, config.maps.grid) })),
  );
  const own = layers.map((l) => l.grid);
  const coarsest = own.reduce(coarser, studyGrid);
  const distinct = (grids: readonly Grid[]) => [...new Map(grids.map((g) => [gridName(g), g])).values()];
  const plan = {
    layers,
    groups: chunks([...networks.keys()], TOGETHER),
    fitShards: chunks(fit, SHARD),
    testShards: chunks(test, SHARD),
    rowsPerImage: networks.map((n) =>
      n.taps.map((t) => rowsPerImage(config.concepts.rows, fit.length, t.height * t.width)),
    ),
    frames: test.map((image) => commonFrame(networks.map((n) => geometry(n.preprocessing, image.width, image.height)))),
    grids: own.map((grid) => distinct([grid, ...gridsNeeded(grid, own), coarsest, studyGrid])),
    studyGrid,
    coarsest,
    cellImages: sampleWithoutReplacement(test.length, CELL_IMAGES, seededRandom(config.seed, "cells")),
    chance: chanceOf(
      test.map((i) => i.group),
      config.similarity,
      config.seed,
    ),
  };
  return { ...plan, keys: keysOf(study, plan, hash) };
}

function keysOf(study: Study, plan: Omit<Plan, "keys">, hash: (text: string) => string): Keys {
  const { config, networks } = study;
  const made = new Map<string, string>();
  const key = (name: string, at: readonly number[], parts: () => readonly unknown[]): string => {
    const place = `${name} ${at.join()}`;
    const known = made.get(place) ?? hash(JSON.stringify([CODE_VERSION, name, ...parts()]));
    made.set(place, known);
    return known;
  };
  const net = (n: number) =>
    key("network", [n], () => [networks[n]!.sha256, networks[n]!.preprocessing, networks[n]!.taps.map((t) => t.name)]);
  const ids = (images: readonly ImageRef[]) => images.map((i) => i.hash);
  const start = (shard: number) => plan.testShards.slice(0, shard).reduce((s, part) => s + part.length, 0);
  const framesOf = (shard: number) => plan.frames.slice(start(shard), start(shard) + plan.testShards[shard]!.length);
  const keys: Keys = {
    rows: (n, s) => key("rows", [n, s], () => [net(n), plan.rowsPerImage[n], config.seed, ids(plan.fitShards[s]!)]),
    concepts: (n, t) =>
      key("concepts", [n, t], () => [plan.fitShards.map((_, s) => keys.rows(n, s)), t, config.concepts, config.seed]),
    activations: (n, image) => hash(JSON.stringify([CODE_VERSION, "activations", net(n), image.hash])),
    signals: (n, s) =>
      key("signals", [n, s], () => [net(n), ids(plan.testShards[s]!), framesOf(s), cellPlaces(plan, s, start(s))]),
    maps: (n, s) =>
      key("maps", [n, s], () => [
        networks[n]!.taps.map((_, t) => keys.concepts(n, t)),
        ids(plan.testShards[s]!),
        framesOf(s),
        config.maps.grid,
      ]),
    masks: (l) =>
      key("masks", [l], () => {
        const { network, index } = plan.layers[l]!;
        return [
          plan.testShards.map((_, s) => keys.maps(network, s)),
          index,
          plan.grids[l],
          config.maps.density,
          blocks(),
        ];
      }),
    pairs: (l) =>
      key("pairs", [l], () => [
        "self resampled",
        // a row names its layers by their place in the study, and looks at all of them to find the coarsest grid
        l,
        plan.coarsest,
        plan.layers.slice(l).map((_, i) => keys.masks(l + i)),
        config.similarity,
        config.seed,
        study.test.map((i) => i.group),
      ]),
  };
  const blocks = () => key("blocks", [], () => plan.chance.blocks.map((b) => [...b]));
  return keys;
}

/** Which images of a test shard give positions: places within the shard. */
export function cellPlaces(plan: Pick<Plan, "cellImages" | "testShards">, shard: number, first: number): number[] {
  const end = first + plan.testShards[shard]!.length;
  return [...plan.cellImages].filter((x) => x >= first && x < end).map((x) => x - first);
}

/** Place of the first image of a test shard. */
export function firstOf(shards: readonly (readonly ImageRef[])[], shard: number): number {
  return shards.slice(0, shard).reduce((s, part) => s + part.length, 0);
}
