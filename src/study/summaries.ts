import type { Pairing } from "../contract/trust.js";
import { partialCorrelation } from "../numerics/correlation.js";
import { seededRandom } from "../numerics/random.js";
import { mean } from "../numerics/statistics.js";
import type { DepthQuantity, Track } from "../similarity/depthsummary.js";
import { depthTracks, estimateOf, meanTrack, similarityTrack, trackRefits } from "../similarity/depthsummary.js";
import type { Estimated } from "../similarity/estimate.js";
import type { Halves } from "../similarity/halves.js";
import type { NetworkPair, SummaryCell, SummaryLayer } from "../similarity/networkpairs.js";
import { networkPairs } from "../similarity/networkpairs.js";
import type { BestCell, ConceptPartner } from "../similarity/shared.js";
import { betterTrack, conceptPartners, shareTrack } from "../similarity/shared.js";

const PERMUTATIONS = 999;
const LAYERS = "layers permuted";
const IMAGES = "images permuted";

/** One number about two networks, or (networks null) the mean over all pairs of a pairing. */
export interface Summary {
  readonly quantity: string;
  readonly pairing: Pairing;
  /** Places of the networks in the study. */
  readonly networks: readonly [number, number] | null;
  readonly estimate: Estimated;
  /** What the number is made of: cells, layers or concepts; pairs of networks where it is a mean. */
  readonly n: number;
}

export interface SummaryInput {
  readonly layers: readonly SummaryLayer[];
  readonly cells: readonly SummaryCell[];
  readonly best: readonly BestCell[];
  /** For each network the place of the one it is a twin of, -1 for trained ones. */
  readonly twinOf: readonly number[];
  readonly seed: number;
}

interface Named {
  readonly pair: NetworkPair;
  readonly quantity: string;
  readonly null: string;
  readonly track: Track;
  readonly n: number;
}

/** The paper's two findings as numbers (METHOD.md M4): each pair of networks, then the means of TT, TR and RR. */
export function summariesOf(input: SummaryInput): Summary[] {
  const pairs = networkPairs(input.layers, input.cells, input.twinOf);
  const named = pairs.flatMap((pair) => [...depthsOf(pair, input), ...sharesOf(pair, input)]);
  const ofKind = new Map<string, Named[]>();
  for (const x of named) {
    const kind = kindOf(x);
    ofKind.set(kind, [...(ofKind.get(kind) ?? []), x]);
  }
  const refits = new Map(
    [...ofKind].map(([kind, all]) => [
      kind,
      trackRefits(
        all.map((x) => x.track),
        all.map((x) => x.pair),
      ),
    ]),
  );
  const single = named.map((x): Summary => {
    const { pair, quantity, track, null: name, n } = x;
    const estimate = estimateOf(track, name, refits.get(kindOf(x))?.single);
    return { quantity, pairing: pair.pairing, networks: [pair.a, pair.b], estimate, n };
  });
  const means = (["TT", "TR", "RR"] as const).flatMap((pairing) => {
    const own = named.filter((x) => x.pair.pairing === pairing);
    // a network and its own twin are another question, asked only where there is no other pair
    const some = own.some((x) => !x.pair.own) ? own.filter((x) => !x.pair.own) : own;
    const quantities = [...new Set(some.map((x) => x.quantity))];
    return [
      ...quantities.map((quantity): Summary => {
        const of = some.filter((x) => x.quantity === quantity);
        const estimate = estimateOf(meanTrack(of.map((x) => x.track)), of[0]!.null, refits.get(kindOf(of[0]!))?.mean);
        return { quantity, pairing, networks: null, estimate, n: of.length };
      }),
      ...gridPartial(pairing, pairs, input),
    ];
  });
  return [...single, ...means].map(possible);
}

/** Numbers whose refits are taken together: a network and its own twin are another matter than other pairs. */
const kindOf = ({ pair, quantity }: Named) => `${quantity} ${pair.pairing} ${pair.own}`;

/** Bounds of an interval end where the quantity does: shares and distances in 0..1, correlations in -1..1, similarity at 1. */
function possible(summary: Summary): Summary {
  const { quantity, estimate } = summary;
  const least = quantity === "mean_similarity" ? Number.NEGATIVE_INFINITY : /^share_|distance/.test(quantity) ? 0 : -1;
  const within = (x: number) => Math.min(1, Math.max(least, x));
  return { ...summary, estimate: { ...estimate, low: within(estimate.low), high: within(estimate.high) } };
}

