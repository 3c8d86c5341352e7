import { rm } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { opened, painted, photo, png } from "./support.js";

const GOOD = { segmentation: [[4, 6, 4, 20, 14, 20, 14, 6]] };

const cocoText = (annotations: object[], rest: object = {}) =>
  JSON.stringify({
    images: [
      { id: 7, file_name: "p.jpg", width: 40, height: 30 },
      { id: 8, file_name: "q.jpg", width: 40, height: 30 },
    ],
    categories: [{ id: 1, name: "cat" }],
    annotations: annotations.map((a, i) => ({ id: 100 + i, image_id: 7, category_id: 1, ...a })),
    ...rest,
  });

const photos = async () => ({ "photos/p.jpg": await photo(), "photos/q.jpg": await photo([1, 1, 9, 9]) });

/** What stops at once: the whole set is not what it is taken for. */
describe("stops with one line that names file and place", () => {
  const cases: [string, Record<string, string | Uint8Array>, RegExp, RegExp, object?][] = [
    ["bad JSON", { "labels/a.json": '{"images": [],\n "annotations": [}' }, /^a\.json.*: not JSON \(.*\)$/, /torn/],
    ["no list", { "labels/a.json": '{"annotations": []}' }, /^a\.json: no list 'categories'$/, /images, annotations/],
    [
      "a category without name",
      { "labels/a.json": cocoText([GOOD], { categories: [{ id: 1 }] }) },
      /^a\.json: categories\[0\] has no id or no name$/,
      /person/,
    ],
    [
      "an unknown category",
      { "labels/a.json": cocoText([{ ...GOOD, category_id: 4 }]) },
      /^a\.json: annotation 100: no category has the id 4$/,
      /1 categories/,
    ],
    [
      "an id beyond the class list in YOLO",
      { "labels/p.txt": "0 .5 .5 .1 .1\n9 .5 .5 .1 .1", "labels/classes.txt": "cat" },
      /^p\.txt:2: no class has the id 9$/,
      /1 classes, ids 0 to 0/,
    ],
    [
      "a pixel of no class",
      { "labels/p.png": png(painted(0, [[[3, 4, 5, 6], 77]])), "labels/classes.txt": "sky\ncat" },
      /^p\.png: pixel \(3, 4\) has class 77, which the class list lacks$/,
      /labels\.ignore \[77\]/,
    ],
    ["no class list", { "labels/p.txt": "0 .5 .5 .1 .1" }, /: no class list beside the labels$/, /classes\.yaml/],
    [
      "a class list without names",
      { "labels/p.txt": "0 .5 .5 .1 .1", "labels/classes.yaml": "names: {}" },
      /classes\.yaml: no class names/,
      /person/,
    ],
    [
      "a class list that is no YAML",
      { "labels/p.txt": "0 .5 .5 .1 .1", "labels/classes.yaml": "names: {0: [" },
      /classes\.yaml: /,
      /person/,
    ],
    [
      "an id that is no number",
      { "labels/p.txt": "0 .5 .5 .1 .1", "labels/classes.yaml": "names: {x: cat}" },
      /entry 1: class id "x" is not a whole number/,
      /ids/,
    ],
    [
      "two names for an id",
      { "labels/p.txt": "0 .5 .5 .1 .1", "labels/classes.txt": "0 cat\n0 dog" },
      /classes\.txt:2: class 0 is 'cat' and 'dog'/,
      /ids/,
    ],
    [
      "names that fit no photograph",
      { "labels/x1.txt": "0 .5 .5 .1 .1", "labels/classes.txt": "cat" },
      /none of the 2 photographs has labels \(photographs: p\.jpg, q\.jpg; labels: .*x1\.txt\)/,
      /name of its photograph/,
    ],
    [
      "none of the concepts",
      { "labels/p.png": png(painted(0, [])), "labels/classes.txt": "background\ncat" },
      /no image has any of cat$/,
      /format/,
    ],
    ["nothing of a known format", { "labels/readme.md": "hello" }, /no labels of a known format/, /COCO json/],
    [
      "two formats",
      { "labels/p.txt": "0 .5 .5 .1 .1", "labels/a.json": cocoText([GOOD]), "labels/classes.txt": "cat" },
      /could be coco or yolo/,
      /--label-format/,
    ],
    [
      "an unknown class in ignore",
      { "labels/p.png": png(painted(0, [])), "labels/classes.txt": "background\ncat" },
      /ignore: the labels have no class 'void'/,
      /class id/,
      { ignore: ["void"] },
    ],
    [
      "the first broken label, with strict",
      { "labels/a.json": cocoText([{ segmentation: [[1, 2, 3, 4]] }]) },
      /^a\.json: annotation 100: polygon of 2 points, at least 3 are needed$/,
      /Draw it again/,
      { strict: true },
    ],
    [
      "two labels of one photograph",
      {
        "labels/a/p.png": png(painted(0, [])),
        "labels/b/p.png": png(painted(0, [])),
        "labels/classes.txt": "background\ncat",
      },
      /two labels: .*a\/p\.png and .*b\/p\.png/,
      /folders/,
      { format: "semantic" },
    ],
  ];
  test.each(cases)("%s", async (_, files, message, hint, config = {}) => {
    const error = await opened({ ...(await photos()), ...files }, config).then(
      () => undefined,
      (e: Error & { hint: string; name: string }) => e,
    );
    expect(error?.name, "nothing was thrown").toBe("SamesightError");
    expect(error!.message).toMatch(message);
    expect(error!.message).not.toContain("\n");
    expect(error!.hint).toMatch(hint);
  });

  test("labels that are not there", async () => {
    await expect(opened(await photos(), { path: "nothing" })).rejects.toMatchObject({
      code: "missing",
      message: expect.stringMatching(/no labels at .*nothing/),
    });
  });

  test("a photograph whose labels change while the study runs", async () => {
    const { set, images, dir } = await opened({
      ...(await photos()),
      "labels/p.txt": "0 .5 .5 .1 .1",
      "labels/q.txt": "0 .5 .5 .2 .2",
      "labels/classes.txt": "cat",
    });
    await rm(join(dir, "labels/p.txt"));
    // both are still at hand from the first look; others push them out
    for (const image of images) await set.open(image);
    const fresh = { ...images[0]!, path: join(dir, "photos/../photos/p.jpg") };
    await expect(set.open({ ...fresh, path: `${dir}/photos/./p.jpg` })).rejects.toMatchObject({ code: "missing" });
  });
});

