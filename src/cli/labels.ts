import { labelsSchema } from "../contract/labels.js";
import { coverageOf } from "../dataset/labels/coverage.js";
import { coverageTable } from "../dataset/labels/table.js";
import { SamesightError } from "../errors.js";
import { listImages } from "../node/images.js";
import { openLabels } from "../node/labels/open.js";
import type { Io } from "./io.js";
import { progressTo } from "./io.js";
import type { LabelFlags } from "./labelflags.js";
import { labelsFromFlags } from "./labelflags.js";

export { LABEL_FLAGS, labelsFromFlags } from "./labelflags.js";

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
  const config = labelsSchema.parse(labelsFromFlags({ ...flags, labels: paths }));
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
