import type { LabelsConfig, LabelsConfigInput } from "../contract/labels.js";
import { LABEL_FORMATS, labelsSchema } from "../contract/labels.js";
import { coverageOf } from "../dataset/labels/coverage.js";
import { coverageTable } from "../dataset/labels/table.js";
import { SamesightError } from "../errors.js";
import { listImages } from "../node/images.js";
import { openLabels } from "../node/labels/open.js";
import type { Io } from "./io.js";
import { progressTo } from "./io.js";

export interface LabelFlags {
  readonly labels?: readonly string[];
  readonly concept?: readonly string[];
  readonly labelFormat?: string;
  readonly labelClasses?: string;
}

export const LABEL_FLAGS = {
  labels:
    "masks of named concepts: a folder or COCO .json, repeatable; zoo:faceparts labels faces by a landmark network",
  concept: "a named concept, a glob, or NAME=a|b for classes merged into one; repeatable (default: all)",
  labelFormat: `${LABEL_FORMATS.join(", ")} (default: recognised)`,
  labelClasses: "class names of labels that hold class ids, yaml, json or txt (default: found beside the labels)",
} as const;

/** --labels and --concept as the study's `labels`; undefined where no labels are given. Throws SamesightError `invalid` naming the flag. */
export function labelsFromFlags(flags: LabelFlags): LabelsConfig | undefined {
  const { labels = [], concept = [], labelFormat, labelClasses } = flags;
  if (labels.length === 0) {
    const orphan =
      concept.length > 0 ? "--concept" : labelFormat ? "--label-format" : labelClasses ? "--label-classes" : undefined;
    if (!orphan) return undefined;
    throw new SamesightError("missing", `${orphan}: there are no labels`, { hint: "Add --labels PATH." });
  }
  const merge: Record<string, string[]> = {};
  const chosen = concept.map((text) => {
    const cut = text.indexOf("=");
    if (cut < 0) return text;
    const name = text.slice(0, cut).trim();
    merge[name] = text
      .slice(cut + 1)
      .split("|")
      .map((p) => p.trim());
    if (name === "" || merge[name]!.some((p) => p === "")) {
      throw new SamesightError("invalid", `--concept ${text}: a name or class is empty`, {
        hint: "Write --concept 'vehicle=car|bus|truck'.",
      });
    }
    return name;
  });
  return parseLabels({
    path: labels.length === 1 ? labels[0]! : [...labels],
    ...(labelFormat === undefined ? {} : { format: labelFormat as "coco" }),
    ...(labelClasses === undefined ? {} : { classes: labelClasses }),
    ...(chosen.length > 0 ? { concepts: chosen } : {}),
    ...(Object.keys(merge).length > 0 ? { merge } : {}),
  });
}

function parseLabels(input: LabelsConfigInput): LabelsConfig {
  const parsed = labelsSchema.safeParse(input);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  const flag = issue.path[0] === "format" ? "--label-format" : "--labels";
  throw new SamesightError("invalid", `${flag}: ${issue.message}`, {
    hint: `Formats are ${LABEL_FORMATS.join(", ")}.`,
  });
}

/** Grids for which the table says how many masks are below a cell, unless others are asked for. */
const GRIDS = ["7x7", "14x14", "28x28"];

export interface LabelsCommandFlags extends LabelFlags {
  readonly images?: string;
  readonly grid?: readonly string[];
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** Coverage of labels on photographs, as a table or as JSON. */
export async function labelsCommand(paths: readonly string[], flags: LabelsCommandFlags, io: Io): Promise<string> {
  if (!flags.images) {
    throw new SamesightError("missing", "no photographs are given", {
      hint: "Add --images DIR, the photographs that were labelled.",
    });
  }
  const config = labelsFromFlags({ ...flags, labels: paths })!;
  const grids = (flags.grid ?? GRIDS).map((text) => {
    const [, h, w] = /^(\d{1,4})x(\d{1,4})$/.exec(text) ?? [];
    if (h && w && Number(h) > 0 && Number(w) > 0) return { h: Number(h), w: Number(w) };
    throw new SamesightError("invalid", `--grid ${text}: expected height x width`, { hint: "Write --grid 14x14." });
  });
  const { images } = await listImages(flags.images);
  const progress = progressTo(io, flags.quiet ?? false);
  try {
    const set = await openLabels(config, images, {
      progress: (done, total) => progress.show({ stage: "labels", what: "", done, total }),
      onFetch: (p) => io.err(`fetching ${p.name}@${p.version} (${p.megabytes} MB, licence ${p.licence})\n`),
    });
    const coverage = coverageOf(set, { grids });
    if (!flags.json) return coverageTable(set, coverage);
    const { source, notes, problems, unlabelled } = set;
    const report = {
      source,
      images: set.images.length,
      unlabelled: unlabelled.map((i) => i.id),
      notes,
      problems,
      concepts: coverage,
    };
    return `${JSON.stringify(report, null, 2)}\n`;
  } finally {
    progress.end();
  }
}
