import type { StudyConfig } from "../../contract/config.js";
import type { EmergenceRow, EmergenceTestRow, ProbeRow } from "../../contract/supervised.js";
import type { LabelSet } from "../../dataset/labels/types.js";
import { seededRandom } from "../../numerics/random.js";
import type { Matrix } from "../../numerics/types.js";
import { emergence, emergenceTest } from "../../similarity/emergence.js";
import type { Measured } from "./presences.js";
import { value } from "./presences.js";

const SCALES = ["depth", "head_depth"] as const;

function depthsOf({ network }: Measured, scale: (typeof SCALES)[number]): number[] {
  return network.taps.map((t) => (scale === "depth" ? t.depth : t.headDepth));
}

/** Calibrated set IoU of concept j in each layer of a network. */
function profile({ calibrated, network }: Measured, j: number, k: number): number[] {
  return network.taps.map((_, t) => calibrated.iou[t * k + j]!);
}

/** emergence.csv: concept by concept, network by network. */
export function emergenceRows(
  trained: number,
  measured: readonly Measured[],
  set: LabelSet,
  rows: readonly ProbeRow[],
): EmergenceRow[] {
  const k = set.concepts.length;
  return set.concepts.flatMap((concept, j) =>
    measured.slice(0, trained).map((own): EmergenceRow => {
      const { taps, id } = own.network;
      const { resampled } = own.calibrated;
      const again: Matrix = {
        rows: resampled.rows,
        cols: taps.length,
        data: Float32Array.from(
          { length: resampled.rows * taps.length },
          (_, i) => resampled.data[Math.floor(i / taps.length) * resampled.cols + (i % taps.length) * k + j]!,
        ),
      };
      const quality = profile(own, j, k);
      const [end, head] = SCALES.map((scale) => emergence(quality, again, depthsOf(own, scale)));
      return {
        concept: concept.name,
        model: id,
        layer: end!.layer < 0 ? null : taps[end!.layer]!.name,
        depth: value(end!.depth),
        depth_low: value(end!.interval.low),
        depth_high: value(end!.interval.high),
        head_depth: value(head!.depth),
        head_depth_low: value(head!.interval.low),
        head_depth_high: value(head!.interval.high),
        best_layer: taps[Math.max(0, end!.best)]!.name,
        best_iou: value(quality[end!.best]),
        present: rows.some((r) => r.model === id && r.concept === concept.name && r.present),
      };
    }),
  );
}

/** emergence_tests.csv: pairs of networks, over the concepts present somewhere in both. */
export function emergenceTestRows(
  trained: number,
  measured: readonly Measured[],
  set: LabelSet,
  rows: readonly ProbeRow[],
  config: StudyConfig,
): EmergenceTestRow[] {
  const k = set.concepts.length;
  const own = measured.slice(0, trained);
  const twinOf = (m: Measured) => measured.find((t) => t.network.twin?.of === m.network.id);
  const has = (m: Measured, name: string) =>
    rows.some((r) => r.model === m.network.id && r.concept === name && r.present);
  const out: EmergenceTestRow[] = [];
  for (let a = 0; a < own.length; a++) {
    for (let b = a + 1; b < own.length; b++) {
      const shared = [...set.concepts.keys()].filter(
        (j) => has(own[a]!, set.concepts[j]!.name) && has(own[b]!, set.concepts[j]!.name),
      );
      for (const scale of SCALES) {
        const profileOf = (m: Measured) => ({
          depth: depthsOf(m, scale),
          quality: {
            data: Float32Array.from(shared.flatMap((j) => profile(m, j, k))),
            rows: shared.length,
            cols: m.network.taps.length,
          },
        });
        const test = (other: Measured) =>
          emergenceTest(
            profileOf(own[a]!),
            profileOf(other),
            seededRandom(config.seed, "emergence", a, b, scale),
            Math.max(200, config.similarity.permutations),
          );
        const found = test(own[b]!);
        const twin = twinOf(own[b]!);
        out.push({
          model_a: own[a]!.network.id,
          model_b: own[b]!.network.id,
          scale,
          concepts: found.concepts,
          mean_difference: value(found.difference),
          chance_difference: value(found.chance),
          p_value: value(found.p),
          shuffled_difference: value(twin && test(twin).difference),
          spearman: value(found.spearman),
        });
      }
    }
  }
  return out;
}
