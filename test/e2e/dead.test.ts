/** Layers that are zero on all images: left out with a word, by one worker or two; a network of nothing else ends the study. */
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { residual } from "../model/nets.js";
import { resultHashes } from "./results.js";
import { emptyFolder, networks, ownStore, photographs, SMALL, samesight } from "./support.js";

const dir = emptyFolder("dead");
let given: string[] = [];
beforeAll(async () => {
  const net = residual();
  // what is never negative, turned: -0 and below, which a rectifier makes 0
  net.op("Relu", [net.op("Neg", ["stem.act"], "dead.neg")], "dead.act");
  writeFileSync(join(dir, "half.onnx"), net.bytes(["scores", "boxes", "dead.act"]));
  given = [
    "compare",
    join(dir, "half.onnx"),
    networks().inverted,
    "--images",
    await photographs(16),
    ...few,
    "--quiet",
  ];
  ownStore();
});
const layers = (spec: string) => ["--layers", `half=${spec}`, "--layers", "inverted=auto:2"];
const few = SMALL.filter((word, i) => word !== "--layers" && SMALL[i - 1] !== "--layers");

test("a dead layer is left out, said once, and the rest is as if it had not been asked for", async () => {
  const [out, two, plain] = ["out", "two", "plain"].map((name) => join(dir, name));
  const asked = layers("dead.act,stem.act,a.act");
  const run = await samesight([...given, ...asked, "--out", out!]);
  expect(run.code, run.err).toBe(0);
  const { warnings, models } = JSON.parse(readFileSync(join(out!, "run.json"), "utf8"));
  expect(warnings).toContainEqual(
    "half: layer 'dead.act' is zero on the images to fit, on those of a refit or in a shuffled twin: left out",
  );
  expect(models[0].taps.map((t: { name: string }) => t.name)).toEqual(["stem.act", "a.act"]);
  expect(run.err + run.out).toContain("left out");
  ownStore();
  const other = await samesight([...given, ...asked, "--out", two!, "--workers", "2", "--twins", "0"]);
  expect(other.code, other.err).toBe(0);
  expect(resultHashes(two!)).toEqual(resultHashes(out!));
  expect((await samesight([...given, ...layers("stem.act,a.act"), "--out", plain!])).code).toBe(0);
  expect(readFileSync(join(out!, "layers.csv"), "utf8")).toBe(readFileSync(join(plain!, "layers.csv"), "utf8"));
}, 60_000);

test("label maps among the photographs are told of", async () => {
  const mixed = await photographs(12);
  for (let i = 0; i < 3; i++) copyFileSync(join(mixed, `p00${i}.png`), join(mixed, `p00${i}_mask.png`));
  const images = given.map((word, i) => (given[i - 1] === "--images" ? mixed : word));
  const out = join(dir, "mixed");
  const run = await samesight([...images, ...layers("stem.act"), "--out", out]);
  expect(run.code, run.err).toBe(0);
  const { warnings } = JSON.parse(readFileSync(join(out, "run.json"), "utf8"));
  expect(warnings.filter((w: string) => w.includes("label maps"))).toEqual([
    "3 of 15 images look like label maps, as 'p000_mask.png' beside 'p000.png', and were taken for photographs: give a folder of photographs alone, and label maps with --labels",
  ]);
}, 60_000);

test("with shuffled twins the layer goes from both", async () => {
  const run = await samesight([
    ...given,
    ...layers("dead.act,stem.act,a.act"),
    "--twins",
    "1",
    "--out",
    join(dir, "twins"),
  ]);
  expect(run.code, run.err).toBe(0);
  const { models, warnings } = JSON.parse(readFileSync(join(dir, "twins", "run.json"), "utf8"));
  expect(warnings.filter((w: string) => w.includes("dead.act"))).toHaveLength(1);
  for (const model of models) expect(model.taps.map((t: { name: string }) => t.name)).not.toContain("dead.act");
}, 60_000);

test("nothing alive: one line that says what to look at", async () => {
  const run = await samesight([...given, ...layers("dead.act"), "--out", join(dir, "none")]);
  expect(run.code).toBe(1);
  expect(run.err).toMatch(
    /^error: half: layer 'dead.act', its only one, is zero on all images to fit\n {2}Choose another layer; .*--preview/m,
  );
});
