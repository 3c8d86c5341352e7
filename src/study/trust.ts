import type { Pairing } from "../contract/trust.js";
import { benjaminiHochberg } from "../numerics/statistics.js";
import type { Matrix64 } from "../numerics/types.js";
import { estimated, intervalWithRefits } from "../similarity/estimate.js";
import type { FlowChain, FlowEdge } from "../similarity/flow.js";
import { flowChains, flowEdges } from "../similarity/flow.js";
import { bestOfEach } from "../similarity/nulls.js";
import { refitVariances } from "../similarity/refits.js";
import type { StudyComparison, StudyLayer, StudyNetwork } from "../study.js";
import { ceilingSummaries } from "./ceiling.js";
import type { Context } from "./context.js";
import type { ControlRow, Difference } from "./controls.js";
import { controlsOf } from "./controls.js";
import { positionsOf } from "./position.js";
import { RANDOM_QUANTITIES, randomDirectionsOf } from "./random.js";
import type { Summary } from "./summaries.js";
import { summariesOf } from "./summaries.js";

/** What is known about one cell beside its number; in the order of `comparison.cells`. */
export interface CellTrust {
  readonly pairing: Pairing;
  /** Benjamini and Hochberg over the study's cells of the same pairing, a layer with itself left out. */
  readonly q: number;
  /** 95 % interval of S' from test images and refits. */
  readonly low: number;
  readonly high: number;
  readonly refitSd: number;
  /** The position check: agreement of maps without each position's mean. */
  readonly pearson: number;
}

export interface TrustResult {
  readonly cells: readonly CellTrust[];
  readonly summaries: readonly Summary[];
  readonly edges: readonly FlowEdge[];
  /** For each network its chains. */
  readonly chains: readonly (readonly FlowChain[])[];
  readonly controls: readonly ControlRow[];
  readonly differences: readonly Difference[];
}

/** Which of two networks are shuffled twins. */
export function pairingOf(a: Pick<StudyNetwork, "twin">, b: Pick<StudyNetwork, "twin">): Pairing {
  return a.twin && b.twin ? "RR" : a.twin || b.twin ? "TR" : "TT";
}

/** Everything that stands beside the similarities, from what the pairs left behind. */
export async function trustOf(context: Context, comparison: StudyComparison): Promise<TrustResult> {
  const { study, plan } = context;
  const { layers } = plan;
  const { networks, config } = study;
  const positions = await positionsOf(context);
  const summaries = summariesOf({
    layers: layers.map(({ network, tap, grid }) => ({
      network,
      depth: tap.depth,
      headDepth: tap.headDepth,
      cells: grid.h * grid.w,
    })),
    cells: comparison.cells.map(({ a, b, result }) => ({
      a,
      b,
      similarity: result.significance.similarity,
      halves: result.refitHalves,
      resampled: result.interval?.values,
    })),
    best: comparison.cells.map(({ a, b, result }) => {
      const observed = bestOfEach(result.iou.corrected.data, result.ka, result.kb);
      const { nullDistribution: chance, interval } = result;
      return {
        a,
        b,
        bestA: observed.a,
        bestB: observed.b,
        nullA: chance.bestA,
        nullB: chance.bestB,
        resampledA: interval?.bestA,
        resampledB: interval?.bestB,
        halves: result.refitHalves,
      };
    }),
    twinOf: networks.map((n) => (n.twin ? networks.findIndex((m) => m.id === n.twin!.of) : -1)),
    seed: config.seed,
  });
  for (const { a, b, concepts, resampled, random, cells } of await randomDirectionsOf(context)) {
    for (const q of RANDOM_QUANTITIES) {
      const name = q === "similarity" ? "mean_similarity_7x7" : `${q}_7x7`;
      const doubt = q === "similarity" && resampled.length > 0 ? { samples: resampled } : undefined;
      const chance = { name: "random directions", values: random.map((r) => r[q]), side: 1 as const };
      const estimate = estimated(concepts[q], doubt, chance);
      summaries.push({ quantity: name, pairing: "TT", networks: [a, b], estimate, n: cells });
    }
  }
  const { rows: controls, differences, ceiling } = await controlsOf(context);
  summaries.push(...ceilingSummaries(ceiling));
  return {
    cells: cellsOf(comparison, layers, networks, positions),
    summaries,
    ...flowOf(comparison, layers, networks.length),
    controls,
    differences,
  };
}

