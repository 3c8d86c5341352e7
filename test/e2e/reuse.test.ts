/** A store that other studies have filled gives what an empty one gives: work is shared between studies, results never are by mistake. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { unet } from "../model/nets.js";
import { emptyFolder, filesBelow, networks, ownStore, photographs, samesight } from "./support.js";

const net = networks();
const third = join(net.dir, "unet.onnx");
writeFileSync(third, unet().bytes(["mask"]));
let images = "";
beforeAll(async () => {
  images = await photographs(16);
});
const FLAGS = ["--concepts", "3", "--layers", "auto:2", "--permutations", "20", "--bootstrap", "20"];

async function compare(nets: readonly string[], flags: readonly string[] = []): Promise<Map<string, Buffer>> {
  const out = join(emptyFolder("out"), "run");
  const outcome = await samesight(["compare", ...nets, "--images", images, ...FLAGS, ...flags, "--out", out]);
  expect(outcome.code, outcome.err).toBe(0);
  const tables = filesBelow(out).filter((f) => /\.(csv|parquet|safetensors)$/.test(f));
  expect(tables.length).toBeGreaterThan(5);
  return new Map(tables.map((f) => [f, readFileSync(join(out, f))]));
}

describe("after other studies of the same networks", () => {
  const { residual, inverted } = net;
  const studies: [string, readonly string[], readonly string[]][] = [
    ["another network in front", [third, residual, inverted], []],
    ["the other way round", [inverted, residual], []],
    ["one network twice", [residual, inverted, residual], []],
    ["one network alone", [inverted], []],
    ["other layers", [residual, inverted], ["--layers", "residual=b.act"]],
    ["another seed", [residual, inverted], ["--seed", "1"]],
    ["other concepts", [residual, inverted], ["--method", "pca"]],
    ["fewer permutations", [residual, inverted], ["--permutations", "25"]],
  ];
  let shared = "";
  beforeAll(async () => {
    shared = ownStore();
    await compare([residual, inverted]);
  });
  test.each(studies)("%s", async (_, nets, flags) => {
    process.env.SAMESIGHT_CACHE = shared;
    const used = await compare(nets, flags);
    ownStore();
    const fresh = await compare(nets, flags);
    expect([...used.keys()]).toEqual([...fresh.keys()]);
    for (const [name, bytes] of fresh) expect(used.get(name)!.equals(bytes), name).toBe(true);
  });
});
