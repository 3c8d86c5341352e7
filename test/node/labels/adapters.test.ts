import { describe, expect, test } from "vitest";
import { runsOf, textOfRuns } from "../../../src/dataset/labels/rle.js";
import { indexOf, maskOf, opened, painted, photo, png, rows } from "./support.js";

const A = [4, 6, 14, 20] as const; // a box of 10 x 14 pixels
const B = [20, 2, 36, 12] as const;
const inA = painted(0, [[A, 1]]);
const inB = painted(0, [[B, 1]]);
const corners = ([x0, y0, x1, y1]: readonly number[]) => [x0, y0, x0, y1, x1, y1, x1, y0];

/** One photograph, "p.jpg", and a COCO file for it. */
const coco = async (annotations: unknown[], config = {}) =>
  opened(
    {
      "photos/p.jpg": await photo(),
      "photos/q.jpg": await photo([1, 1, 9, 9]),
      "labels/instances.json": JSON.stringify({
        images: [
          { id: 7, file_name: "p.jpg", width: 40, height: 30 },
          { id: 8, file_name: "sub/q.jpg", width: 40, height: 30 },
        ],
        categories: [
          { id: 1, name: "cat", supercategory: "animal" },
          { id: 3, name: "dog", supercategory: "animal" },
        ],
        annotations: annotations.map((a, i) => ({ id: 100 + i, image_id: 7, category_id: 1, ...(a as object) })),
      }),
    },
    config,
  );

describe("COCO", () => {
  test("polygons, compressed and uncompressed RLE give the same mask; instances are united, absent concepts have no entry", async () => {
    const canvas = { width: 40, height: 30, data: inB };
    const { set, images } = await coco([
      { segmentation: [corners(A)] },
      { category_id: 3, segmentation: { size: [30, 40], counts: textOfRuns(runsOf(canvas)) } },
      { category_id: 3, segmentation: { size: [30, 40], counts: runsOf({ ...canvas, data: inA }) } },
    ]);
    expect(set.source.format).toBe("coco");
    expect(set.concepts).toEqual([
      { name: "cat", supercategory: "animal", classes: ["cat"] },
      { name: "dog", supercategory: "animal", classes: ["dog"] },
    ]);
    expect(rows(await maskOf(set, images[0]!, "cat"))).toEqual(rows(inA));
    expect(rows(await maskOf(set, images[0]!, "dog"))).toEqual(
      rows(
        painted(0, [
          [A, 1],
          [B, 1],
        ]),
      ),
    );
    expect(set.images[0]!.entries).toEqual([
      { concept: 0, area: 140 / 1200, instances: 1, crowds: 0, where: "instances.json: annotation 100" },
      { concept: 1, area: 300 / 1200, instances: 2, crowds: 0, where: "instances.json: annotation 101" },
    ]);
    // in the file without annotations: a negative of both
    expect(set.images[1]!.entries).toEqual([]);
    expect((await set.open(images[0]!)).valid(0)).toBeUndefined();
  });

  test("a crowd is unknown, or part of the mask, or background, as asked", async () => {
    const crowd = [
      { segmentation: [corners(A)] },
      { iscrowd: 1, segmentation: { size: [30, 40], counts: runsOf({ width: 40, height: 30, data: inB }) } },
    ];
    const both = painted(0, [
      [A, 1],
      [B, 1],
    ]);
    for (const [how, mask, valid] of [
      ["ignore", inA, painted(1, [[B, 0]])],
      ["include", both, undefined],
      ["exclude", inA, undefined],
    ] as const) {
      const { set, images } = await coco(crowd, { crowd: how });
      const masks = await set.open(images[0]!);
      expect(rows(masks.mask(0)), how).toEqual(rows(mask));
      expect(masks.valid(0)).toEqual(valid);
    }
    const { set } = await coco([crowd[1]!]);
    expect(set.images[0]!.entries).toMatchObject([{ area: 0, instances: 1, crowds: 1 }]);
  });

  test("an object with a box only is an ellipse or a rectangle; a flat polygon is one polygon", async () => {
    const box = { segmentation: [], bbox: [4, 6, 10, 14] };
    const rectangle = await coco([box], { boxes: "rectangle" });
    expect(rows(await maskOf(rectangle.set, rectangle.images[0]!, "cat"))).toEqual(rows(inA));
    const ellipse = await coco([box]);
    expect(ellipse.set.images[0]!.entries[0]!.area).toBeCloseTo((Math.PI / 4) * (140 / 1200), 2);
    const flat = await coco([{ segmentation: corners(A) }]);
    expect(rows(await maskOf(flat.set, flat.images[0]!, "cat"))).toEqual(rows(inA));
  });
});

const CLASSES = "names:\n  0: unlabeled\n  1: cat\n  2: dog\n  7: sky\n";

