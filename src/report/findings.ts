import type { Estimate, Finding, Pairing, SummaryRow, TwinRow } from "../contract/trust.js";
import type { Version } from "./versions.js";
import { versionFinding } from "./versions.js";

/** What findings are said about. */
export interface FindingsInput {
  /** Trained networks, in the order of the study. */
  readonly networks: readonly string[];
  readonly summaries: readonly SummaryRow[];
  readonly twins: readonly TwinRow[];
  readonly images: number;
  /** Layers of each network. */
  readonly layers: Readonly<Record<string, number>>;
  /** Pairs of networks that are versions of one. */
  readonly versions?: readonly Version[];
}

const DEPTH = ["mean_distance", "spearman", "mantel", "partial_mantel", "warp_distance"] as const;

/** The outcome with n, each with a sentence: what run.json, the terminal and the report say first. */
export function findings(input: FindingsInput): Finding[] {
  const pairs = input.networks.flatMap((a, i) => input.networks.slice(i + 1).map((b) => [a, b] as const));
  return [
    ...(input.versions ?? []).map((version) => versionFinding(version, input.images)),
    ...pairs.map(([a, b]) => shared(a, b, input)),
    ...pairs.map(([a, b]) => depth(a, b, input)),
    ...(input.twins.length > 0 ? [health(input)] : []),
  ];
}

const find = (
  { summaries }: FindingsInput,
  quantity: string,
  pairing: Pairing,
  a = "",
  b = "",
): SummaryRow | undefined =>
  summaries.find((s) => s.quantity === quantity && s.pairing === pairing && s.model_a === a && s.model_b === b);

function estimateOf(row: SummaryRow | undefined): Estimate {
  return {
    value: row?.value ?? null,
    ci_low: row?.ci_low ?? null,
    ci_high: row?.ci_high ?? null,
    null_mean: row?.null_mean ?? null,
    null_sd: row?.null_sd ?? null,
    p_value: row?.p_value ?? null,
    null: row?.null ?? "",
  };
}

const two = (x: number | null | undefined) => (x === null || x === undefined ? "undefined" : x.toFixed(2));
const three = (x: number | null | undefined) => (x === null || x === undefined ? "undefined" : x.toFixed(3));
const percent = (x: number | null | undefined) =>
  x === null || x === undefined ? "an unknown share" : `${Math.round(100 * x)} %`;
const p = (x: number | null) => (x === null ? "p undefined" : x < 0.0015 ? "p = 0.001 or less" : `p = ${x.toFixed(3)}`);
const range = (e: Estimate, f: (x: number | null) => string) =>
  e.ci_low === null || e.ci_high === null ? "no interval" : `95 % interval ${f(e.ci_low)} to ${f(e.ci_high)}`;

/** Finding 1 of the paper: similar concepts whatever the architecture. */
function shared(a: string, b: string, input: FindingsInput): Finding {
  const share = estimateOf(find(input, "share_with_partner", "TT", a, b));
  const better = estimateOf(find(input, "share_better_than_twin", "TT", a, b));
  const [tr, rr] = (["TR", "RR"] as const).map((x) => estimateOf(find(input, "share_with_partner", x)));
  const similarity = estimateOf(find(input, "mean_similarity", "TT", a, b));
  const [trMean, rrMean] = (["TR", "RR"] as const).map((x) => estimateOf(find(input, "mean_similarity", x)));
  const held = input.twins.length > 0;
  const above = share.value !== null && share.p_value !== null && share.p_value <= 0.05;
  const beats = held && share.ci_low !== null && share.ci_low > Math.max(tr!.value ?? 1, rr!.value ?? 0);
  const n = find(input, "share_with_partner", "TT", a, b)?.n_cells ?? 0;
  const counts = `${n} concepts, ${input.images} test images`;
  const first = `${percent(share.value)} of the concepts of ${a} and ${b} have a partner in the other network above what permuted images give (${range(share, percent)}; ${percent(share.null_mean)} by chance, ${p(share.p_value)}; ${counts})`;
  const second = !held
    ? ". Not held against shuffled networks: add --twins 1."
    : `; between a trained and a shuffled network ${percent(tr!.value)}, between two shuffled ones ${percent(rr!.value)}: ${
        beats
          ? "more than random networks share"
          : "random networks share as much, so this is no evidence of learned concepts"
      }.${better.value === null ? "" : ` ${percent(better.value)} find a better partner in the trained network than in its shuffled twin (${range(better, percent)}; 50 % where training makes no difference).`}${average(similarity, trMean!, rrMean!)}`;
  return {
    id: `shared-concepts/${a}/${b}`,
    kind: "shared-concepts",
    networks: [a, b],
    holds: held ? above && beats : above ? null : false,
    sentence: first + second,
    n: { images: input.images, layers: (input.layers[a] ?? 0) + (input.layers[b] ?? 0), concepts: n },
    values: {
      share_with_partner: share,
      share_better_than_twin: better,
      share_with_partner_TR: tr!,
      share_with_partner_RR: rr!,
      mean_similarity: similarity,
      mean_similarity_TR: trMean!,
      mean_similarity_RR: rrMean!,
    },
  };
}

