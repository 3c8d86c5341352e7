import { conceptMethods } from "../concepts/methods.js";
import { preparePlanes } from "../concepts/negative.js";
import { pack, unpack } from "../contract/packed.js";
import { bandOf } from "../maps/masks.js";
import { thresholds } from "../maps/threshold.js";
import type { BitMasks, HeldMasks } from "../numerics/bits.js";
import { BitCounter, packAbove } from "../numerics/bits.js";
import { normal, seededRandom } from "../numerics/random.js";
import { mean } from "../numerics/statistics.js";
import type { Matrix, Random, Tensor4 } from "../numerics/types.js";
import { briefSimilarity } from "../similarity/brief.js";
import type { Chance, LayerMasks } from "../similarity/compare.js";
import { chanceOf, compareMasks, inBlocks } from "../similarity/compare.js";
import { conceptsOf } from "./concepts.js";
import type { Context } from "./context.js";
import { keyOf, loaded } from "./context.js";
import { CELL_GRID } from "./plan.js";
import { cellsOf } from "./signals.js";

/** Sets of random directions; images of which positions are used (one block of masks); permutations of their null. */
const DRAWS = 20;
const MOST_IMAGES = 64;
const PERMUTATIONS = 20;

/** What is averaged over the cells of two networks: S', S before the null, and the overlap with one partner each. */
export const RANDOM_QUANTITIES = ["similarity", "pair_iou", "one_to_one"] as const;
type Numbers = Record<(typeof RANDOM_QUANTITIES)[number], number>;

/** Means over the cells of two trained networks on a 7 x 7 grid: of their concepts, and with the concepts of one side replaced by random directions. */
export interface RandomDirections {
  readonly a: number;
  readonly b: number;
  readonly concepts: Numbers;
  /** S' of the concepts in each resample of the test images; empty without resamples. */
  readonly resampled: Float64Array;
  /** One value a draw: mean over the cells and over which side is random. */
  readonly random: readonly Numbers[];
  readonly cells: number;
}

/**
 * Random directions as concept vectors (unit length, non-negative where the method's are): do the mined concepts of a layer have better partners than any
 * directions of its space would? Needs no inference: everything is encoded from kept positions. Kept in the store.
 */
export async function randomDirectionsOf(context: Context): Promise<RandomDirections[]> {
  const { study, plan, store } = context;
  const trained = study.networks.flatMap((n, at) => (n.twin ? [] : [at]));
  if (trained.length < 2) return [];
  const key = keyOf(
    context,
    "random directions",
    [DRAWS, study.config.similarity.bootstrap],
    plan.layers.map((_, l) => plan.keys.masks(l)),
    study.config.seed,
  );
  const make = async () => store.put(key, pack(await comparisons(context, trained)));
  return unpack(await loaded(context, key, make));
}

/** A layer's own concepts as pairs are compared, and the masks of all: of its concepts, then of each draw. */
interface Drawn {
  readonly own: LayerMasks;
  readonly all: readonly BitMasks[];
}