describe("class ids a pixel", () => {
  const ids = painted(7, [
    [A, 1],
    [B, 2],
    [[0, 25, 40, 30], 0],
  ]);

  test("each class is its pixels; pixels called unlabeled count neither for nor against", async () => {
    const { set, images } = await opened({
      "photos/p.jpg": await photo(),
      "labels/p.png": png(ids),
      "labels/classes.yaml": CLASSES,
    });
    expect(set.source.format).toBe("semantic");
    expect(set.concepts.map((c) => c.name)).toEqual(["cat", "dog", "sky"]);
    const masks = await set.open(images[0]!);
    expect(rows(masks.mask(1))).toEqual(rows(inB));
    expect(rows(masks.valid(1)!)).toEqual(rows(painted(1, [[[0, 25, 40, 30], 0]])));
  });

  test("what is ignored can be said: nothing, or a class", async () => {
    const files = { "photos/p.jpg": await photo(), "labels/p.png": png(ids), "labels/classes.yaml": CLASSES };
    const none = await opened(files, { ignore: [] });
    expect((await none.set.open(none.images[0]!)).valid(0)).toBeUndefined();
    const sky = await opened(files, { ignore: ["sky"] });
    expect(sky.set.concepts.map((c) => c.name)).toEqual(["cat", "dog"]);
    expect([...(await sky.set.open(sky.images[0]!)).valid(0)!].filter((v) => v === 0).length).toBe(
      [...ids].filter((v) => v === 7).length,
    );
  });

  test("class lists: json, text with and without ids, categories, a list", async () => {
    for (const [name, text] of [
      ["classes.json", '{"1": "cat", "2": "dog", "7": "sky"}'],
      [
        "classes.json",
        '{"categories": [{"id": 1, "name": "cat"}, {"id": 2, "name": "dog"}, {"id": 7, "name": "sky"}]}',
      ],
      ["classes.txt", "# ids\n0: unlabeled\n1: cat\n2: dog\n7: sky\n"],
      ["labels.txt", "void\ncat\ndog\na\nb\nc\nd\nsky\n"],
      ["data.yaml", "nc: 8\nnames: [void, cat, dog, a, b, c, d, sky]\n"],
    ] as const) {
      const { set, images } = await opened({
        "photos/p.jpg": await photo(),
        "labels/p.png": png(ids),
        [`labels/${name}`]: text,
      });
      expect(rows(await maskOf(set, images[0]!, "dog")), `${name} ${text}`).toEqual(rows(inB));
    }
  });

  test("Pascal VOC: palette indices, its own classes, the seam of 255 ignored", async () => {
    const seam = [10, 8, 12, 9] as const;
    const voc = painted(0, [
      [A, 8],
      [B, 12],
      [seam, 255],
    ]);
    const { set, images } = await opened(
      {
        "photos/2007_000032.jpg": await photo(),
        "VOC/SegmentationClass/2007_000032.png": png(voc, 40, 30, true),
        "VOC/JPEGImages/none.txt": "",
      },
      { path: "VOC" },
    );
    expect(set.source.format).toBe("voc");
    expect(set.concepts).toHaveLength(20);
    expect(rows(await maskOf(set, images[0]!, "dog"))).toEqual(rows(inB));
    expect(rows(await maskOf(set, images[0]!, "cat"))).toEqual(
      rows(
        painted(0, [
          [A, 1],
          [seam, 0],
        ]),
      ),
    );
    expect(rows((await set.open(images[0]!)).valid(indexOf(set, "cat"))!)).toEqual(rows(painted(1, [[seam, 0]])));
  });
});

describe("YOLO", () => {
  const n = (v: number, side: number) => (v / side).toFixed(6);
  const polygon = corners(B)
    .map((v, i) => n(v!, i % 2 === 0 ? 40 : 30))
    .join(" ");
  const box = `${n(9, 40)} ${n(13, 30)} ${n(10, 40)} ${n(14, 30)}`;

  test("polygons and boxes in one file, several folders, an empty file is a negative, no file is no label", async () => {
    const { set, images } = await opened(
      {
        "photos/train/p.jpg": await photo(),
        "photos/val/p.jpg": await photo([2, 2, 8, 8]),
        "photos/val/r.jpg": await photo([2, 2, 9, 9]),
        "labels/train/p.txt": `1 ${polygon}\n0 ${box}\n`,
        "labels/val/p.txt": "\n",
        "labels/data.yaml": "names: [cat, dog]\n",
      },
      { boxes: "rectangle" },
    );
    expect(set.source.format).toBe("yolo");
    expect(rows(await maskOf(set, images[0]!, "dog"))).toEqual(rows(inB));
    expect(rows(await maskOf(set, images[0]!, "cat"))).toEqual(rows(inA));
    expect(set.images.map((i) => [i.image.id, i.entries.length])).toEqual([
      ["train/p.jpg", 2],
      ["val/p.jpg", 0],
    ]);
    expect(set.unlabelled.map((i) => i.id)).toEqual(["val/r.jpg"]);
    expect(set.notes).toEqual(["1 of 3 images have no labels and are not used"]);
  });

  test("without a file an image can count as a negative", async () => {
    const { set } = await opened(
      {
        "photos/p.jpg": await photo(),
        "photos/r.jpg": await photo([2, 2, 9, 9]),
        "labels/p.txt": `0 ${box}`,
        "labels/classes.txt": "cat",
      },
      { missing: "negative" },
    );
    expect(set.images.map((i) => i.entries.length)).toEqual([1, 0]);
    expect(set.unlabelled).toEqual([]);
  });
});

