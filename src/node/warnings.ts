import { CANDIDATES } from "../concepts/mine.js";
import type { StudyResult } from "../study.js";
import { fileName } from "./filenames.js";
import { labelLike } from "./labellike.js";
import type { prepareNetwork } from "./network.js";

/** Fewer photographs than this to compare on are enough to look, not to claim. */
const FEW_PHOTOGRAPHS = 30;

/** What stands in run.json's warnings, a sentence each. */
export function runWarnings(
  result: StudyResult,
  networks: readonly Awaited<ReturnType<typeof prepareNetwork>>[],
  ofLabels: readonly string[],
): string[] {
  const { test } = result.study;
  const photographs = new Set(test.map((i) => i.group)).size;
  return [
    ...ofLabels,
    ...labelMaps(result),
    ...networks.flatMap((n) => n.notes.map((note) => `${n.id}: ${note}`)),
    ...(result.study.leftOut ?? []).map(
      ({ network, layer }) =>
        `${network}: layer '${layer}' is zero on the images to fit, on those of a refit or in a shuffled twin: left out`,
    ),
    ...fewConcepts(result),
    ...networks
      .filter((n) => n.guessed)
      .map(
        (n) =>
          `look at seen/${fileName(n.id)}.png; give --preprocess ${n.id}=FILE if ${n.id} should see its images otherwise`,
      ),
    ...(photographs < FEW_PHOTOGRAPHS
      ? [`${test.length} test images of ${photographs} photographs are few: enough to look, not to claim`]
      : []),
  ];
}

/** Label maps that lie among the photographs would be taken for such. */
function labelMaps({ study: { fit, test } }: StudyResult): string[] {
  const ids = [...fit, ...test].map((i) => i.id);
  const [first, ...more] = labelLike(ids);
  if (!first) return [];
  return [
    `${1 + more.length} of ${ids.length} images look like label maps, as '${first.id}' beside '${first.beside}', and were taken for photographs: give a folder of photographs alone, and label maps with --labels`,
  ];
}

/** Layers whose concepts are their channels, or that cannot hold the concepts asked for. Twins are as their networks. */
function fewConcepts({ study, layers, mined }: StudyResult): string[] {
  const { k } = study.config.concepts;
  if (k === "auto") return fullCandidates(study, layers, mined);
  return layers.flatMap(({ network, tap }, l) => {
    const found = mined[l]!.fit.vectors.rows;
    const { id, twin } = study.networks[network]!;
    if (twin || (found === k && found < tap.channels)) return [];
    const what = `${id}: ${found} concept${found === 1 ? "" : "s"}${found < k ? ` instead of ${k}` : ""} in layer '${tap.name}'`;
    return found < tap.channels
      ? `${what}: the images to fit give no more positions; give more images`
      : `${what}, as many as it has channels: they are the channels themselves, so that its refit says nothing`;
  });
}

/** Layers in which more concepts than the largest number that `auto` tries might be found. */
function fullCandidates(
  study: StudyResult["study"],
  layers: StudyResult["layers"],
  mined: StudyResult["mined"],
): string[] {
  const most = CANDIDATES.at(-1)!;
  return study.networks.flatMap(({ id, twin }, n) => {
    const full = layers.filter(({ network }, l) => network === n && mined[l]!.fit.vectors.rows === most);
    if (twin || full.length === 0) return [];
    const [first, ...more] = full.map((l) => `'${l.tap.name}'`);
    return [
      `${id}: auto took ${most} concepts, the most it tries, in layer ${first}${more.length > 0 ? ` and ${more.length} more` : ""}: there may be more; --concepts N sets their number`,
    ];
  });
}
