import type { LocationSummary } from "../../concepts/loce.js";
import { LOCE } from "../../concepts/loce.js";
import type { LocationRow } from "../../contract/supervised.js";
import type { StudyNetwork } from "../../study.js";
import type { LayerProbes } from "./fit.js";
import { value } from "./presences.js";

const FACTS = 4;

/** k x (images, spread, overlap, chance, sizes of clusters, zeros), as artifacts hold it. */
export function locationNumbers(summaries: readonly LocationSummary[]): Float64Array {
  const width = FACTS + Math.max(0, ...summaries.map((s) => s.clusters.length));
  const out = new Float64Array(summaries.length * width);
  summaries.forEach((s, j) => {
    out.set([s.images, s.spread, s.overlap, s.overlapChance, ...s.clusters], j * width);
  });
  return out;
}

/** locations.csv; nothing where it was not asked for. */
export function locationRows(
  learned: readonly (readonly LayerProbes[])[],
  networks: readonly StudyNetwork[],
  concepts: readonly string[],
): LocationRow[] {
  return learned.flatMap((layers, n) =>
    layers.flatMap(({ locations }, t) =>
      locations.length === 0
        ? []
        : concepts.map((concept, j): LocationRow => {
            const width = locations.length / concepts.length;
            const [images, spread, overlap, chance, ...rest] = locations.subarray(j * width, (j + 1) * width);
            const sizes = rest.filter((s) => s > 0);
            const { id, taps } = networks[n]!;
            return {
              concept,
              model: id,
              layer: taps[t]!.name,
              depth: taps[t]!.depth,
              images: images!,
              spread: value(spread),
              cut: LOCE.cut,
              clusters: sizes.length,
              cluster_sizes: sizes.join(";"),
              overlap: value(overlap),
              overlap_chance: value(chance),
            };
          }),
    ),
  );
}
