import { asPlanes } from "../../activations/forward.js";
import { fromPlanes } from "../../activations/unplanes.js";
import { conceptMethods } from "../../concepts/methods.js";
import { mapConcurrent } from "../../dataset/prefetch.js";
import { preprocess } from "../../dataset/preprocess.js";
import { SamesightError } from "../../errors.js";
import type { Grid } from "../../maps/grid.js";
import { gridName } from "../../maps/grid.js";
import type { Matrix64 } from "../../numerics/types.js";
import type { Linear } from "../../similarity/replacement.js";
import { FoldSums, predicted } from "../../similarity/replacement.js";
import type { Context } from "../context.js";
import { activationsOf } from "../look.js";
import type { Distance } from "./goingon.js";
import { distanceFor, GoingOn } from "./goingon.js";
import { rebuilt, replacedIn } from "./rebuild.js";
import type { Asked } from "./scenes.js";
import { Scenes } from "./scenes.js";

/** Distances of the outputs: images x output tensors. The reference is the layer rebuilt from its own concepts, except for `ownMoved` and `ownByMean`: the layer as it is. */
export interface Effects extends Pick<Asked, "images" | "groups"> {
  readonly byMean: Matrix64;
  readonly ownMoved: Matrix64;
  readonly ownByMean: Matrix64;
  readonly bySource: readonly Record<"regression" | "matched" | "permuted", Matrix64>[];
  /** By name of a grid that is coarser than the layer's: own coefficients through that grid. */
  readonly throughGrid: ReadonlyMap<string, Matrix64>;
  /** Shares of images with the same first class; undefined where the network is no classifier. */
  readonly same: { readonly byMean: number; readonly bySource: readonly number[] } | undefined;
  readonly beside: number;
}

/**
 * Two passes over the images, one image in memory at a time: sums for the predictors of each fold, then the network run on from every replacement.
 * Throws SamesightError `unsupported` where the network does not go on from the layer.
 */
export async function effectsOf(context: Context, asked: Asked): Promise<Effects> {
  const { study, plan } = context;
  const { network, tap } = plan.layers[asked.layer]!;
  const { inputName } = study.networks[network]!;
  const on = await GoingOn.open(context, asked.whole, inputName, tap.name);
  try {
    const fitted = await predictorsOf(context, asked);
    return await runOn(context, asked, fitted, on);
  } finally {
    await on.release();
  }
}

interface Fitted {
  /** Per source and fold. */
  readonly regression: readonly (readonly Linear[])[];
  readonly matched: readonly (readonly Linear[])[];
  readonly permuted: readonly (readonly Linear[])[];
  /** Mean of what the concepts leave, a value a channel. */
  readonly residual: Float32Array;
  /** Mean coefficients outside each fold. */
  readonly means: readonly Float64Array[];
}

async function predictorsOf(context: Context, asked: Asked): Promise<Fitted> {
  const { study, plan } = context;
  const { network, index, tap } = plan.layers[asked.layer]!;
  const folds = Math.max(...asked.folds) + 1;
  const t = asked.mined.fit.vectors.rows;
  const sums: FoldSums[] = [];
  const apart: FoldSums[] = [];
  const residual = new Float64Array(tap.channels);
  let cells = 0;
  const scenes = new Scenes(context, asked);
  const refs = asked.images.map((x) => study.test[x]!);
  for await (const { at, activations } of activationsOf(context, network, refs)) {
    const raw = activations[index]!;
    const scene = await scenes.at(at, raw);
    scene.sources.forEach((x, s) => {
      sums[s] ??= new FoldSums(folds, x.length / scene.inside.length, t);
      apart[s] ??= new FoldSums(folds, x.length / scene.inside.length, t);
      sums[s].add(asked.folds[at]!, x, scene.own, scene.inside);
      apart[s].add(asked.folds[at]!, scene.permuted[s]!, scene.own, scene.inside);
    });
    const built = await rebuilt(context, asked.mined, scene.own, raw);
    for (let p = 0; p < scene.inside.length; p++) {
      if (!scene.inside[p]) continue;
      cells++;
      for (let c = 0; c < raw.c; c++)
        residual[c]! += raw.data[c * scene.inside.length + p]! - built.data[c * scene.inside.length + p]!;
    }
  }
  if (cells === 0) throw new SamesightError("unsupported", "no cell of the layer lies in what all networks see");
  const each = (list: readonly FoldSums[], kind: "regression" | "matched") =>
    list.map((s) => Array.from({ length: folds }, (_, f) => s.predictors(f)[kind]));
  const regression = each(sums, "regression");
  return {
    regression,
    matched: each(sums, "matched"),
    permuted: each(apart, "regression"),
    residual: Float32Array.from(residual, (v) => v / cells),
    means: Array.from({ length: folds }, (_, f) => regression[0]![f]!.meanY),
  };
}