describe("masks", () => {
  test("CelebAMask-HQ: a PNG a part at half the size, 12.jpg has 00012_..., a part without file is absent", async () => {
    const half = png(painted(0, [[[2, 3, 7, 10], 255]], 20, 15), 20, 15);
    const { set, images } = await opened(
      {
        "photos/12.jpg": await photo(),
        "photos/13.jpg": await photo([1, 1, 5, 5]),
        "celeba/CelebAMask-HQ-mask-anno/0/00012_nose.png": half,
        "celeba/CelebAMask-HQ-mask-anno/0/00013_skin.png": half,
      },
      { path: "celeba" },
    );
    expect(set.source.format).toBe("celebamask");
    expect(rows(await maskOf(set, images[0]!, "nose"))).toEqual(rows(inA));
    expect(set.images.map((i) => i.entries.map((e) => set.concepts[e.concept]!.name))).toEqual([["nose"], ["skin"]]);
    expect(set.notes[0]).toMatch(/labels of 2 images were drawn at another size and are scaled/);
  });

  test("a folder a concept; values 0 and 1, 0 and 255, soft edges, colours", async () => {
    const grey = Uint8Array.from(inA, (v, i) => (v === 1 ? 250 : i % 3 === 0 ? 90 : 0));
    const { set, images } = await opened({
      "photos/p.jpg": await photo(),
      "photos/q.jpg": await photo([2, 2, 9, 9]),
      "labels/masks/wheel/p.png": png(inA),
      "labels/masks/wheel/q.png": png(inB.map((v) => v * 255)),
      "labels/masks/door/p.png": png(grey),
      "labels/masks/window/p.png": png(painted(0, [[B, 9]]), 40, 30, true),
    });
    expect(set.source.format).toBe("masks");
    expect(set.concepts.map((c) => c.name)).toEqual(["door", "wheel", "window"]);
    expect(rows(await maskOf(set, images[0]!, "wheel"))).toEqual(rows(inA));
    expect(rows(await maskOf(set, images[1]!, "wheel"))).toEqual(rows(inB));
    expect(rows(await maskOf(set, images[0]!, "door"))).toEqual(rows(inA));
    expect(rows(await maskOf(set, images[0]!, "window"))).toEqual(rows(inB));
  });

  test("one folder, PHOTOGRAPH_CONCEPT.png; both names may hold underscores", async () => {
    const { set, images } = await opened({
      "photos/street_1.jpg": await photo(),
      "labels/street_1_tail_light.png": png(inA),
      "labels/street_1_wheel.png": png(inB),
      "labels/other_wheel.png": png(inB),
    });
    expect(set.concepts.map((c) => c.name)).toEqual(["tail_light", "wheel"]);
    expect(rows(await maskOf(set, images[0]!, "tail_light"))).toEqual(rows(inA));
  });
});

describe("concepts", () => {
  const files = async () => ({
    "photos/p.jpg": await photo(),
    "labels/p.png": png(
      painted(0, [
        [A, 1],
        [B, 2],
      ]),
    ),
    "labels/classes.txt": "background\ncar\nbus\ntruck\ntraffic light\n",
  });

  test("by name and glob, classes merged, parts", async () => {
    const { set, images } = await opened(await files(), {
      concepts: ["vehicle", "T*"],
      merge: { vehicle: ["car", "b?s", "truck"] },
      partOf: { "traffic light": "vehicle" },
    });
    expect(set.concepts).toEqual([
      { name: "truck", classes: ["truck"] },
      { name: "traffic light", classes: ["traffic light"], partOf: "vehicle" },
      { name: "vehicle", classes: ["car", "bus", "truck"] },
    ]);
    expect(rows(await maskOf(set, images[0]!, "vehicle"))).toEqual(
      rows(
        painted(0, [
          [A, 1],
          [B, 1],
        ]),
      ),
    );
    const without = await opened(await files(), { concepts: ["!t*"] });
    expect(without.set.concepts.map((c) => c.name)).toEqual(["car", "bus"]);
  });

  test.each([
    [{ concepts: ["trukc"] }, /no class 'trukc'/, /Did you mean 'truck'/],
    [{ merge: { car: ["bus"] } }, /a class 'car' already/, /another name/],
    [{ merge: { v: ["plane*"] } }, /merge v: the labels have no class 'plane\*'/, /car, bus, truck/],
    [{ partOf: { wheel: "car" } }, /partOf: the labels have no class 'wheel'/, /./],
    [{ concepts: ["car", "!c*"] }, /leaves none/, /car, bus/],
  ])("%j is refused", async (config, message, hint) => {
    await expect(opened(await files(), config)).rejects.toMatchObject({
      message: expect.stringMatching(message),
      hint: expect.stringMatching(hint),
    });
  });
});
