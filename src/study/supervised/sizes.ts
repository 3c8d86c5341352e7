import { SIZE_DRAWS, SIZE_NUMBERS, SIZE_SHARES } from "../../concepts/samplesize.js";
import type { SampleSizeRow } from "../../contract/supervised.js";
import type { StudyNetwork } from "../../study.js";
import type { LayerProbes } from "./fit.js";
import { value } from "./presences.js";

/** sample_size.csv; nothing where it was not asked for. */
export function sampleSizeRows(
  learned: readonly (readonly LayerProbes[])[],
  networks: readonly StudyNetwork[],
  concepts: readonly string[],
): SampleSizeRow[] {
  return learned.flatMap((layers, n) =>
    layers.flatMap(({ sizes }, t) =>
      sizes.length === 0
        ? []
        : concepts.flatMap((concept, j) =>
            SIZE_SHARES.map((_, s): SampleSizeRow => {
              const at = (s * concepts.length + j) * SIZE_NUMBERS;
              return {
                concept,
                model: networks[n]!.id,
                layer: networks[n]!.taps[t]!.name,
                images: Math.round(sizes[at]!),
                draws: SIZE_DRAWS,
                cosine: value(sizes[at + 1]),
                cosine_full: value(sizes[at + 2]),
              };
            }),
          ),
    ),
  );
}
