import type { LayerRow } from "../contract/results.js";
import type { ChainRow, DifferenceRow, FlowRow, SummaryRow, TwinRow } from "../contract/trust.js";
import type { Estimated } from "../similarity/estimate.js";
import type { StudyResult } from "../study.js";
import type { FindingsInput } from "./findings.js";
import { sidesOf, value } from "./tables.js";
import { versionsOf } from "./versions.js";

export function summaryRows({ study, trust }: StudyResult): SummaryRow[] {
  const id = (at: number | undefined) => (at === undefined ? "" : study.networks[at]!.id);
  return trust.summaries.map(({ quantity, pairing, networks, estimate, n }) => ({
    quantity,
    pairing,
    model_a: id(networks?.[0]),
    model_b: id(networks?.[1]),
    ...columnsOf(estimate),
    n_images: study.test.length,
    n_cells: n,
  }));
}

function columnsOf(e: Estimated) {
  return {
    value: value(e.value),
    ci_low: value(e.low),
    ci_high: value(e.high),
    null_mean: value(e.nullMean),
    null_sd: value(e.nullSd),
    p_value: value(e.p),
    null: e.null,
  };
}

/** Health of every shuffled twin, for run.json. */
export function twinRows({ study, layers, mined }: StudyResult): TwinRow[] {
  const explained = (network: number) => {
    const own = mined.filter((_, l) => layers[l]!.network === network);
    return value(own.reduce((sum, m) => sum + m.fit.explainedVariance, 0) / own.length);
  };
  return study.networks.flatMap(({ id, twin }, at) => {
    if (!twin) return [];
    const { health } = twin;
    return [
      {
        id,
        twin_of: twin.of,
        seed: twin.seed,
        convolutions: health.convolutions,
        levels: health.levels,
        channels: health.channels,
        dead_channels: health.deadChannels,
        maximum: health.maximum,
        maximum_ratio: health.maximumRatio,
        mean_error: health.meanError,
        sd_error: health.sdError,
        explained_variance: explained(at),
        explained_variance_trained: explained(study.networks.findIndex((n) => n.id === twin.of)),
      },
    ];
  });
}

/** Edges of the concept flow. Concepts of twins are followed too. */
export function flowRows({ study, layers, trust }: StudyResult): FlowRow[] {
  return trust.edges.map((e) => {
    const [a, b] = [layers[e.a]!, layers[e.b]!];
    return {
      scope: a.network === b.network ? ("within" as const) : ("between" as const),
      model_a: study.networks[a.network]!.id,
      layer_a: a.tap.name,
      concept_a: e.conceptA,
      depth_a: a.tap.depth,
      model_b: study.networks[b.network]!.id,
      layer_b: b.tap.name,
      concept_b: e.conceptB,
      depth_b: b.tap.depth,
      weight: e.weight,
      null_99: value(e.null99),
      mutual: e.mutual,
      above_null: e.aboveNull,
    };
  });
}

export function chainRows({ study, layers, trust }: StudyResult): ChainRow[] {
  return trust.chains.flatMap((chains, network) =>
    chains.map((c, chain) => {
      const [birth, last] = [layers[c.layers[0]!]!.tap, layers[c.layers.at(-1)!]!.tap];
      return {
        model: study.networks[network]!.id,
        chain,
        birth_layer: birth.name,
        birth_concept: c.concepts[0]!,
        birth_depth: birth.depth,
        last_layer: last.name,
        last_depth: last.depth,
        lifetime: c.layers.length,
        lifetime_depth: last.depth - birth.depth,
        splits: c.splits,
        merges: c.merges,
        concepts: c.concepts.join(">"),
      };
    }),
  );
}

export function differenceRows({ study, layers, trust }: StudyResult): DifferenceRow[] {
  const place = (l: number) => ({ model: study.networks[layers[l]!.network]!.id, layer: layers[l]!.tap.name });
  return trust.differences.flatMap((d) =>
    d.images.map((image, order) => ({
      model_a: place(d.a).model,
      layer_a: place(d.a).layer,
      model_b: place(d.b).model,
      layer_b: place(d.b).layer,
      held_by: place(d.held).model,
      group: d.group,
      difference: d.difference,
      rank_here: d.rankHere,
      rank_there: d.rankThere,
      order,
      image: study.test[image]!.id,
    })),
  );
}

/** Controls as rows of layers.csv: similarity, forward and null_mean hold value, value of an asymmetric measure and chance; flags the reason of a refusal. */
export function controlRows({ study, layers, trust, comparison }: StudyResult): LayerRow[] {
  const pairing = new Map(comparison.cells.map(({ a, b }, i) => [`${a} ${b}`, trust.cells[i]!.pairing]));
  return trust.controls.map(({ id, a, b, score, samples, featuresA, featuresB, replaced }) => {
    const [first, second] = [layers[a]!, layers[b]!];
    const flags = [
      ...(a === b ? ["identity"] : []),
      ...(score.refused ? [`refused: ${score.refused}`] : []),
      ...(score.note ? [score.note] : []),
    ];
    return {
      method: id,
      pairing: (pairing.get(`${a} ${b}`) ?? pairing.get(`${b} ${a}`))!,
      ...sidesOf(study, first, second),
      similarity: value(score.value ?? Number.NaN),
      pair_iou: null,
      debiased: null,
      raw_iou: null,
      forward: value(score.reverse === undefined ? undefined : (score.value ?? undefined)),
      backward: value(score.reverse),
      one_to_one: value(replaced?.matched),
      null_mean: value(score.chance),
      null_sd: null,
      z: null,
      p_value: null,
      q_value: null,
      ci_low: null,
      ci_high: null,
      ci_images_low: value(replaced?.low),
      ci_images_high: value(replaced?.high),
      refit_sd: null,
      self_a: value(replaced?.own),
      self_b: null,
      coarsest: null,
      coarsest_grid: "",
      pearson: null,
      grid: replaced ? `${first.tap.height}x${first.tap.width}` : "1x1",
      n_images: samples,
      k_a: featuresA,
      k_b: featuresB,
      flags: flags.join(";").replaceAll("\n", " "),
    };
  });
}

/** What the sentences of a run are made of. */
export function findingsInput(result: StudyResult): FindingsInput {
  const { study } = result;
  return {
    networks: study.networks.filter((n) => !n.twin).map((n) => n.id),
    summaries: summaryRows(result),
    twins: twinRows(result),
    images: study.test.length,
    layers: Object.fromEntries(study.networks.map((n) => [n.id, n.taps.length])),
    versions: versionsOf(result),
  };
}
