import { describe, expect, test } from "vitest";
import { withFlags } from "../../src/cli/args.js";
import { labelsFromFlags } from "../../src/cli/labels.js";
import { run } from "../../src/cli/run.js";
import { folder, painted, photo, png } from "../node/labels/support.js";

async function cli(argv: string[]): Promise<{ code: number; out: string; err: string }> {
  let [out, err] = ["", ""];
  const io = {
    out: (t: string) => {
      out += t;
    },
    err: (t: string) => {
      err += t;
    },
    terminal: false,
    stopped: () => false,
  };
  return { code: await run(argv, io, "0"), out, err };
}

const files = async () => ({
  "photos/p.jpg": await photo(),
  "photos/q.jpg": await photo([1, 1, 9, 9]),
  "labels/p.png": png(
    painted(0, [
      [[4, 6, 14, 20], 1],
      [[20, 2, 21, 3], 2],
    ]),
  ),
  "labels/q.png": png(painted(0, [])).subarray(0, 60),
  "labels/classes.txt": "background\ncat\ndog\nbird",
});

describe("samesight labels", () => {
  test("prints coverage, what is too small, what is too few, and what was left out", async () => {
    const dir = await folder(await files());
    const { code, out } = await cli([
      "labels",
      `${dir}/labels`,
      "--images",
      `${dir}/photos`,
      "--grid",
      "10x10",
      "--quiet",
    ]);
    expect(code).toBe(0);
    expect(out.replaceAll(dir, "DIR")).toBe(
      `DIR/labels: semantic, 1 labelled images, 0 of 3 concepts with enough of them
1 of 2 images have no labels and are not used
1 concepts are on no image

concept  images  instances  without  area % min  median    max  <0.5 %  <cell 10x10
cat           1          1        0       11.67   11.67  11.67       0            0  too few: 1 of 13 images with a mask of at least 0.5 % of the image
dog           1          1        0        0.08    0.08   0.08       1            1  too few: 0 of 13 images with a mask of at least 0.5 % of the image

left out q.png: ends before its end
`,
    );
  });

  test("--json has the same as data", async () => {
    const dir = await folder(await files());
    const { out } = await cli([
      "labels",
      `${dir}/labels`,
      "--images",
      `${dir}/photos`,
      "--concept",
      "c*",
      "--json",
      "--quiet",
    ]);
    expect(JSON.parse(out)).toMatchObject({
      source: { format: "semantic" },
      images: 1,
      unlabelled: ["q.jpg"],
      problems: [{ where: "q.png", what: "ends before its end" }],
      concepts: [{ name: "cat", images: 1, area: { median: 140 / 1200 }, refused: expect.stringMatching(/1 of 13/) }],
    });
  });

  test.each([
    [["labels", "nowhere"], /no photographs are given/],
    [["labels", "nowhere", "--images", ".", "--grid", "7"], /--grid 7: expected height x width/],
    [["labels", "nowhere", "--images", ".", "--label-format", "cocoa"], /--label-format: /],
    [["labels", "nowhere", "--images", ".", "--concept", "v=a|"], /--concept v=a\|: a name or class is empty/],
  ])("%j is one line and exit code 1", async (argv, message) => {
    const { code, err } = await cli(argv);
    expect(code).toBe(1);
    expect(err).toMatch(message);
  });
});

describe("--labels and --concept as configuration", () => {
  test("flags go over a study's own labels and leave the rest of them", () => {
    const study = {
      networks: [{ source: "n.onnx" }],
      labels: { path: "a", merge: { v: ["car"] }, crowd: "include" as const },
    };
    expect(withFlags(study, { concept: ["v", "w=bus"] }).labels).toEqual({
      path: "a",
      concepts: ["v", "w"],
      merge: { v: ["car"], w: ["bus"] },
      crowd: "include",
    });
    expect(withFlags(study, {}).labels).toEqual(study.labels);
  });

  test("names, globs, merged classes", () => {
    expect(
      labelsFromFlags({ labels: ["a", "b.json"], concept: ["person", "vehicle=car|bus", "sky*"], labelFormat: "coco" }),
    ).toEqual({
      path: ["a", "b.json"],
      format: "coco",
      concepts: ["person", "vehicle", "sky*"],
      merge: { vehicle: ["car", "bus"] },
    });
    expect(labelsFromFlags({})).toBeUndefined();
    expect(() => labelsFromFlags({ concept: ["person"] })).toThrow(/--concept: there are no labels/);
  });
});