async function comparisons(context: Context, trained: readonly number[]): Promise<RandomDirections[]> {
  const { study, plan, engine } = context;
  const images = Array.from(plan.cellImages).slice(0, MOST_IMAGES);
  const groups = images.map((x) => study.test[x]!.group);
  const { bootstrap } = study.config.similarity;
  const chance = chanceOf(groups, { permutations: PERMUTATIONS, bootstrap }, study.config.seed, MOST_IMAGES);
  const drawn = new Map<number, Drawn>();
  for (const [l, { network }] of plan.layers.entries())
    if (trained.includes(network)) drawn.set(l, await drawnOf(context, l, images.length, chance));
  const counter = new BitCounter();
  const layersOf = (n: number) => plan.layers.flatMap((l, at) => (l.network === n ? [drawn.get(at)!] : []));
  const out: RandomDirections[] = [];
  for (const [i, a] of trained.entries()) {
    for (const b of trained.slice(i + 1)) {
      const cells = layersOf(a).flatMap((x) => layersOf(b).map((y) => [x, y] as const));
      const resampled: Float64Array[] = [];
      if (chance.resampling)
        for (const [x, y] of cells)
          resampled.push((await compareMasks(counter, x.own, y.own, chance, engine)).interval!.values);
      counter.clear();
      const held = new Map([...layersOf(a), ...layersOf(b)].map((l) => [l, l.all.map((m) => counter.load(m))]));
      const numbers = (x: HeldMasks, y: HeldMasks): Numbers => {
        const { similarity, beforeNull, oneToOne } = briefSimilarity(counter, x, y, chance.orders[0]!);
        return { similarity, pair_iou: beforeNull, one_to_one: oneToOne };
      };
      const concepts: Numbers[] = [];
      const draws: Numbers[][] = Array.from({ length: DRAWS }, () => []);
      for (const [x, y] of cells) {
        const [[ownX, ...drawnX], [ownY, ...drawnY]] = [held.get(x)!, held.get(y)!];
        concepts.push(numbers(ownX!, ownY!));
        for (const [d, list] of draws.entries()) list.push(numbers(ownX!, drawnY[d]!), numbers(drawnX[d]!, ownY!));
      }
      out.push({
        a,
        b,
        concepts: averages(concepts),
        resampled: Float64Array.from(resampled[0] ?? [], (_, r) => average(resampled.map((v) => v[r]!))),
        random: draws.map(averages),
        cells: cells.length,
      });
    }
  }
  return out;
}

async function drawnOf(context: Context, layer: number, images: number, chance: Chance): Promise<Drawn> {
  const { density } = context.study.config.maps;
  const found = (await maps(context, layer, images)).map((m) => ({ m, thresholds: thresholds(m, density) }));
  const all = found.map(({ m, thresholds: { values } }) => packAbove(m.data, m.n, m.c, values));
  const [first] = found;
  const band = bandOf(first!.m, first!.thresholds);
  return { own: inBlocks({ masks: all[0]!, band, thresholds: first!.thresholds }, chance), all };
}

const average = (values: readonly number[]) => mean(values.filter((v) => !Number.isNaN(v)));

function averages(list: readonly Numbers[]): Numbers {
  const [similarity, pair_iou, one_to_one] = RANDOM_QUANTITIES.map((q) => average(list.map((n) => n[q])));
  return { similarity: similarity!, pair_iou: pair_iou!, one_to_one: one_to_one! };
}

/** Maps of the layer's concepts and of each draw of random directions: images x k x 7 x 7. */
async function maps(context: Context, layer: number, images: number): Promise<readonly Tensor4[]> {
  const { study, plan, engine } = context;
  const { network, index } = plan.layers[layer]!;
  const { fit, mode } = await conceptsOf(context, network, index);
  const cells = await cellsOf(context, network, index, images);
  const method = conceptMethods[study.config.concepts.method];
  const planes = preparePlanes(asPlanes(cells, images), mode);
  const random = seededRandom(study.config.seed, "directions", layer);
  const drawn = Array.from({ length: DRAWS }, () => directions(fit.vectors.rows, planes.c, method.signed, random));
  return method.encodeAll(planes, [fit.vectors, ...drawn], engine);
}

function asPlanes({ data, cols }: Matrix, images: number): Tensor4 {
  const { h, w } = CELL_GRID;
  const out = new Float32Array(images * cols * h * w);
  for (let x = 0; x < images; x++)
    for (let p = 0; p < h * w; p++)
      for (let c = 0; c < cols; c++) out[(x * cols + c) * h * w + p] = data[(x * h * w + p) * cols + c]!;
  return { data: out, n: images, c: cols, h, w };
}

function directions(rows: number, cols: number, signed: boolean, random: Random): Matrix {
  const data = new Float32Array(rows * cols);
  for (let r = 0; r < rows; r++) {
    const row = Float64Array.from({ length: cols }, () => (signed ? normal(random) : Math.abs(normal(random))));
    const length = Math.sqrt(row.reduce((sum, v) => sum + v * v, 0));
    data.set(
      row.map((v) => v / length),
      r * cols,
    );
  }
  return { data, rows, cols };
}
