import { pack, unpack } from "../../contract/packed.js";
import { isSamesightError } from "../../errors.js";
import type { Grid } from "../../maps/grid.js";
import { gridName } from "../../maps/grid.js";
import { bootstrapWeights, normalInterval } from "../../numerics/bootstrap.js";
import { seededRandom } from "../../numerics/random.js";
import type { Matrix } from "../../numerics/types.js";
import { foldsOf } from "../../similarity/controls/regression.js";
import type { Moved } from "../../similarity/replacement.js";
import { keptShare } from "../../similarity/replacement.js";
import { conceptsOf } from "../concepts.js";
import type { Context } from "../context.js";
import { keyOf, loaded } from "../context.js";
import { effectsOf } from "./effects.js";

export const FOLDS = 5;
/** A source layer whose grid is so many times coarser on an axis cannot tell where anything is. */
const COARSEST = 8;
/** Below this share the concepts of a layer are little of what it gives the output. */
const LEAST_KEPT = 0.5;

/** What the concepts of `source` do in the place of those of `head`, in the network that goes on from `head`. */
export interface Replacement {
  readonly head: number;
  readonly source: number;
  /** Kept share of the effect of the layer's own concepts; null when refused. */
  readonly kept: number | null;
  /** 95 % interval from the test images. */
  readonly low: number;
  readonly high: number;
  /** The same with each coefficient from one concept of its own. */
  readonly matched: number;
  /** The same with the source's images permuted, predictors and all. */
  readonly chance: number;
  /** Share of the layer's effect on the output that its own concepts keep. */
  readonly own: number;
  /** What the layer's own concepts keep when they pass through the source's coarser grid; NaN where it is not coarser. */
  readonly throughGrid: number;
  readonly images: number;
  readonly note: string;
  readonly refused?: string;
}

/** Every layer of every other trained network, in the place of one layer of a trained network. */
export async function replacement(context: Context, { layer }: { layer: number }): Promise<void> {
  const { store } = context;
  const key = keyFor(context, layer);
  if (await store.has(key)) return;
  await store.put(key, pack(await replaced(context, layer), "replacement"));
}

export async function replacementOf(context: Context, layer: number): Promise<Replacement[]> {
  return unpack(await loaded(context, keyFor(context, layer), () => replacement(context, { layer })));
}

/** Layers that the test is about: those of trained networks, where there are two or more. */
export function replacedLayers({ plan, study }: Context): number[] {
  const trained = new Set(study.networks.flatMap((n, at) => (n.twin ? [] : [at])));
  return trained.size < 2 ? [] : plan.layers.flatMap((l, at) => (trained.has(l.network) ? [at] : []));
}

function keyFor(context: Context, layer: number): string {
  const { plan, study } = context;
  const networks = [...new Set(replacedLayers(context).map((l) => plan.layers[l]!.network))];
  return keyOf(
    context,
    "replacement",
    layer,
    networks.map((n) => plan.testShards.map((_, s) => plan.keys.maps(n, s))),
    study.test.map((i) => i.group),
    [study.config.seed, study.config.similarity.bootstrap],
    study.networks[plan.layers[layer]!.network]!.whole !== undefined,
  );
}

async function replaced(context: Context, layer: number): Promise<Replacement[]> {
  const { plan, study } = context;
  const { network, index, tap } = plan.layers[layer]!;
  const { id, whole } = study.networks[network]!;
  const sources = replacedLayers(context).filter((l) => plan.layers[l]!.network !== network);
  const images = Array.from(plan.cellImages);
  const groups = numbered(images.map((x) => study.test[x]!.group));
  const folds = foldsOf(images.length, groups, FOLDS);
  const all = (refused: string) => sources.map((source) => without(layer, source, images.length, refused));
  if (whole === undefined) return all(`the study holds no head of ${id}`);
  if (study.config.concepts.method === "kmeans") return all("concepts of kmeans do not add up to the activations");
  if (typeof folds === "string") return all(folds);
  const mined = await conceptsOf(context, network, index);
  const cells: Grid = { h: tap.height, w: tap.width };
  const able = sources.filter((l) => tooCoarse(plan.layers[l]!.grid, cells) === undefined);
  try {
    const effects = await effectsOf(context, { layer, whole, mined, sources: able, images, groups, folds });
    return sources.map((source) => {
      const refused = tooCoarse(plan.layers[source]!.grid, cells);
      if (refused !== undefined) return without(layer, source, images.length, refused);
      return scored(context, layer, source, able.indexOf(source), effects);
    });
  } catch (error) {
    if (isSamesightError(error) && error.code === "unsupported") return all(error.message);
    throw error;
  }
}

