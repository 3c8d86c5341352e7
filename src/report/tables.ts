import type { ConceptRow, LayerRow, PairRow, TapRow } from "../contract/results.js";
import { normalInterval } from "../numerics/bootstrap.js";
import { normalQuantile } from "../numerics/statistics.js";
import type { StudyResult } from "../study.js";

/** NaN is no value: null in every file. */
export const value = (x: number | undefined): number | null => (x === undefined || !Number.isFinite(x) ? null : x);

/** Below this the layer does not find its own concepts again when mined from other images. */
const LEAST_SELF = 0.2;

/** A difference of S' between grids that is worth a word, beyond what the interval allows. */
const GRID_MATTERS = 0.1;
/** S' from which the position check is worth a word, and the share of it that the check must leave. */
const WORTH_A_CHECK = 0.05;
const LEAST_LEFT = 0.5;

/** The columns that say which two layers a row is about. */
export function sidesOf(
  study: StudyResult["study"],
  first: StudyResult["layers"][number],
  second: StudyResult["layers"][number],
): Pick<LayerRow, "model_a" | "layer_a" | "model_b" | "layer_b" | "depth_a" | "depth_b"> {
  return {
    model_a: study.networks[first.network]!.id,
    layer_a: first.tap.name,
    model_b: study.networks[second.network]!.id,
    layer_b: second.tap.name,
    depth_a: first.tap.depth,
    depth_b: second.tap.depth,
  };
}

/** layers.csv: pairs inside a network both ways round, pairs between networks once. */
export function layerRows({ study, layers, comparison, trust }: StudyResult): LayerRow[] {
  const rows: LayerRow[] = [];
  const coarsest = layers.reduce(
    (g, l) => ({ h: Math.min(g.h, l.grid.h), w: Math.min(g.w, l.grid.w) }),
    layers[0]!.grid,
  );
  comparison.cells.forEach(({ a, b, grid, result, raw, coarsest: onCoarsest }, at) => {
    const [first, second] = [layers[a]!, layers[b]!];
    const { similarity, significance, nullDistribution, interval } = result;
    const { pairing, q, low, high, refitSd, pearson } = trust.cells[at]!;
    const row: LayerRow = {
      method: study.config.concepts.method,
      pairing,
      ...sidesOf(study, first, second),
      similarity: value(significance.similarity),
      pair_iou: value(similarity.similarity),
      debiased: value(result.debiased),
      raw_iou: value(raw),
      forward: value(similarity.forward),
      backward: value(similarity.backward),
      one_to_one: value(similarity.oneToOne),
      null_mean: value(nullDistribution.mean),
      null_sd: value(nullDistribution.sd),
      z: value(significance.z),
      p_value: value(significance.p),
      q_value: value(q),
      ci_low: value(low),
      ci_high: value(high),
      ci_images_low: value(interval?.low),
      ci_images_high: value(interval && Math.min(1, interval.high)),
      refit_sd: value(refitSd),
      self_a: value(comparison.self[a]),
      self_b: value(comparison.self[b]),
      coarsest: value(onCoarsest),
      coarsest_grid: `${coarsest.h}x${coarsest.w}`,
      pearson: value(pearson),
      grid: `${grid.h}x${grid.w}`,
      n_images: study.test.length,
      k_a: result.ka,
      k_b: result.kb,
      flags: "",
    };
    row.flags = flagsOf(a === b, row, silentConcepts(result)).join(";");
    rows.push(row);
    if (a !== b && first.network === second.network) rows.push(mirrored(row));
  });
  return rows;
}

/** Concepts of either layer that no test image shows on the pair's grid. */
function silentConcepts({ areasA, areasB }: { areasA: Float64Array; areasB: Float64Array }): number {
  return [...areasA, ...areasB].filter((area) => area === 0).length;
}

/** Reasons for care, in words. */
function flagsOf(same: boolean, row: LayerRow, silent: number): string[] {
  const flags: string[] = [];
  const { similarity, coarsest, pearson } = row;
  if (same) flags.push("identity");
  if (similarity === null) flags.push("no concept shows on the test images");
  else if (silent > 0) flags.push(`${silent} concepts show on no test image`);
  if (!(row.p_value !== null && row.p_value <= 0.05)) flags.push("not above chance");
  else if (row.q_value !== null && row.q_value > 0.05) flags.push("not above chance among so many cells");
  if ([row.self_a, row.self_b].some((s) => s !== null && s < LEAST_SELF)) flags.push("unstable layer");
  if (same || similarity === null) return flags;
  const outside =
    coarsest !== null && (row.ci_low === null || coarsest < row.ci_low || coarsest > (row.ci_high ?? coarsest));
  if (outside && Math.abs(coarsest - similarity) > GRID_MATTERS)
    flags.push(`${coarsest < similarity ? "less" : "more"} alike on the coarsest grid (${coarsest.toFixed(2)})`);
  if (similarity > WORTH_A_CHECK && pearson !== null && pearson < LEAST_LEFT * similarity)
    flags.push(`alike mostly by position: ${pearson.toFixed(2)} with each position's mean removed`);
  return flags;
}

