/** docs/labels.md: every example is written to a folder and read. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { CONCEPT_NEEDS } from "../../../src/contract/defaults.js";
import { labelsSchema } from "../../../src/contract/labels.js";
import { indexOf, opened, painted, photo, png } from "./support.js";

const text = readFileSync(join(import.meta.dirname, "../../../docs/labels.md"), "utf8");

/** Files of a section's fences; names in a fence called `files` stand for PNGs. */
function section(title: string): { files: Record<string, string>; pngs: string[] } {
  const body = text.split(/^## /m).find((s) => s.startsWith(title))!;
  const fences = [...body.matchAll(/^```\w+ (\S+)\n([\s\S]*?)^```$/gm)].map((m) => [m[1]!, m[2]!] as const);
  return {
    files: Object.fromEntries(fences.filter(([name]) => name !== "files")),
    pngs: fences.filter(([name]) => name === "files").flatMap(([, names]) => names.trim().split("\n")),
  };
}

const A = [4, 6, 14, 20] as const;

describe("docs/labels.md", () => {
  test.each([
    ["COCO JSON", "coco", "p", ["cat", "dog"], 1],
    ["Class ids a pixel", "semantic", "p", ["cat"], 1],
    ["YOLO", "yolo", "p", ["cat", "dog"], 1],
    ["Pascal VOC", "voc", "p", ["cat"], 8],
    ["CelebAMask-HQ", "celebamask", "12", ["nose", "skin"], 255],
    ["A folder of masks", "masks", "p", ["cat", "dog"], 1],
  ])("%s", async (title, format, name, concepts, value) => {
    const { files, pngs } = section(title);
    expect(Object.keys(files).length + pngs.length).toBeGreaterThan(0);
    const drawn = await Promise.all(
      pngs.map(async (p) => [p, p.endsWith(".jpg") ? await photo() : png(painted(0, [[A, value]]))] as const),
    );
    const { set, images } = await opened({
      [`photos/${name}.jpg`]: await photo(),
      ...files,
      ...Object.fromEntries(drawn),
    });
    expect(set.source.format).toBe(format);
    expect(set.problems).toEqual([]);
    const masks = await set.open(images[0]!);
    for (const concept of concepts) expect(masks.mask(indexOf(set, concept)).includes(1), concept).toBe(true);
  });

  test("the study file is one, and the numbers in the text are the program's", () => {
    const { labels } = parse(section("Choosing concepts").files["study.yaml"]!);
    expect(labelsSchema.parse(labels).merge).toEqual({ vehicle: ["car", "bus", "truck"] });
    const { fit, test: tests, areaShare } = CONCEPT_NEEDS;
    expect(text).toContain(
      `needs ${fit} images to fit and ${tests} to test whose mask covers at least ${areaShare * 100} % of the image`,
    );
    expect(text).toContain(`that makes ${fit + tests}.`);
  });
});