function cellsOf(
  { cells }: StudyComparison,
  layers: readonly StudyLayer[],
  networks: readonly StudyNetwork[],
  positions: Matrix64,
): CellTrust[] {
  const network = (l: number) => networks[layers[l]!.network]!;
  const pairings = cells.map(({ a, b }) => pairingOf(network(a), network(b)));
  const variances = refitVariances(
    cells.map(({ a, b, result }) => ({ a, b, value: result.significance.similarity, halves: result.refitHalves })),
  );
  const q = new Float64Array(cells.length).fill(Number.NaN);
  for (const pairing of ["TT", "TR", "RR"]) {
    const at = cells.flatMap(({ a, b }, i) => (pairings[i] === pairing && a !== b ? [i] : []));
    benjaminiHochberg(at.map((i) => cells[i]!.result.significance.p)).forEach((v, i) => {
      q[at[i]!] = v;
    });
  }
  return cells.map(({ a, b, result }, i): CellTrust => {
    const { interval, significance } = result;
    const refits = a === b ? undefined : variances[i]!;
    const doubt = interval ? { samples: interval.values, refits } : undefined;
    const { low, high } = intervalWithRefits(significance.similarity, doubt);
    return {
      pairing: pairings[i]!,
      q: q[i]!,
      low,
      high: Math.min(1, high), // S' is at most 1
      refitSd: a === b ? Number.NaN : Math.sqrt(variances[i]!.variance),
      pearson: positions.data[a * positions.cols + b]!,
    };
  });
}

/** Edges between successive taps of a network, and between layers of two networks that are each other's best; chains inside each network. */
function flowOf({ cells }: StudyComparison, layers: readonly StudyLayer[], networks: number) {
  const cellAt = new Map(cells.map((c) => [`${c.a} ${c.b}`, c]));
  const at = (a: number, b: number) => cellAt.get(a < b ? `${a} ${b}` : `${b} ${a}`);
  const placesOf = (n: number) => layers.flatMap((l, i) => (l.network === n ? [i] : []));
  const edgesOf = (a: number, b: number): FlowEdge[] => {
    const cell = at(a, b);
    if (!cell) return [];
    const { iou, nullDistribution } = cell.result;
    return flowEdges({ a, b, corrected: iou.corrected, pair99: nullDistribution.pair99 });
  };
  const edges: FlowEdge[] = [];
  const chains: FlowChain[][] = [];
  for (let n = 0; n < networks; n++) {
    const own = placesOf(n).sort((x, y) => layers[x]!.tap.depth - layers[y]!.tap.depth || x - y);
    // masks lie in the study's order of layers: a later tap of equal depth never comes first
    const steps = own.slice(1).flatMap((b, i) => (own[i]! < b ? edgesOf(own[i]!, b) : []));
    const sizes = own.map((l) => at(l, l)!.result.ka);
    chains.push(flowChains(own, sizes, steps));
    edges.push(...steps);
    for (let m = n + 1; m < networks; m++) {
      for (const [a, b] of mutualLayers(placesOf(n), placesOf(m), (x, y) => at(x, y)!.result.significance.similarity))
        edges.push(...edgesOf(a, b));
    }
  }
  return { edges, chains };
}

function mutualLayers(
  rows: readonly number[],
  cols: readonly number[],
  s: (a: number, b: number) => number,
): [number, number][] {
  const best = (others: readonly number[], of: (x: number) => number) =>
    others.reduce((top, x) => (of(x) > (top < 0 ? Number.NEGATIVE_INFINITY : of(top)) ? x : top), -1);
  return rows.flatMap((a): [number, number][] => {
    const b = best(cols, (x) => s(a, x));
    return b >= 0 && best(rows, (x) => s(x, b)) === a ? [[a, b]] : [];
  });
}