function mirrored(r: LayerRow): LayerRow {
  return {
    ...r,
    layer_a: r.layer_b,
    layer_b: r.layer_a,
    depth_a: r.depth_b,
    depth_b: r.depth_a,
    forward: r.backward,
    backward: r.forward,
    self_a: r.self_b,
    self_b: r.self_a,
    k_a: r.k_b,
    k_b: r.k_a,
  };
}

/** Rows of concepts.csv: a row for each concept of each layer; labels are not filled in. */
export function conceptRows({ study, layers, mined, comparison }: StudyResult): ConceptRow[] {
  return layers.flatMap((layer, at) => {
    const { fit, stability } = mined[at]!;
    const { values, density } = comparison.thresholds[at]!;
    return Array.from(fit.energy, (energy, concept) => ({
      model: study.networks[layer.network]!.id,
      layer: layer.tap.name,
      concept,
      method: study.config.concepts.method,
      energy: Math.min(1, Math.max(0, energy)),
      quality: value(fit.explainedVariance),
      threshold: values[concept]!,
      density: density[concept]!,
      stability: value(stability[concept]),
      label: null,
      label_iou: null,
    }));
  });
}

/** 95 %: +- 1.96 sd over resamples of the test images; J* is at most 1. */
function pairBounds(corrected: number, sd = Number.NaN): { low: number; high: number } {
  const half = normalQuantile(0.975) * sd;
  return { low: corrected - half, high: Math.min(1, corrected + half) };
}

/** Rows of pairs.parquet: a row for each pair of concepts of each pair of layers a <= b. Counts are cells, summed over the test images. */
export function pairRows({ study, layers, comparison }: StudyResult): PairRow[] {
  const rows: PairRow[] = [];
  for (const { a, b, result } of comparison.cells) {
    const { ka, kb } = result;
    for (let i = 0; i < ka; i++) {
      for (let j = 0; j < kb; j++) {
        const [forA, forB] = [result.similarity.bestForA[i] === j, result.similarity.bestForB[j] === i];
        const corrected = value(result.iou.corrected.data[i * kb + j]);
        const ofA = forA ? bestInterval(corrected, result.interval?.bestA, ka, i) : NONE;
        const ofB = forB ? bestInterval(corrected, result.interval?.bestB, kb, j) : NONE;
        const both = result.intersections[i * kb + j]!;
        const bounds = pairBounds(result.iou.corrected.data[i * kb + j]!, result.interval?.pairSd[i * kb + j]);
        rows.push({
          model_a: study.networks[layers[a]!.network]!.id,
          layer_a: layers[a]!.tap.name,
          concept_a: i,
          model_b: study.networks[layers[b]!.network]!.id,
          layer_b: layers[b]!.tap.name,
          concept_b: j,
          intersection: both,
          union: result.areasA[i]! + result.areasB[j]! - both,
          iou: value(result.iou.raw.data[i * kb + j]),
          corrected,
          ci_low: value(bounds.low),
          ci_high: value(bounds.high),
          best_for_a: forA,
          best_for_b: forB,
          assigned: result.similarity.assigned[i] === j,
          best_low_a: ofA.low,
          best_high_a: ofA.high,
          best_low_b: ofB.low,
          best_high_b: ofB.high,
        });
      }
    }
  }
  return rows;
}

const NONE: { low: number | null; high: number | null } = { low: null, high: null };

/** J* of a concept's best partner: estimate +- z sd over the resamples (resamples x k), as for S'; the partner may be another in each. At most 1. */
function bestInterval(estimate: number | null, best: Float32Array | undefined, k: number, concept: number) {
  if (estimate === null || !best) return NONE;
  const { low, high } = normalInterval(
    estimate,
    best.filter((_, at) => at % k === concept),
  );
  return { low: value(low), high: value(Math.min(1, high)) };
}

/** Taps of the network at `network`, for run.json. */
export function tapRows({ layers, mined }: StudyResult, network: number): TapRow[] {
  return layers.flatMap((layer, at) => {
    if (layer.network !== network) return [];
    const { tap } = layer;
    return [
      {
        name: tap.name,
        op: tap.op,
        channels: tap.channels,
        height: tap.height,
        width: tap.width,
        depth: tap.depth,
        head_depth: tap.headDepth,
        trunk: tap.trunk,
        negative_energy: Math.min(1, mined[at]!.negativeEnergy),
        explained_variance: value(mined[at]!.fit.explainedVariance),
        k: mined[at]!.fit.vectors.rows,
      },
    ];
  });
}
