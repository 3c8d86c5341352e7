import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import type { LabelsConfigInput } from "../../../src/contract/labels.js";
import { labelsSchema } from "../../../src/contract/labels.js";
import { coverageOf, enoughImages } from "../../../src/dataset/labels/coverage.js";
import { maskSums, onFrame } from "../../../src/dataset/labels/grids.js";
import { coverageTable } from "../../../src/dataset/labels/table.js";
import type { LabelSet } from "../../../src/dataset/labels/types.js";
import { listImages } from "../../../src/node/images.js";
import { openLabels } from "../../../src/node/labels/open.js";
import { indexOf } from "./support.js";

const data = join(process.env.SAMESIGHT_TEST_DATA ?? resolve("../shared/data"), "coco128");
const here = existsSync(data);

const open = async (part: string, extra: Partial<LabelsConfigInput> = {}) =>
  openLabels(
    labelsSchema.parse({ path: join(data, part), ...extra }),
    (await listImages(join(data, "images/val2017"))).images,
  );

/** Set IoU of one concept in two labelled sets, over the images of both. */
async function agreement(a: LabelSet, b: LabelSet, name: string): Promise<number> {
  const [ca, cb] = [indexOf(a, name), indexOf(b, name)];
  const both = new Set(b.images.map((i) => i.image.id));
  let [inter, union] = [0, 0];
  for (const { image } of a.images.filter((i) => both.has(i.image.id))) {
    const ma = (await a.open(image)).mask(ca);
    const mb = (await b.open(image)).mask(cb);
    for (let i = 0; i < ma.length; i++) {
      inter += ma[i]! & mb[i]!;
      union += ma[i]! | mb[i]!;
    }
  }
  return inter / union;
}

describe.skipIf(!here)(`labels of COCO photographs${here ? "" : " (skipped: no ../shared/data/coco128)"}`, () => {
  test("class-id PNGs, polygons and boxes of the same photographs show the same things", async () => {
    const semantic = await open("semantic", { concepts: ["person", "cat", "dog", "sky*"] });
    const polygons = await open("instances", {
      classes: join(data, "semantic/classes.yaml"),
      concepts: ["person", "cat", "dog"],
    });
    const boxes = await open("boxes", { concepts: ["person", "cat", "dog"] });
    expect([semantic, polygons, boxes].map((s) => s.source.format)).toEqual(["semantic", "yolo", "yolo"]);
    expect([semantic, polygons, boxes].map((s) => s.problems)).toEqual([[], [], []]);
    expect(semantic.images.length).toBe(64);
    // the PNGs come from the panoptic set, drawn anew by people: equal but for borders and crowds
    expect(await agreement(semantic, polygons, "person")).toBeGreaterThan(0.85);
    // an ellipse covers the middle of what it surrounds
    const ellipses = await agreement(polygons, boxes, "person");
    expect(ellipses).toBeGreaterThan(0.4);
    expect(ellipses).toBeLessThan(0.85);

    const [first] = semantic.images.filter((i) => i.entries.some((e) => e.concept === 0));
    const masks = await semantic.open(first!.image);
    const mask = masks.mask(0);
    const entry = first!.entries.find((e) => e.concept === 0)!;
    expect(mask.reduce((s, v) => s + v, 0) / mask.length).toBe(entry.area);
    // on any grid of the whole picture the mean of the shares is the area
    const { share } = onFrame(
      maskSums(mask, masks.width, masks.height),
      { x0: 0, y0: 0, x1: 1, y1: 1 },
      { h: 7, w: 5 },
    );
    expect(share.reduce((s, v) => s + v, 0) / 35).toBeCloseTo(entry.area, 6);

    const coverage = coverageOf(semantic, { grids: [{ h: 7, w: 7 }] });
    const person = coverage.find((c) => c.name === "person")!;
    expect(person).toMatchObject({ refused: null, broken: 0 });
    expect(person.images + person.negatives).toBe(64);
    expect(person.small).toBeLessThanOrEqual(person.belowCell[0]!.images);
    expect(coverage.find((c) => c.name === "cat")!.refused).toMatch(
      /^\d+ of 13 images with a mask of at least 0\.5 % of the image$/,
    );
    expect(coverageTable(semantic, coverage)).toMatch(/semantic, 64 labelled images[\s\S]*\nperson .*\n/);
    const { kept, refused } = enoughImages(semantic, (image) => Number(image.id.replace(/\D/g, "")) % 3 === 0);
    expect(kept.map((c) => semantic.concepts[c]!.name)).toContain("person");
    expect(refused.map((r) => r.concept.name)).toContain("cat");
  });
});
