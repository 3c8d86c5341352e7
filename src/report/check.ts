import type { ConceptRow, LayerRow, PairRow } from "../contract/results.js";

export interface CheckOptions {
  /** Least similarity S' that a layer must keep. */
  readonly minSimilarity: number;
  /** Least J* with its best partner for a concept to count as kept, its interval deciding; undefined: concepts are not checked. */
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
  /** Concepts that are not kept: lost, or not shown to be kept. */
  readonly lost: readonly LostConcept[];
  /** Concepts of the old layer. */
  readonly concepts: number;
}

export interface LostConcept {
  readonly concept: number;
  readonly label: string | null;
  /** J* with its best partner in the counterpart. */
  readonly best: number | null;
  readonly ciLow: number | null;
  readonly ciHigh: number | null;
  /** `failed`: lost; `undecided`: the interval holds the limit. */
  readonly verdict: Exclude<Verdict, "passed">;
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
        verdict: verdictOf(row.similarity, { low: row.ci_low, high: row.ci_high }, options.minSimilarity),
        lost: options.minConcept === undefined ? [] : lostOf(run, mine, row, after, options.minConcept),
        concepts: mine.length,
      };
    });
  });
  const passes = (verdict: Verdict) => verdict === "passed" || (verdict === "undecided" && options.lenient === true);
  const fine = (l: LayerCheck) => passes(l.verdict) && l.lost.every((c) => passes(c.verdict));
  const images = run.layers[0]?.n_images ?? 0;
  return { options, images, layers, ok: layers.length > 0 && layers.every(fine) };
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

/** Without an interval the estimate decides. */
function verdictOf(estimate: number | null, { low: l, high: h }: Bounds, least: number): Verdict {
  const [low, high] = [l ?? estimate, h ?? estimate];
  if (low === null || high === null) return "undecided";
  return low >= least ? "passed" : high < least ? "failed" : "undecided";
}

interface Bounds {
  readonly low: number | null;
  readonly high: number | null;
}

/** Concepts whose best J* is not shown to be >= least, unless a concept of the same name is there. A concept without any partner is lost. */
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
  const partners = run.pairs.flatMap((p) => partnerOf(p, row, after) ?? []);
  return mine.flatMap(({ concept, label }) => {
    if (label !== null && names.has(label)) return [];
    const best = partners
      .filter((p) => p.concept === concept)
      .reduce((most: Partner | undefined, p) => (most && most.corrected >= p.corrected ? most : p), undefined);
    const verdict = best ? verdictOf(best.corrected, best, least) : "failed";
    if (verdict === "passed") return [];
    const { corrected = null, low = null, high = null } = best ?? {};
    return [{ concept, label, best: corrected, ciLow: low, ciHigh: high, verdict }];
  });
}

interface Partner extends Bounds {
  readonly concept: number;
  readonly corrected: number;
}

/** A pair seen from the old network's concept; undefined for pairs of other layers. */
function partnerOf(p: PairRow, { model_a, layer_a, layer_b }: LayerRow, after: string): Partner | undefined {
  const corrected = p.corrected ?? 0;
  if (p.model_a === model_a && p.layer_a === layer_a && p.model_b === after && p.layer_b === layer_b)
    return { concept: p.concept_a, corrected, low: p.best_low_a ?? null, high: p.best_high_a ?? null };
  if (p.model_b === model_a && p.layer_b === layer_a && p.model_a === after && p.layer_a === layer_b)
    return { concept: p.concept_b, corrected, low: p.best_low_b ?? null, high: p.best_high_b ?? null };
  return undefined;
}