/** What the mean of S' says, against the means of both kinds of pairs with shuffled networks. */
function average(own: Estimate, tr: Estimate, rr: Estimate): string {
  if (own.value === null || own.ci_low === null || tr.value === null || rr.value === null) return "";
  const equal = [
    ...(own.ci_low > tr.value ? [] : ["a trained and a shuffled one"]),
    ...(own.ci_low > rr.value ? [] : ["two shuffled ones"]),
  ];
  const verdict =
    equal.length === 0
      ? "more than with shuffled networks"
      : `no more than between ${equal.join(" or ")}, so the mean alone tells nothing about training`;
  return ` Mean S' ${three(own.value)} (${range(own, three)}), ${three(tr.value)} and ${three(rr.value)} with one and two shuffled: ${verdict}.`;
}

/** Finding 2 of the paper: similar concepts at similar relative depth. */
function depth(a: string, b: string, input: FindingsInput): Finding {
  const own = Object.fromEntries(
    DEPTH.flatMap((q) => [q, `${q}_to_head`]).map((q) => [q, estimateOf(find(input, q, "TT", a, b))]),
  ) as Record<string, Estimate>;
  const [tr, rr] = (["TR", "RR"] as const).map((x) => estimateOf(find(input, "partial_mantel", x)));
  const { mean_distance: distance, mantel, partial_mantel: partial } = own as Record<(typeof DEPTH)[number], Estimate>;
  const held = input.twins.length > 0;
  const below = (e: Estimate) => e.p_value !== null && e.p_value <= 0.05;
  const above = below(partial) && below(distance);
  const beats = held && partial.ci_low !== null && partial.ci_low > Math.max(tr!.value ?? 1, rr!.value ?? -1);
  const layers = (input.layers[a] ?? 0) + (input.layers[b] ?? 0);
  const claim = above
    ? "alike concepts lie at alike relative depth"
    : below(mantel)
      ? "alike concepts lie at alike relative depth, but not beyond what the sizes of the maps explain, or not by best partners"
      : "no agreement in depth beyond chance";
  const numbers = `best partners ${two(distance.value)} of the depth apart (${range(distance, two)}; ${two(distance.null_mean)} with layers permuted, ${p(distance.p_value)}), Mantel ${two(mantel.value)} (${range(mantel, two)}, ${p(mantel.p_value)}), ${two(partial.value)} with the ratio of grids removed (${range(partial, two)}, ${p(partial.p_value)})`;
  const last = !held
    ? "Not held against shuffled networks, which may agree in depth too: add --twins 1."
    : `The same for shuffled networks: ${two(tr!.value)} (one of two) and ${two(rr!.value)} (both): ${beats ? "training adds to it" : "training adds nothing certain to it"}.`;
  return {
    id: `depth-agreement/${a}/${b}`,
    kind: "depth-agreement",
    networks: [a, b],
    holds: held ? above && beats : above ? null : false,
    sentence: `${a} and ${b}: ${claim}: ${numbers}; ${layers} layers, ${input.images} test images. ${last}`,
    n: { images: input.images, layers, concepts: 0 },
    values: { ...own, partial_mantel_TR: tr!, partial_mantel_RR: rr! },
  };
}

/** Whether the random networks are fit to be a null. */
function health({ twins, images, networks }: FindingsInput): Finding {
  const dead = Math.max(...twins.map((t) => t.dead_channels / Math.max(1, t.channels)));
  const ratio = Math.max(...twins.map((t) => t.maximum_ratio));
  const fit = dead < 0.05 && ratio < 100;
  const mean = (of: (t: TwinRow) => number | null) => twins.reduce((s, t) => s + (of(t) ?? 0), 0) / twins.length;
  const value = (x: number): Estimate => ({ ...estimateOf(undefined), value: x });
  const [random, trained] = [mean((t) => t.explained_variance), mean((t) => t.explained_variance_trained)];
  return {
    id: "twins",
    kind: "twins",
    networks: [...networks],
    holds: fit,
    sentence: `${twins.length} shuffled twins ${fit ? "are fit to be a null" : "are broken and no fair null"}: at most ${(100 * dead).toFixed(1)} % dead channels, largest value ${ratio.toFixed(1)} times the trained network's; their concepts explain ${percent(random)} of the energy of a layer, trained ones ${percent(trained)}.`,
    n: { images, layers: 0, concepts: 0 },
    values: {
      dead_channels: value(dead),
      maximum_ratio: value(ratio),
      explained_variance: value(random),
      explained_variance_trained: value(trained),
    },
  };
}