/** What is left out and counted: one bad label among many must not stop the work. */
describe("is left out and counted, the rest is used", () => {
  const broken: [string, object, string][] = [
    ["polygon of two points", { segmentation: [[1, 2, 3, 4]] }, "polygon of 2 points, at least 3 are needed"],
    [
      "odd number of coordinates",
      { segmentation: [[1, 2, 3, 4, 5, 6, 7]] },
      "polygon of 7 numbers, expected pairs of x and y",
    ],
    ["a coordinate that is no number", { segmentation: [[1, 2, 3, null, 5, 6]] }, "polygon number 4 is null"],
    [
      "a point far outside",
      { segmentation: [[1, 2, 3, 400, 5, 6]] },
      "polygon y 400 lies far outside the picture of 40 x 30",
    ],
    ["broken RLE text", { segmentation: { size: [30, 40], counts: "52203" } }, "RLE its runs cover 16 of 1200 pixels"],
    [
      "RLE of another size",
      { segmentation: { size: [40, 30], counts: [1200] } },
      "RLE of 30 x 40 pixels on a picture of 40 x 30",
    ],
    [
      "RLE lengths with a fraction",
      { segmentation: { size: [30, 40], counts: [0.5] } },
      "RLE run 1 is 0.5, not a whole number",
    ],
    ["RLE without lengths", { segmentation: { size: [30, 40] } }, "RLE counts are undefined"],
    ["neither mask nor box", {}, "neither segmentation nor bbox"],
    ["an empty box", { bbox: [3, 3, 0, 4] }, "bbox without area"],
    ["a segmentation of words", { segmentation: "none" }, 'segmentation is "none"'],
  ];
  test.each(broken)("COCO: %s", async (_, annotation, what) => {
    const { set, images } = await opened({
      ...(await photos()),
      "labels/a.json": cocoText([annotation, { ...GOOD, image_id: 8 }, GOOD]),
    });
    expect(set.problems).toEqual([{ where: "a.json: annotation 100", what }]);
    expect(set.images[0]!.entries[0]).toMatchObject({ broken: what });
    // what is broken is unknown, not absent
    expect((await set.open(images[0]!)).valid(0)!.includes(1)).toBe(false);
    expect(set.images[1]!.entries[0]!.broken).toBeUndefined();
  });

  test("COCO: annotations of pictures that are not listed, pictures without name or with a wrong size", async () => {
    const text = cocoText([{ ...GOOD, image_id: 99 }, GOOD], {
      images: [
        { id: 7, file_name: "p.jpg", width: 40, height: 30 },
        { id: 9 },
        { id: 8, file_name: "q.jpg", width: 64, height: 30 },
      ],
    });
    const { set } = await opened({ ...(await photos()), "labels/a.json": text });
    expect(set.problems).toEqual([
      { where: "a.json: images[1]", what: "has no id or no file_name" },
      { where: "a.json: annotation 100", what: "is of image 99, which is not in images" },
      { where: "a.json", what: "images[2]: drawn on 64 x 30 pixels, the photograph has 40 x 30" },
    ]);
    expect(set.images.map((i) => i.image.id)).toEqual(["p.jpg"]);
  });

  test.each([
    ["0 0.5 0.5 1.4 0.1", "number 3 is 1.4, outside 0..1"],
    ["0 0.5 0.5 nan 0.1", 'number 3 is "nan"'],
    ["0 0.5 0.5 0 0.1", "box without area"],
    ["0 0.1 0.2", "polygon of 1 points, at least 3 are needed"],
    ["0 0.1 0.2 0.3 0.4 0.5", "5 numbers: neither a box (4) nor pairs of x and y"],
  ])("YOLO: %s", async (line, what) => {
    const { set } = await opened({
      ...(await photos()),
      "labels/p.txt": `1 .5 .5 .1 .1\n${line}\n`,
      "labels/q.txt": "0 .5 .5 .2 .2",
      "labels/classes.txt": "cat\ndog",
    });
    expect(set.problems).toEqual([{ where: "p.txt:2", what }]);
    expect(set.images[0]!.entries.map((e) => e.broken)).toEqual([what, undefined]);
  });

  test.each([
    ["another size", png(painted(0, [], 30, 30), 30, 30), "drawn on 30 x 30 pixels, the photograph has 40 x 30"],
    ["torn", png(painted(0, [])).subarray(0, 60), "ends before its end"],
    ["no picture", Buffer.from("hello"), "not a PNG"],
  ])("class-id PNG: %s", async (_, bytes, what) => {
    const { set } = await opened({
      ...(await photos()),
      "labels/p.png": bytes,
      "labels/q.png": png(painted(1, [])),
      "labels/classes.txt": "background\ncat",
    });
    expect(set.problems).toEqual([{ where: "p.png", what }]);
    expect(set.images.map((i) => i.image.id)).toEqual(["q.jpg"]);
    expect(set.unlabelled.map((i) => i.id)).toEqual(["p.jpg"]);
  });

  test("masks: one that is damaged or of another size makes its concept unknown on that photograph", async () => {
    const { set } = await opened({
      ...(await photos()),
      "labels/wheel/p.png": png(painted(0, [[[1, 1, 5, 5], 1]])),
      "labels/door/p.png": png(painted(0, [[[1, 1, 5, 5], 1]])).subarray(0, 70),
      "labels/roof/p.png": png(painted(1, [], 20, 15), 20, 15),
      "labels/wheel/q.png": png(painted(0, [[[1, 1, 5, 5], 1]])),
    });
    expect(set.problems.map((p) => p.where).sort()).toEqual(["door/p.png", "wheel/p.png"].sort());
  });
});
