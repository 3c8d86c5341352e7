import type { ConceptRow, LayerRow, PairRow } from "../contract/results.js";

export interface CheckOptions {
  /** Least similarity S' that a layer must keep. */
  readonly minSimilarity: number;
  /** Least J* with its best partner for a concept to count as kept; undefined: concepts are not checked. */
  readonly minConcept?: number;
  /** An interval that holds the limit passes with a warning instead of failing. */
  readonly lenient?: boolean;
}

/** `passed`: the whole interval is at or above the limit; `failed`: all of it is below; `undecided`: it holds the limit. */
export type Verdict = "passed" | "failed" | "undecided";

export interface LayerCheck {
  readonly model: string;
  readonly layer: string;
  readonly depth: number;
  /** Layer of the new network that it was held against. */
  readonly counterpart: string;
  readonly similarity: number | null;
  readonly ciLow: number | null;
  readonly ciHigh: number | null;
  /** S' of the old layer with its own refit: as much as can be asked. */
  readonly ceiling: number | null;
  readonly verdict: Verdict;
  readonly lost: readonly LostConcept[];
  /** Concepts of the old layer. */
  readonly concepts: number;
}

export interface LostConcept {
  readonly concept: number;
  readonly label: string | null;
  /** J* with its best partner in the counterpart. */
  readonly best: number | null;
}

export interface CheckResult {
  readonly options: CheckOptions;
  readonly images: number;
  readonly layers: readonly LayerCheck[];
  readonly ok: boolean;
}

export interface CheckedRun {
  /** The concept method whose rows are judged; rows of controls and probes are left aside. */
  readonly method: string;
  readonly layers: readonly LayerRow[];
  readonly concepts: readonly ConceptRow[];
  readonly pairs: readonly PairRow[];
}

/**
 * Holds each layer of the old networks against its counterpart in the new ones: the layer of the same name, else the most similar one. `pairs` names the
 * old and the new network of each check. The interval decides, not the estimate; a run without intervals is decided by the estimate.
 */
export function checkRun(
  run: CheckedRun,
  pairs: readonly { readonly before: string; readonly after: string }[],
  options: CheckOptions,
): CheckResult {
  const layers = pairs.flatMap(({ before, after }) => {
    const rows = run.layers
      .map((r) => (r.method === run.method ? oriented(r, before, after) : undefined))
      .filter((r): r is LayerRow => r !== undefined);
    const old = [...new Map(rows.map((r) => [r.layer_a, r.depth_a])).entries()];
    return old.map(([layer, depth]) => {
      const candidates = rows.filter((r) => r.layer_a === layer);
      const same = candidates.find((r) => r.layer_b === layer);
      const row = same ?? candidates.reduce((best, r) => ((r.similarity ?? -1) > (best.similarity ?? -1) ? r : best));
      const mine = run.concepts.filter((c) => c.model === before && c.layer === layer);
      return {
        model: after,
        layer,
        depth,
        counterpart: row.layer_b,
        similarity: row.similarity,
        ciLow: row.ci_low,
        ciHigh: row.ci_high,
        ceiling: row.self_a,
        verdict: verdictOf(row, options.minSimilarity),
        lost: options.minConcept === undefined ? [] : lostOf(run, mine, row, after, options.minConcept),
        concepts: mine.length,
      };
    });
  });
  const fine = (l: LayerCheck) => l.verdict === "passed" || (l.verdict === "undecided" && options.lenient === true);
  const images = run.layers[0]?.n_images ?? 0;
  return { options, images, layers, ok: layers.length > 0 && layers.every((l) => fine(l) && l.lost.length === 0) };
}

/** A row of concept maps with the old network as a; undefined for other rows. */
function oriented(r: LayerRow, before: string, after: string): LayerRow | undefined {
  if (r.model_a === before && r.model_b === after) return r;
  if (r.model_a !== after || r.model_b !== before) return undefined;
  const turned = { model_a: before, model_b: after, layer_a: r.layer_b, layer_b: r.layer_a };
  return {
    ...r,
    ...turned,
    depth_a: r.depth_b,
    depth_b: r.depth_a,
    self_a: r.self_b,
    self_b: r.self_a,
    k_a: r.k_b,
    k_b: r.k_a,
  };
}

function verdictOf({ similarity, ci_low, ci_high }: LayerRow, least: number): Verdict {
  const low = ci_low ?? similarity;
  const high = ci_high ?? similarity;
  if (low === null || high === null) return "undecided";
  return low >= least ? "passed" : high < least ? "failed" : "undecided";
}

/** Concepts without a partner of J* >= least, unless a concept of the same name is there. */
function lostOf(
  run: CheckedRun,
  mine: readonly ConceptRow[],
  row: LayerRow,
  after: string,
  least: number,
): LostConcept[] {
  const names = new Set(
    run.concepts.filter((c) => c.model === after && c.layer === row.layer_b && c.label !== null).map((c) => c.label),
  );
  return mine.flatMap(({ concept, label }) => {
    const values = run.pairs.flatMap((p) => {
      if (p.model_a === row.model_a && p.layer_a === row.layer_a && p.model_b === after && p.layer_b === row.layer_b)
        return p.concept_a === concept ? [p.corrected ?? 0] : [];
      if (p.model_b === row.model_a && p.layer_b === row.layer_a && p.model_a === after && p.layer_a === row.layer_b)
        return p.concept_b === concept ? [p.corrected ?? 0] : [];
      return [];
    });
    const best = values.length > 0 ? Math.max(...values) : null;
    const kept = (best !== null && best >= least) || (label !== null && names.has(label));
    return kept ? [] : [{ concept, label, best }];
  });
}
