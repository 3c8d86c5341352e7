import { CONCEPT_NEEDS } from "../../contract/defaults.js";
import type { ConceptCoverage } from "./coverage.js";
import type { LabelSet } from "./types.js";

/** Problems shown before the rest is only counted. */
const SHOWN = 8;

/** Coverage as text that fits a terminal: concepts with images, most images first. */
export function coverageTable(set: LabelSet, coverage: readonly ConceptCoverage[]): string {
  const shown = coverage.filter((c) => c.images > 0 || c.broken > 0).sort((a, b) => b.images - a.images);
  const grids = coverage[0]?.belowCell.map((b) => b.grid) ?? [];
  const head = [
    "concept",
    "images",
    "instances",
    "without",
    "area % min",
    "median",
    "max",
    `<${CONCEPT_NEEDS.areaShare * 100} %`,
    ...grids.map((g) => `<cell ${g}`),
    "",
  ];
  const percent = (v: number | undefined) => (v === undefined ? "" : (v * 100).toFixed(2));
  const rows = shown.map((c) => [
    c.partOf ? `${c.name} (of ${c.partOf})` : c.name,
    String(c.images),
    `${c.instances}${c.crowds > 0 ? ` (${c.crowds} crowds)` : ""}`,
    String(c.negatives),
    percent(c.area?.min),
    percent(c.area?.median),
    percent(c.area?.max),
    String(c.small),
    ...c.belowCell.map((b) => String(b.images)),
    [c.refused === null ? "" : `too few: ${c.refused}`, c.broken > 0 ? `${c.broken} images with broken labels` : ""]
      .filter((t) => t !== "")
      .join("; "),
  ]);
  const widths = head.map((h, i) => Math.max(h.length, ...rows.map((r) => r[i]!.length)));
  const line = (cells: readonly string[]) =>
    cells
      .map((c, i) => (i === 0 || i === cells.length - 1 ? c.padEnd(widths[i]!) : c.padStart(widths[i]!)))
      .join("  ")
      .trimEnd();
  const enough = coverage.filter((c) => c.refused === null).length;
  const title = `${set.source.path}: ${set.source.format}${set.source.teacher ? ` (teacher: ${set.source.teacher})` : ""}, ${set.images.length} labelled images, ${enough} of ${set.concepts.length} concepts with enough of them`;
  const absent = coverage.length - shown.length;
  const notes = [...set.notes, ...(absent > 0 ? [`${absent} concepts are on no image`] : [])];
  const problems = set.problems.slice(0, SHOWN).map((p) => `left out ${p.where}: ${p.what}`);
  const more = set.problems.length > SHOWN ? [`... and ${set.problems.length - SHOWN} more`] : [];
  return `${[title, ...notes, "", line(head), ...rows.map(line), ...(problems.length > 0 ? ["", ...problems, ...more] : [])].join("\n")}\n`;
}
