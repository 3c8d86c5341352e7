import type { LabelsConfigInput } from "../contract/labels.js";
import { LABEL_FORMATS, labelsSchema } from "../contract/labels.js";
import { SamesightError } from "../errors.js";

export interface LabelFlags {
  readonly labels?: readonly string[];
  readonly concept?: readonly string[];
  readonly labelFormat?: string;
  readonly labelClasses?: string;
  readonly locations?: boolean;
}

export const LABEL_FLAGS = {
  labels:
    "masks of named concepts: a folder or COCO .json, repeatable; zoo:faceparts labels faces by a landmark network",
  concept: "a named concept, a glob, or NAME=a|b for classes merged into one; repeatable (default: all)",
  labelFormat: `${LABEL_FORMATS.join(", ")} (default: recognised)`,
  labelClasses: "class names of labels that hold class ids, yaml, json or txt (default: found beside the labels)",
  locations: "also learn each named concept on each photograph alone, and say how these vectors lie",
} as const;

/** --labels and --concept as the study's `labels`, nothing but what was given; undefined where no labels are given. Throws SamesightError `invalid` naming the flag. */
export function labelsFromFlags(flags: LabelFlags): LabelsConfigInput | undefined {
  const { labels = [], concept = [], labelFormat, labelClasses, locations } = flags;
  if (labels.length === 0) {
    const given = [
      ["--concept", concept.length > 0],
      ["--label-format", labelFormat],
      ["--label-classes", labelClasses],
      ["--locations", locations],
    ] as const;
    const orphan = given.find(([, value]) => value)?.[0];
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
  return checked({
    path: labels.length === 1 ? labels[0]! : [...labels],
    ...(labelFormat === undefined ? {} : { format: labelFormat as "coco" }),
    ...(labelClasses === undefined ? {} : { classes: labelClasses }),
    ...(chosen.length > 0 ? { concepts: chosen } : {}),
    ...(Object.keys(merge).length > 0 ? { merge } : {}),
  });
}

function checked(input: LabelsConfigInput): LabelsConfigInput {
  const parsed = labelsSchema.safeParse(input);
  if (parsed.success) return input;
  const issue = parsed.error.issues[0]!;
  const flag = issue.path[0] === "format" ? "--label-format" : "--labels";
  throw new SamesightError("invalid", `${flag}: ${issue.message}`, {
    hint: `Formats are ${LABEL_FORMATS.join(", ")}.`,
  });
}
