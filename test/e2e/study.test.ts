/** A study as a file: written by init, priced by --dry-run, run. */
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { parseStudy } from "../../src/cli/studyfile.js";
import { DEFAULTS } from "../../src/contract/defaults.js";
import { emptyFolder, filesBelow, networks, ownStore, photographs, samesight } from "./support.js";

let dir = "";
beforeAll(async () => {
  ownStore();
  dir = emptyFolder("study");
  mkdirSync(join(dir, "nets"));
  networks(join(dir, "nets"));
  await photographs(12, join(dir, "photos/train"));
  await photographs(8, join(dir, "photos/val"), 12);
  mkdirSync(join(dir, "old/report"), { recursive: true });
  writeFileSync(join(dir, "old/run.json"), "{}");
  writeFileSync(join(dir, "labels.json"), JSON.stringify({ images: [], annotations: [], categories: [] }));
}, 60_000);

describe("samesight init", () => {
  test("writes a study from what it finds, with comments, and not twice", async () => {
    const first = await samesight(["init", dir]);
    expect(first).toMatchObject({ code: 0, err: "" });
    const text = readFileSync(join(dir, "study.yaml"), "utf8");
    expect(text.split("\n")[0]).toMatch(/^# yaml-language-server: \$schema=.*schemas\/study\.schema\.json$/);
    expect(text).toMatch(/source: nets\/inverted.onnx {2}# images guessed as 32 x 32/);
    expect(text).toContain("images: photos/train  # 12 images");
    expect(text).toContain("testImages: photos/val  # 8 images");
    expect(text).toContain("samesight labels labels.json");
    expect((await samesight(["init", dir])).err).toMatch(/study.yaml is already there\n {2}Pass --force/);
  });
  test("what it comments out are the defaults: with the comments taken off, the study is the same", () => {
    const text = readFileSync(join(dir, "study.yaml"), "utf8");
    const plain = parseStudy(text, "study.yaml");
    const on = text
      .replace(/^# (?=(concepts|maps|similarity|seed|fitFraction)\b)/gm, "")
      .replace(/^# {3}(?=\w+: )/gm, "  ")
      .replace(/# layers/g, "layers");
    expect(on).not.toBe(text);
    expect(parseStudy(on, "study.yaml")).toEqual(plain);
    expect(plain.networks[0]!.layers).toEqual([DEFAULTS.layers]);
  });
  test("the schema it names is there", () => {
    const [, path] = /\$schema=(.*)\n/.exec(readFileSync(join(dir, "study.yaml"), "utf8"))!;
    expect(JSON.parse(readFileSync(join(dir, path!), "utf8")).properties).toHaveProperty("networks");
  });
  test("an empty folder has nothing to study", async () => {
    expect(await samesight(["init", emptyFolder()])).toMatchObject({
      code: 1,
      err: expect.stringMatching(/^error: no .onnx network below/),
    });
  });
});

describe("--dry-run", () => {
  test("says what would be computed and writes nothing", async () => {
    const flags = [
      "--concepts",
      "3",
      "--layers",
      "auto:2",
      "--permutations",
      "20",
      "--bootstrap",
      "20",
      "--workers",
      "0",
    ];
    const out = join(dir, "nothing");
    const {
      code,
      out: text,
      err,
    } = await samesight(["run", join(dir, "study.yaml"), "--dry-run", "--out", out, ...flags]);
    expect(err).toBe("");
    expect(code).toBe(0);
    expect(text).toMatch(/^would mine concepts on 12 photographs and compare on 8\n/);
    expect(text).toContain("4 layers, 3 concepts each by nmf, 10 pairs of layers");
    expect(text).toMatch(/\ntime {3}about [\d.]+ s \(.*similarity/);
    expect(text).toMatch(/\ndisk {3}about \d+ MB/);
    expect(existsSync(out)).toBe(false);
    const json = JSON.parse((await samesight(["run", join(dir, "study.yaml"), "--dry-run", "--json", ...flags])).out);
    const stages = Object.entries<number>(json.seconds).filter(([k]) => k !== "total");
    expect(json.seconds.total).toBeCloseTo(
      stages.reduce((sum, [, v]) => sum + v, 0),
      6,
    );
    expect(Object.keys(json.seconds)).toEqual(
      expect.arrayContaining([
        "images",
        "networks",
        "activations",
        "concepts",
        "maps",
        "masks",
        "similarity",
        "findings",
      ]),
    );
  });

  test("foretells the disk of a study several times as large as what it tries", async () => {
    const argv = ["compare", join(dir, "nets/residual.onnx"), "--images", await photographs(100)];
    const flags = [
      "--concepts",
      "3",
      "--layers",
      "auto:2",
      "--permutations",
      "20",
      "--bootstrap",
      "20",
      "--workers",
      "0",
    ];
    const { diskBytes } = JSON.parse((await samesight([...argv, ...flags, "--dry-run", "--json"])).out);
    const cache = emptyFolder("cache");
    const out = join(emptyFolder("out"), "run");
    expect((await samesight([...argv, ...flags, "--cache", cache, "--out", out])).code).toBe(0);
    const written = filesBelow(join(cache, "store")).reduce(
      (sum, f) => sum + statSync(join(cache, "store", f)).size,
      0,
    );
    expect(diskBytes / written).toBeGreaterThan(0.7);
    expect(diskBytes / written).toBeLessThan(1.4);
  });
});

test("inspect fits the terminal, marks the trunk, and writes what the network sees", async () => {
  const preview = join(dir, "seen.png");
  const { out } = await samesight(["inspect", join(dir, "nets/residual.onnx"), "--preview", preview]);
  expect(out).toMatch(/^residual: \d+ nodes/);
  expect(out).toMatch(/\n┃ +0\.\d\d /);
  expect(readFileSync(preview).subarray(1, 4).toString()).toBe("PNG");
  const html = join(dir, "net.html");
  const { taps } = JSON.parse(
    (await samesight(["inspect", join(dir, "nets/residual.onnx"), "--html", html, "--json"])).out,
  );
  const page = readFileSync(html, "utf8");
  expect(page.match(/<circle /g)).toHaveLength(taps.length);
  const ends = taps.filter((t: { trunk: boolean; blockEnd: boolean }) => t.trunk && t.blockEnd);
  expect(/class="way" points="([^"]+)"/.exec(page)![1]!.split(" ")).toHaveLength(ends.length);
});
