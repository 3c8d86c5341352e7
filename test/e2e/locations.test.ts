/** Local concept embeddings through the command line on photographs and labels of COCO, and its files as somebody with Python and numpy reads them. */
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { emptyFolder, networks, ownStore, samesight } from "./support.js";

const data = join(process.env.SAMESIGHT_TEST_DATA ?? resolve("../shared/data"), "coco128");
const python = process.platform === "win32" ? "python" : "/usr/bin/python3";
const reason = !existsSync(data)
  ? " (skipped: no ../shared/data/coco128)"
  : spawnSync(python, ["-c", "import numpy"]).status !== 0
    ? ` (skipped: ${python} has no numpy)`
    : "";

interface Read {
  readonly layers: Record<string, { shape: number[]; channels: number; metadata: string[] }>;
  /** Of each row of locations.csv: its own numbers, and what numpy makes of the vectors. */
  readonly rows: { key: string; images: number[]; spread: (number | null)[]; overlap: (number | null)[] }[];
  readonly centrality: number;
  readonly order: boolean;
}

describe.skipIf(reason !== "")(`--locations on COCO${reason}`, () => {
  const dir = join(ownStore(), "run");
  let read: Read;
  beforeAll(async () => {
    // some of the photographs with labels: quick, and enough for the three concepts
    const some = (split: string, count: number) => {
      const root = emptyFolder("coco");
      mkdirSync(join(root, split));
      const names = readdirSync(join(data, "semantic", split)).filter((f) => f.endsWith(".png"));
      for (const name of names.slice(0, count).map((f) => f.replace(/\.png$/, ".jpg")))
        cpSync(join(data, "images", split, name), join(root, split, name));
      return root;
    };
    const net = networks();
    const argv = ["compare", net.residual, "--images", some("train2017", 44), "--test-images", some("val2017", 24)];
    const concepts = ["person", "sky=sky-other-merged", "tree=tree-merged"].flatMap((name) => ["--concept", name]);
    const labels = ["--labels", join(data, "semantic"), ...concepts];
    const few = [
      "--layers",
      "auto:2",
      "--concepts",
      "3",
      "--permutations",
      "20",
      "--bootstrap",
      "20",
      "--controls",
      "none",
    ];
    const outcome = await samesight([...argv, ...labels, ...few, "--locations", "--workers", "0", "--out", dir]);
    expect(outcome, outcome.err).toMatchObject({ code: 0 });
    const { stdout, stderr, status } = spawnSync(python, [join(import.meta.dirname, "read_locations.py"), dir], {
      encoding: "utf8",
    });
    expect(status, stderr).toBe(0);
    read = JSON.parse(stdout) as Read;
  }, 300_000);

  test("the vectors lie beside those of the other methods, a row a photograph and concept, in the order of location_images.csv", () => {
    expect(Object.keys(read.layers)).toHaveLength(2);
    for (const { shape, channels, metadata } of Object.values(read.layers)) {
      expect(shape[0]).toBeGreaterThan(20);
      expect(shape[1]).toBe(channels);
      expect(metadata).toEqual(expect.arrayContaining(["concepts", "fit_images"]));
    }
    expect(read.order).toBe(true);
  });

  test("spread, overlap and centrality follow from the vectors by numpy", () => {
    expect(read.rows.length).toBeGreaterThanOrEqual(4);
    for (const { key, images, spread, overlap } of read.rows) {
      expect(images[0], key).toBe(images[1]);
      expect(spread[0], key).toBeCloseTo(spread[1]!, 4);
      if (overlap[1] !== null) expect(overlap[0], key).toBeCloseTo(overlap[1]!, 6);
    }
    expect(read.centrality).toBeLessThan(1e-4);
  });

  test("a mined concept has a name only where its masks overlap with the labels by more than chance; others say so", () => {
    const [head, ...lines] = readFileSync(join(dir, "bridge.csv"), "utf8").trim().split("\n");
    const columns = head!.split(",");
    expect(lines).toHaveLength(2 * 3);
    for (const line of lines) {
      const r = Object.fromEntries(line.split(",").map((v, i) => [columns[i]!, v]));
      const [iou, chance] = [Number(r.label_iou), Number(r.label_chance)];
      expect(chance).toBeGreaterThan(0);
      expect(r.label).toBe(iou > 0.04 && (iou - chance) / (1 - chance) > 0.04 ? r.best : "");
    }
  });

  test("without labels the flag says what it needs", async () => {
    const { code, err } = await samesight([
      "compare",
      networks().residual,
      "--images",
      join(data, "images/val2017"),
      "--locations",
    ]);
    expect(code).toBe(1);
    expect(err).toContain("--locations: there are no labels");
  });
});