function depthsOf(pair: NetworkPair, { layers, seed }: SummaryInput): Named[] {
  const known = pair.similarity.data.filter((v) => !Number.isNaN(v)).length;
  const out: Named[] = [{ pair, quantity: "mean_similarity", null: "", track: similarityTrack(pair), n: known }];
  for (const [kind, ending] of [
    ["depth", ""],
    ["headDepth", "_to_head"],
  ] as const) {
    const random = seededRandom(seed, "layers", pair.a, pair.b);
    const tracks = depthTracks(pair, layers, { kind, permutations: PERMUTATIONS, random });
    for (const q of Object.keys(tracks) as DepthQuantity[]) {
      const n = q.endsWith("mantel") ? known : pair.rows.length + pair.cols.length;
      out.push({ pair, quantity: `${q}${ending}`, null: LAYERS, track: tracks[q], n });
    }
  }
  return out;
}

function sharesOf(pair: NetworkPair, { best, layers, twinOf }: SummaryInput): Named[] {
  const both = partnersBothWays(best, pair.rows, pair.cols);
  const out: Named[] = [
    { pair, quantity: "share_with_partner", null: IMAGES, track: shareTrack(both), n: both.length },
  ];
  if (pair.pairing !== "TT") return out;
  const placesOf = (network: number) => layers.flatMap((l, at) => (l.network === network ? [at] : []));
  const against = (own: readonly number[], other: readonly number[], trained: number): Track[] =>
    twinOf.flatMap((of, twin) =>
      of === trained
        ? [betterTrack(conceptPartners(best, own, other), conceptPartners(best, own, placesOf(twin)))]
        : [],
    );
  const better = [...against(pair.rows, pair.cols, pair.b), ...against(pair.cols, pair.rows, pair.a)];
  if (better.length > 0) {
    const track = { ...meanTrack(better), change: meanChange(better) };
    out.push({ pair, quantity: "share_better_than_twin", null: "", track, n: both.length });
  }
  return out;
}

/** Of tracks of the same two networks: they change together. */
function meanChange(tracks: readonly Track[]): Halves | undefined {
  const known = tracks.flatMap(({ change }) => (change ? [change] : []));
  return known.length < tracks.length ? undefined : [mean(known.map((c) => c[0])), mean(known.map((c) => c[1]))];
}

function partnersBothWays(
  best: readonly BestCell[],
  rows: readonly number[],
  cols: readonly number[],
): ConceptPartner[] {
  return [...conceptPartners(best, rows, cols), ...conceptPartners(best, cols, rows)];
}

/** Partial correlation of S' with equal grids given the distance in depth (M1): what resolution alone would explain; near 0 where it explains nothing. */
function gridPartial(pairing: Pairing, pairs: readonly NetworkPair[], { layers }: SummaryInput): Summary[] {
  const some = pairs.filter((p) => p.pairing === pairing && !p.own);
  const equal: number[] = [];
  const distance: number[] = [];
  for (const p of some)
    for (const r of p.rows)
      for (const c of p.cols) {
        equal.push(layers[r]!.cells === layers[c]!.cells ? 1 : 0);
        distance.push(Math.abs(layers[r]!.depth - layers[c]!.depth));
      }
  const of = (s: (p: NetworkPair) => ArrayLike<number>) => {
    const values = some.flatMap((p) => Array.from(s(p)));
    const known = values.flatMap((v, i) => (Number.isNaN(v) ? [] : [i]));
    const at = (list: readonly number[]) => known.map((i) => list[i]!);
    return partialCorrelation(at(values), at(equal), at(distance));
  };
  const value = of((p) => p.similarity.data);
  if (Number.isNaN(value)) return [];
  const change = ([0, 1] as const).map((h) => of((p) => p.half(h).refit.data) - of((p) => p.half(h).own.data));
  const resamples = Math.min(...some.map((p) => p.resamples));
  const track: Track = {
    value,
    change: change.some(Number.isNaN) ? undefined : [change[0]!, change[1]!],
    samples: Float64Array.from({ length: resamples }, (_, r) => of((p) => p.resample(r).data)),
    nulls: new Float64Array(0),
    side: 1,
  };
  return [
    {
      quantity: "partial_equal_grid",
      pairing,
      networks: null,
      estimate: estimateOf(track, "", trackRefits([track], some)?.single),
      n: equal.length,
    },
  ];
}