async function runOn(context: Context, asked: Asked, fitted: Fitted, on: GoingOn): Promise<Effects> {
  const { study, plan } = context;
  const { network, tap, grid } = plan.layers[asked.layer]!;
  const { preprocessing } = study.networks[network]!;
  const signed = conceptMethods[study.config.concepts.method].signed;
  const scenes = new Scenes(context, asked);
  const grids = coarserGrids(
    asked.sources.map((l) => plan.layers[l]!.grid),
    grid,
  );
  const refs = asked.images.map((x) => study.test[x]!);
  let distance: Distance | undefined;
  const rows = new Map<string, number[]>();
  const same = new Map<string, number>();
  const note = (name: string, distances: readonly number[]) => {
    const own = rows.get(name) ?? [];
    rows.set(name, own);
    own.push(...distances);
  };
  let at = 0;
  for await (const picture of mapConcurrent(refs, study.config.batchSize, (image) => context.decode(image))) {
    const passing = await on.pass(preprocess([picture], preprocessing).input);
    const raw = asPlanes(passing.cut, tap);
    const scene = await scenes.at(at, raw);
    const fold = asked.folds[at]!;
    const cells = scene.inside.length;
    const outputsWith = async (coefficients: Float32Array) => {
      const planes = await replacedIn(context, asked.mined, coefficients, fitted.residual, raw, scene.inside);
      return on.outputs(fromPlanes(planes, tap, passing.cut), passing);
    };
    const before = await on.outputs(passing.cut, passing);
    distance ??= distanceFor(before);
    const reference = await outputsWith(scene.own);
    const byMean = await outputsWith(
      Float32Array.from(scene.own, (_, i) => fitted.means[fold]![Math.floor(i / cells)]!),
    );
    note("ownMoved", distance.between(before, reference));
    note("ownByMean", distance.between(before, byMean));
    const compare = async (name: string, coefficients: Float32Array) => {
      const outputs = await outputsWith(coefficients);
      note(name, distance!.between(reference, outputs));
      if (distance!.same(reference, outputs)) same.set(name, (same.get(name) ?? 0) + 1);
    };
    note("byMean", distance.between(reference, byMean));
    if (distance.same(reference, byMean)) same.set("byMean", (same.get("byMean") ?? 0) + 1);
    for (const [s] of asked.sources.entries()) {
      const from = (kind: "regression" | "matched" | "permuted", x: Float32Array) =>
        predicted(fitted[kind][s]![fold]!, x, cells, signed);
      await compare(`regression ${s}`, from("regression", scene.sources[s]!));
      await compare(`matched ${s}`, from("matched", scene.sources[s]!));
      await compare(`permuted ${s}`, from("permuted", scene.permuted[s]!));
    }
    for (const g of grids) await compare(`grid ${gridName(g)}`, scenes.through(at, scene.own, g));
    at++;
  }
  const table = (name: string): Matrix64 => {
    const data = Float64Array.from(rows.get(name)!);
    return { data, rows: asked.images.length, cols: data.length / asked.images.length };
  };
  const shareOf = (name: string) => (same.get(name) ?? 0) / asked.images.length;
  return {
    images: asked.images,
    groups: asked.groups,
    byMean: table("byMean"),
    ownMoved: table("ownMoved"),
    ownByMean: table("ownByMean"),
    bySource: asked.sources.map((_, s) => ({
      regression: table(`regression ${s}`),
      matched: table(`matched ${s}`),
      permuted: table(`permuted ${s}`),
    })),
    throughGrid: new Map(grids.map((g) => [gridName(g), table(`grid ${gridName(g)}`)])),
    same:
      distance?.kind === "divergence"
        ? { byMean: shareOf("byMean"), bySource: asked.sources.map((_, s) => shareOf(`regression ${s}`)) }
        : undefined,
    beside: on.beside,
  };
}

function coarserGrids(grids: readonly Grid[], own: Grid): Grid[] {
  const some = grids.filter((g) => g.h < own.h || g.w < own.w);
  return [...new Map(some.map((g) => [gridName(g), g])).values()];
}
