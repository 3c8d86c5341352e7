import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { emptyCanvas } from "../../../src/dataset/labels/canvas.js";
import { classesFromDocument, classesFromText } from "../../../src/dataset/labels/classes.js";
import { cocoObjects, paintAnnotation, parseCoco } from "../../../src/dataset/labels/coco.js";
import { globTest } from "../../../src/dataset/labels/concepts.js";
import { parseYolo } from "../../../src/dataset/labels/yolo.js";
import { isSamesightError } from "../../../src/errors.js";

/** Whatever happens inside is a result or one error of ours in one line. */
function survives(work: () => unknown): void {
  try {
    work();
  } catch (error) {
    if (!isSamesightError(error) || error.code === "defect" || error.message.includes("\n")) throw error;
  }
}

const odd = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom(-1, 0, 1e308, 1e9, Number.NaN, Number.POSITIVE_INFINITY, "", "__proto__", null),
);
const numbers = fc.array(fc.oneof(fc.double(), fc.integer({ min: -50, max: 90 })), { maxLength: 12 });
const annotation = fc.record(
  {
    id: odd,
    image_id: fc.constantFrom(1, 2, "1"),
    category_id: fc.constantFrom(1, 1, 1, 3),
    iscrowd: odd,
    bbox: fc.oneof(odd, numbers),
    segmentation: fc.oneof(
      odd,
      fc.array(numbers, { maxLength: 3 }),
      fc.record({ size: fc.constantFrom([30, 40], [1, 2], "x"), counts: fc.oneof(fc.string(), numbers, odd) }),
    ),
  },
  { requiredKeys: [] },
);

describe("label readers and arbitrary input", () => {
  test("COCO: any JSON document", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (document) => survives(() => parseCoco(document, "a.json"))),
      { seed: 1, numRuns: 1000 },
    );
  });

  test("COCO: documents of the right shape with odd values, drawn", () => {
    const images = [
      { id: 1, file_name: "a", width: 40, height: 30 },
      { id: 2, file_name: "b" },
    ];
    fc.assert(
      fc.property(fc.array(annotation, { maxLength: 5 }), (annotations) =>
        survives(() => {
          const file = parseCoco({ images, annotations, categories: [{ id: 1, name: "cat" }] }, "a.json");
          for (const photo of file.photos)
            for (const object of [...cocoObjects(photo, file, "ellipse", "a.json").values()].flat())
              survives(() => object.paint(emptyCanvas(40, 30)));
        }),
      ),
      { seed: 2, numRuns: 1500 },
    );
    fc.assert(
      fc.property(annotation, (a) => survives(() => paintAnnotation(emptyCanvas(40, 30), a, "rectangle"))),
      { seed: 3, numRuns: 1500 },
    );
  });

  test("YOLO and class lists: any text", () => {
    const text = fc.oneof(
      fc.string({ unit: "binary" }),
      fc
        .array(fc.constantFrom("0", "1", "0.5", "-1", "1e999", "\n", " ", "NaN", "x"), { maxLength: 40 })
        .map((w) => w.join(" ")),
    );
    const classes = new Map([[0, "cat"]]);
    fc.assert(
      fc.property(text, (t) => {
        survives(() => {
          for (const object of [...parseYolo(t, classes, "ellipse", "a.txt").values()].flat())
            survives(() => object.paint(emptyCanvas(40, 30)));
        });
        survives(() => classesFromText(t, "classes.txt"));
      }),
      { seed: 4, numRuns: 1500 },
    );
    fc.assert(
      fc.property(fc.jsonValue(), (document) => survives(() => classesFromDocument(document, "classes.json"))),
      { seed: 5, numRuns: 1000 },
    );
  });

  test("globs are as regular expressions have them", () => {
    const part = fc.constantFrom("a", "b", "*", "?", "-", ".");
    fc.assert(
      fc.property(
        fc.array(part, { maxLength: 8 }),
        fc.array(fc.constantFrom("a", "b", "-", "."), { maxLength: 8 }),
        (p, s) => {
          const source = p
            .map((c) => (c === "*" ? ".*" : c === "?" ? "." : `\\${c}`.replace(/\\([ab])/, "$1")))
            .join("");
          expect(globTest(p.join(""))(s.join(""))).toBe(new RegExp(`^${source}$`).test(s.join("")));
        },
      ),
      { seed: 6, numRuns: 2000 },
    );
  });
});