type Effects = Awaited<ReturnType<typeof effectsOf>>;

function scored(context: Context, head: number, source: number, at: number, effects: Effects): Replacement {
  const { plan } = context;
  const { byMean, ownMoved, ownByMean, images, groups } = effects;
  const { regression, matched, permuted } = effects.bySource[at]!;
  const kept = keptShare(regression, byMean);
  if (!Number.isFinite(kept)) {
    return without(head, source, images.length, "the mean in the place of all concepts moves no output");
  }
  const grid = plan.layers[source]!.grid;
  const through = effects.throughGrid.get(gridName(grid));
  const throughGrid = through ? keptShare(through, byMean) : Number.NaN;
  const own = keptShare(ownMoved, ownByMean);
  const weights = resamples(images.length, context, groups);
  const { low, high } = normalInterval(kept, resampled(regression, byMean, weights));
  const share = (x: number) => `${Math.round(100 * x)} %`;
  const { same } = effects;
  const notes = [
    ...(own < LEAST_KEPT ? [`the layer's concepts alone keep ${own.toFixed(2)} of what it gives the output`] : []),
    ...(throughGrid < 0.9
      ? [`its own concepts on the other's ${gridName(grid)} grid keep ${throughGrid.toFixed(2)}`]
      : []),
    ...(effects.beside > 0 ? [`${effects.beside} tensors that go around the layer stay as they are`] : []),
    ...(same ? [`same first class on ${share(same.bySource[at]!)} (mean in place: ${share(same.byMean)})`] : []),
  ];
  return {
    head,
    source,
    kept,
    low,
    high: Math.min(1, high),
    matched: keptShare(matched, byMean),
    chance: keptShare(permuted, byMean),
    own,
    throughGrid,
    images: images.length,
    note: notes.join(";"),
  };
}

function without(head: number, source: number, images: number, refused: string): Replacement {
  const none = { low: Number.NaN, high: Number.NaN, matched: Number.NaN, chance: Number.NaN };
  return { head, source, kept: null, ...none, own: Number.NaN, throughGrid: Number.NaN, images, note: "", refused };
}

function tooCoarse(grid: Grid, cells: Grid): string | undefined {
  const times = Math.max(cells.h / grid.h, cells.w / grid.w);
  return times > COARSEST
    ? `a ${gridName(grid)} grid cannot stand for ${gridName(cells)} cells (${COARSEST} times at most)`
    : undefined;
}

function resamples(n: number, { study }: Context, groups: readonly number[]): Matrix {
  const random = seededRandom(study.config.seed, "replacement");
  return bootstrapWeights(n, study.config.similarity.bootstrap, random, groups.map(String));
}

function resampled(moved: Moved, byMean: Moved, { data, rows, cols }: Matrix): Float64Array {
  return Float64Array.from({ length: rows }, (_, r) =>
    keptShare(moved, byMean, data.subarray(r * cols, (r + 1) * cols)),
  );
}

/** Labels as numbers, in order of appearance. */
function numbered(labels: readonly string[]): number[] {
  const seen = new Map<string, number>();
  return labels.map((l) => {
    if (!seen.has(l)) seen.set(l, seen.size);
    return seen.get(l)!;
  });
}
