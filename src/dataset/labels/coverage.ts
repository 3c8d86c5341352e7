import { CONCEPT_NEEDS } from "../../contract/defaults.js";
import { SamesightError } from "../../errors.js";
import { quantileSorted } from "../../numerics/quantile.js";
import type { ImageRef } from "../types.js";
import type { Concept, LabelEntry, LabelSet } from "./types.js";

interface Size {
  readonly h: number;
  readonly w: number;
}

/** How much of a concept a labelled set holds. Images whose labels of it are broken count nowhere but in `broken`. */
export interface ConceptCoverage {
  readonly name: string;
  readonly supercategory: string | null;
  readonly partOf: string | null;
  /** Images with at least one pixel of it. */
  readonly images: number;
  readonly instances: number;
  readonly crowds: number;
  /** Labelled images without it. */
  readonly negatives: number;
  readonly broken: number;
  /** Quantiles of the share of the image its mask covers, over `images`; null where there is none. */
  readonly area: {
    readonly min: number;
    readonly q25: number;
    readonly median: number;
    readonly q75: number;
    readonly max: number;
  } | null;
  /** Images whose mask is below CONCEPT_NEEDS.areaShare of the image. */
  readonly small: number;
  /** For each grid asked for, images whose mask is below one cell. */
  readonly belowCell: readonly { readonly grid: string; readonly images: number }[];
  /** Images with a mask that is not small, by side of the split. */
  readonly usable: { readonly fit: number; readonly test: number };
  /** Why the concept cannot be used, with count and need; null where it can. */
  readonly refused: string | null;
}

/** Whether a mask is large enough to teach a layer of that grid: one cell, and the least share of the image. */
export function usableOn(entry: LabelEntry, grid?: Size): boolean {
  const cell = grid ? 1 / (grid.h * grid.w) : 0;
  return entry.broken === undefined && entry.area > 0 && entry.area >= Math.max(CONCEPT_NEEDS.areaShare, cell);
}

/**
 * Coverage of every concept. `isTest` says on which side an image is; without it all count as images to fit, and the need is that of both sides together.
 */
export function coverageOf(
  set: LabelSet,
  options: { readonly grids?: readonly Size[]; readonly isTest?: (image: ImageRef) => boolean } = {},
): ConceptCoverage[] {
  const { grids = [], isTest } = options;
  const sides = set.images.map(({ image }) => (isTest?.(image) ? "test" : "fit"));
  const needs = isTest
    ? { fit: CONCEPT_NEEDS.fit, test: CONCEPT_NEEDS.test }
    : { fit: CONCEPT_NEEDS.fit + CONCEPT_NEEDS.test, test: 0 };
  return set.concepts.map((concept, c) => {
    const found = set.images.flatMap(({ entries }, i) =>
      entries.filter((e) => e.concept === c).map((entry) => ({ entry, side: sides[i]! })),
    );
    const whole = found.filter(({ entry }) => entry.broken === undefined);
    const present = whole.filter(({ entry }) => entry.area > 0);
    const areas = present.map(({ entry }) => entry.area).sort((a, b) => a - b);
    const usable = {
      fit: present.filter(({ entry, side }) => side === "fit" && usableOn(entry)).length,
      test: present.filter(({ entry, side }) => side === "test" && usableOn(entry)).length,
    };
    const negatives = set.images.length - found.length;
    const q = (p: number) => quantileSorted(areas, p);
    return {
      name: concept.name,
      supercategory: concept.supercategory ?? null,
      partOf: concept.partOf ?? null,
      images: present.length,
      instances: sum(present.map(({ entry }) => entry.instances)),
      crowds: sum(whole.map(({ entry }) => entry.crowds)),
      negatives,
      broken: found.length - whole.length,
      area: areas.length > 0 ? { min: q(0), q25: q(0.25), median: q(0.5), q75: q(0.75), max: q(1) } : null,
      small: present.filter(({ entry }) => entry.area < CONCEPT_NEEDS.areaShare).length,
      belowCell: grids.map(({ h, w }) => ({ grid: `${h}x${w}`, images: areas.filter((a) => a * h * w < 1).length })),
      usable,
      refused: refusal(usable, negatives, needs, isTest !== undefined),
    };
  });
}

function refusal(
  usable: { fit: number; test: number },
  negatives: number,
  needs: { fit: number; test: number },
  split: boolean,
): string | null {
  const large = `with a mask of at least ${CONCEPT_NEEDS.areaShare * 100} % of the image`;
  if (usable.fit < needs.fit) return `${usable.fit} of ${needs.fit} images${split ? " to fit" : ""} ${large}`;
  if (usable.test < needs.test) return `${usable.test} of ${needs.test} images to test ${large}`;
  if (negatives < CONCEPT_NEEDS.negatives) return `${negatives} of ${CONCEPT_NEEDS.negatives} images without it`;
  return null;
}

function sum(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0);
}

/** Concepts that have enough images, by place in `set.concepts`, and the others with the reason. Throws SamesightError `exhausted` when none has. */
export function enoughImages(
  set: LabelSet,
  isTest: (image: ImageRef) => boolean,
): {
  readonly kept: readonly number[];
  readonly refused: readonly { readonly concept: Concept; readonly why: string }[];
} {
  const coverage = coverageOf(set, { isTest });
  const kept = [...coverage.keys()].filter((c) => coverage[c]!.refused === null);
  const refused = coverage.flatMap((c, i) =>
    c.refused === null ? [] : [{ concept: set.concepts[i]!, why: c.refused }],
  );
  if (kept.length > 0) return { kept, refused };
  const best = [...coverage].sort((a, b) => b.images - a.images)[0]!;
  throw new SamesightError("exhausted", `no concept has enough images; the nearest is ${best.name}: ${best.refused}`, {
    hint: "Label more photographs, or merge classes (labels.merge, --concept NAME=a|b).",
    details: { coverage },
  });
}
