import type { ProbesConfig } from "../../contract/probes.js";
import type { ProbeRow } from "../../contract/supervised.js";
import type { LabelledImage, LabelSet } from "../../dataset/labels/types.js";
import type { Matrix } from "../../numerics/types.js";
import type { MaskCounts, Quality } from "../../similarity/quality.js";
import { presence, qualityInterval } from "../../similarity/quality.js";
import type { StudyNetwork } from "../../study.js";
import type { NetworkCounts, TruthAreas } from "./counts.js";
import type { LayerProbes } from "./fit.js";

/** What the test images say about one network: columns tap by tap, concept by concept. */
export interface Measured {
  readonly network: StudyNetwork;
  readonly layers: readonly LayerProbes[];
  readonly half: Quality;
  readonly calibrated: Quality;
  readonly filter: Quality;
}

export async function measuredNetwork(
  network: StudyNetwork,
  layers: readonly LayerProbes[],
  counts: NetworkCounts,
  score: (counts: MaskCounts) => Promise<Quality>,
): Promise<Measured> {
  return {
    network,
    layers,
    half: await score(counts.half),
    calibrated: await score(counts.calibrated),
    filter: await score(counts.filter),
  };
}

export interface Facts {
  readonly set: LabelSet;
  readonly fit: readonly LabelledImage[];
  readonly test: readonly LabelledImage[];
  readonly areas: TruthAreas;
  readonly probes: ProbesConfig;
  readonly average: Quality;
}

/** NaN is no value: null in every file. */
export const value = (x: number | undefined): number | null => (x === undefined || !Number.isFinite(x) ? null : x);

/** probes.csv: networks, taps, concepts. `measured`: the trained networks first, then their twins. */
export function probeRows(trained: number, measured: readonly Measured[], facts: Facts): ProbeRow[] {
  const { set, fit, test, probes } = facts;
  const k = set.concepts.length;
  const positives = (images: readonly LabelledImage[], j: number) =>
    images.filter((i) => i.entries.some((e) => e.concept === j)).length;
  const shown = set.concepts.map((_, j) => [positives(fit, j), positives(test, j)] as const);
  const density = densities(facts.areas, k);
  return measured.slice(0, trained).flatMap((own) => {
    const twin = measured.slice(trained).find((m) => m.network.twin?.of === own.network.id);
    return own.network.taps.flatMap((tap, t) =>
      set.concepts.map((concept, j): ProbeRow => {
        const at = t * k + j;
        const layer = own.layers[t]!;
        const baselines = [
          { name: "the best single channel", quality: sliced(own.filter, at) },
          { name: "the average mask", quality: sliced(facts.average, j) },
          { name: "the shuffled network", quality: twin && sliced(twin.calibrated, at) },
        ];
        const { present, margin, whyNot } = presence(sliced(own.calibrated, at), 0, baselines);
        const interval = qualityInterval(own.calibrated, at);
        const consistency = layer.consistency[j]!;
        return {
          concept: concept.name,
          model: own.network.id,
          layer: tap.name,
          depth: tap.depth,
          head_depth: tap.headDepth,
          method: probes.method,
          fit_images: fit.length,
          fit_positives: shown[j]![0],
          test_images: test.length,
          test_positives: shown[j]![1],
          test_density: value(density[j]),
          iou: value(own.half.iou[at]),
          iou_calibrated: value(own.calibrated.iou[at]),
          threshold: layer.threshold[j]!,
          calibrated_on: layer.heldOut[j]!,
          ci_low: value(interval.low),
          ci_high: value(interval.high),
          precision: value(own.calibrated.precision[at]),
          recall: value(own.calibrated.recall[at]),
          filter_iou: value(own.filter.iou[at]),
          filter_channel: layer.channel[j]! < 0 ? null : layer.channel[j]!,
          mean_mask_iou: value(facts.average.iou[j]),
          shuffled_iou: value(twin?.calibrated.iou[at]),
          margin: value(margin),
          present,
          why_not: whyNot.join("; "),
          consistency: value(consistency),
          separation: value(layer.separation[j]),
          stability: value(consistency * layer.separation[j]!),
          background_iou: null,
          background_reference: null,
          background_flag: false,
          loss: value(layer.loss[j]),
          iterations: layer.iterations[j]!,
          converged: layer.converged[j] === 1,
        };
      }),
    );
  });
}

/** Column `at` alone. */
function sliced(q: Quality, at: number): Quality {
  const column: Matrix = {
    data: Float32Array.from({ length: q.resampled.rows }, (_, r) => q.resampled.data[r * q.resampled.cols + at]!),
    rows: q.resampled.rows,
    cols: 1,
  };
  return {
    iou: q.iou.slice(at, at + 1),
    precision: q.precision.slice(at, at + 1),
    recall: q.recall.slice(at, at + 1),
    resampled: column,
  };
}

/** Share of the known cells of all test images that each concept covers. */
function densities({ label, known }: TruthAreas, k: number): Float64Array {
  const sums = (areas: Uint32Array) => {
    const out = new Float64Array(k);
    areas.forEach((v, i) => {
      out[i % k]! += v;
    });
    return out;
  };
  const all = sums(known);
  return sums(label).map((v, j) => v / all[j]!);
}
