import type { ConceptRow, LayerRow } from "../contract/results.js";
import type { BridgeRow, ConceptLayerRow } from "../contract/supervised.js";

/** Rows of layers.csv for the supervised method, from those of concept_layers.csv: S' is the mean set IoU of shared concepts, its null subtracted. */
export function supervisedLayerRows(
  rows: readonly ConceptLayerRow[],
  method: string,
  grid: number,
  images: number,
): LayerRow[] {
  return rows.flatMap((r) => {
    const same = r.model_a === r.model_b && r.layer_a === r.layer_b;
    const row: LayerRow = {
      method,
      pairing: "TT",
      model_a: r.model_a,
      layer_a: r.layer_a,
      model_b: r.model_b,
      layer_b: r.layer_b,
      depth_a: r.depth_a,
      depth_b: r.depth_b,
      similarity: r.similarity,
      pair_iou: r.mean_iou,
      raw_iou: r.mean_iou,
      forward: null,
      backward: null,
      one_to_one: null,
      null_mean: r.null_mean,
      null_sd: null,
      z: null,
      p_value: null,
      q_value: null,
      ci_low: r.ci_low,
      ci_high: r.ci_high,
      ci_images_low: r.ci_low,
      ci_images_high: r.ci_high,
      refit_sd: null,
      self_a: null,
      self_b: null,
      coarsest: null,
      coarsest_grid: "",
      pearson: null,
      debiased: null,
      grid: `${grid}x${grid}`,
      n_images: images,
      k_a: r.shared,
      k_b: r.shared,
      flags: [...(same ? ["identity"] : []), ...(r.shared === 0 ? ["no concept is present in both"] : [])].join(";"),
    };
    const mirror = {
      ...row,
      layer_a: row.layer_b,
      layer_b: row.layer_a,
      depth_a: row.depth_b,
      depth_b: row.depth_a,
    };
    return !same && r.model_a === r.model_b ? [row, mirror] : [row];
  });
}

/** Mined concepts with the names that the bridge gives them. */
export function namedConcepts(concepts: readonly ConceptRow[], bridge: readonly BridgeRow[]): ConceptRow[] {
  const known = new Map(bridge.map((b) => [JSON.stringify([b.model, b.layer, b.concept]), b]));
  return concepts.map((c) => {
    const b = known.get(JSON.stringify([c.model, c.layer, c.concept]));
    return b ? { ...c, label: b.label, label_iou: b.label_iou } : c;
  });
}
