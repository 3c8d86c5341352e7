/** The replacement test through the command line: rows both ways round, the columns that the docs name, reasons where it refuses. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { emptyFolder, networks, ownStore, photographs, SMALL, samesight } from "./support.js";

type Row = Record<string, string>;
let rows: Row[] = [];
let dir = "";
beforeAll(async () => {
  ownStore();
  const nets = networks();
  const photos = await photographs(30);
  dir = emptyFolder("replacement");
  const argv = ["compare", nets.residual, nets.inverted, "--images", photos, "--controls", "replacement", "--out", dir];
  const outcome = await samesight([...argv, ...SMALL, "--workers", "0", "--quiet"]);
  expect(outcome.code, outcome.err).toBe(0);
  rows = table(readFileSync(join(dir, "layers.csv"), "utf8")).filter((r) => r.method === "replacement");
}, 120_000);

function table(csv: string): Row[] {
  const [head, ...lines] = csv
    .trim()
    .split("\n")
    .map((l) => l.match(/("(?:[^"]|"")*"|[^,]*)(?:,|$)/g)!.map((c) => c.replace(/,$/, "").replace(/^"|"$/g, "")));
  return lines.map((l) => Object.fromEntries(head!.map((name, i) => [name, l[i] ?? ""])));
}

test("every layer of one network stands against every layer of the other, both ways round", () => {
  const keys = rows.map((r) => `${r.model_a} ${r.layer_a} ${r.model_b} ${r.layer_b}`);
  expect(new Set(keys).size).toBe(keys.length);
  const taps = new Set(rows.map((r) => `${r.model_a} ${r.layer_a}`));
  const [own, other] = ["residual", "inverted"].map((m) => [...taps].filter((t) => t.startsWith(m)).length);
  expect(rows.length).toBe(2 * own! * other!);
  for (const r of rows) {
    const back = rows.find((s) => s.model_a === r.model_b && s.layer_a === r.layer_b && s.layer_b === r.layer_a)!;
    expect(r.forward).toBe(r.similarity);
    expect(r.backward).toBe(back.similarity);
  }
});

test("each row holds its numbers or the reason why not, never NaN", () => {
  let scored = 0;
  for (const r of rows) {
    expect(Object.values(r).join()).not.toMatch(/nan|undefined|infinity/i);
    if (r.similarity === "") {
      expect(r.flags).toMatch(/^refused: \S/);
      continue;
    }
    scored++;
    for (const name of ["similarity", "one_to_one", "null_mean", "self_a"])
      expect(Number(r[name])).toBeLessThanOrEqual(1);
    expect(Number(r.ci_images_low)).toBeLessThanOrEqual(Number(r.similarity));
    expect(Number(r.ci_images_high)).toBeGreaterThanOrEqual(Number(r.similarity));
    expect(r.grid).toMatch(/^\d+x\d+$/);
    expect(Number(r.n_images)).toBe(12);
  }
  expect(scored).toBeGreaterThan(0);
});

test("the page shows it, both ways", () => {
  expect(readFileSync(join(dir, "report/index.html"), "utf8")).toContain('"replacement":{');
});
