/** The commands as a user meets them: what they print, what they write, what they return. Bad input: badinput.test.ts. */
import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { emptyFolder, filesBelow, networks, ownStore, photographs, SMALL, samesight } from "./support.js";

const cache = ownStore();
const net = networks();
const main = join(import.meta.dirname, "../../dist/cli/main.js");
let images = "";
const out = join(emptyFolder("out"), "run");
let first: Awaited<ReturnType<typeof samesight>>;
const argv = (to = out) => ["compare", net.residual, net.inverted, "--images", images, ...SMALL, "--out", to];
beforeAll(async () => {
  images = await photographs(16);
  first = await samesight(argv());
});

/** Everything a run writes that the contract names. */
const CONTRACT = [
  "concepts.csv",
  "concepts.parquet",
  "layers.csv",
  "layers.parquet",
  "pairs.parquet",
  "report/index.html",
  "run.json",
  "vectors/inverted.safetensors",
  "vectors/residual.safetensors",
];
const run = (dir: string) => JSON.parse(readFileSync(join(dir, "run.json"), "utf8"));

describe("compare", () => {
  test("writes what the contract names, says what it found, and where the page is", () => {
    expect(first.code, first.err).toBe(0);
    expect(filesBelow(out)).toEqual(expect.arrayContaining(CONTRACT));
    const lines = first.out.trimEnd().split("\n");
    expect(lines.at(-1)).toBe(`report: ${join(out, "report/index.html")}`);
    expect(first.out).toMatch(/^note: residual: nothing says how it wants its images: guessed RGB/m);
    expect(statSync(join(out, "report/index.html")).size).toBeGreaterThan(10_000);
  });

  test("a layer with fewer channels than concepts asked for gets as many concepts as channels, and a note; the others are as asked", async () => {
    const dir = join(emptyFolder("few"), "run");
    const layers = ["--layers", "stem.act", "--layers", "b.act", "--permutations", "20", "--bootstrap", "20"];
    const given = ["compare", net.residual, "--images", images, "--concepts", "9", ...layers, "--out", dir];
    const outcome = await samesight(given);
    expect(outcome.code, outcome.err).toBe(0);
    const concepts = readFileSync(join(dir, "concepts.csv"), "utf8").trim().split("\n").slice(1);
    const of = (layer: string) => concepts.filter((line) => line.startsWith(`residual,${layer},`)).length;
    expect([of("stem.act"), of("b.act")]).toEqual([8, 9]);
    const notes = run(dir).warnings.filter((w: string) => w.includes("in layer"));
    expect(notes).toEqual([
      expect.stringMatching(/^residual: 8 concepts instead of 9 in layer 'stem.act', as many as it has channels: /),
    ]);
    expect(outcome.out).toContain(`note: ${notes[0]}`);
    const [head, ...rows] = readFileSync(join(dir, "layers.csv"), "utf8")
      .trim()
      .split("\n")
      .map((line) => line.split(","));
    const at = (row: string[], name: string) => row[head!.indexOf(name)];
    const ks = rows.filter((r) => at(r, "method") === "nmf").map((r) => `${at(r, "k_a")},${at(r, "k_b")}`);
    expect(new Set(ks)).toEqual(new Set(["8,8", "8,9", "9,8", "9,9"]));
  }, 60_000);

  test("without a terminal progress is plain lines, a stage of a network each, on stderr", () => {
    for (const sign of ["\r", "\u001b", "━"]) expect(first.err).not.toContain(sign);
    expect(first.err).toMatch(/^activations: .+ \(\d+\)$/m);
    for (const line of first.err.trimEnd().split("\n")) expect(line).toMatch(/^[a-z ]+: .+ \(\d+\)$/);
  });

  test("on a terminal a bar is redrawn in place", async () => {
    const outcome = await samesight(argv(join(emptyFolder(), "again")), { terminal: true });
    expect(outcome.code, outcome.err).toBe(0);
    expect(outcome.err).toMatch(/\r━+.* \d+\/\d+/);
  });

  test("--json prints run.json and nothing else, --quiet keeps stderr empty; numbers are those of the first run", async () => {
    const dir = join(emptyFolder(), "json");
    const outcome = await samesight([...argv(dir), "--json", "--quiet"]);
    expect(outcome).toMatchObject({ code: 0, err: "" });
    const printed = JSON.parse(outcome.out);
    expect(Object.keys(printed)).toEqual(Object.keys(run(dir)));
    expect(printed.models).toEqual(run(dir).models);
    for (const file of [
      "layers.csv",
      "concepts.csv",
      "layers.parquet",
      "pairs.parquet",
      "vectors/residual.safetensors",
    ])
      expect(readFileSync(join(dir, file)).equals(readFileSync(join(out, file))), file).toBe(true);
  });

  test("run.json tells the stages' times, the peak memory and what was compared", () => {
    const found = run(out);
    expect(found.dataset).toMatchObject({ skipped: [] });
    expect(found.dataset.fit + found.dataset.test).toBe(16);
    expect(found.peakMemoryBytes).toBeGreaterThan(5e7);
    expect(Object.keys(found.stagesMs)).toEqual(expect.arrayContaining(["images", "networks", "files"]));
    for (const ms of Object.values(found.stagesMs)) expect(ms).toBeGreaterThanOrEqual(0);
    expect(found.models.map((m: { id: string }) => m.id)).toEqual(["residual", "inverted"]);
    expect(found.seed).toBe(0);
  });

  test("a network compared with itself is 1 on the diagonal, for every layer", () => {
    const [head, ...rows] = readFileSync(join(out, "layers.csv"), "utf8").trimEnd().split("\n");
    const columns = head!.split(",");
    const cell = (row: string, name: string) => row.split(",")[columns.indexOf(name)]!;
    const same = rows.filter(
      (r) =>
        cell(r, "method") === "nmf" &&
        cell(r, "model_a") === cell(r, "model_b") &&
        cell(r, "layer_a") === cell(r, "layer_b"),
    );
    expect(same.length).toBe(6);
    // S' = (S - N) / (1 - N) of the columns beside it (METHOD.md M2), in every row
    const mined = rows.filter((r) => cell(r, "method") === "nmf" && cell(r, "similarity") !== "");
    expect(mined.length).toBeGreaterThan(6);
    for (const row of mined) {
      const [s, n] = [Number(cell(row, "pair_iou")), Number(cell(row, "null_mean"))];
      expect(Number(cell(row, "similarity"))).toBeCloseTo((s - n) / (1 - n), 10);
    }
    for (const row of same) expect(Math.abs(Number(cell(row, "similarity")) - 1)).toBeLessThan(1e-9);
  });
});

describe("run", () => {
  test("the same study from a file gives the same numbers, whatever folder it is called from", async () => {
    const dir = emptyFolder("study");
    const study = {
      networks: [{ source: net.residual }, { source: net.inverted }].map((n) => ({ ...n, layers: ["auto:3"] })),
      images,
      concepts: { k: 3 },
      similarity: { permutations: 20, bootstrap: 20 },
    };
    writeFileSync(join(dir, "study.json"), JSON.stringify(study));
    const to = join(dir, "out");
    const outcome = await samesight(["run", join(dir, "study.json"), "--out", to]);
    expect(outcome.code, outcome.err).toBe(0);
    expect(readFileSync(join(to, "layers.csv"), "utf8")).toBe(readFileSync(join(out, "layers.csv"), "utf8"));
  });
});

describe("inspect", () => {
  test("lists layers in a table, all of them with --all, and as JSON", async () => {
    const table = await samesight(["inspect", net.residual]);
    expect(table).toMatchObject({ code: 0, err: "" });
    expect(table.out).toMatch(/^residual: \d+ nodes, opset 17/);
    for (const word of ["depth", "stride", "c x h x w", "op", "layer"]) expect(table.out).toContain(word);
    expect(table.out).toMatch(/0\.11 .*\/2 .*8 x 16 x 16 +Relu +stem\.act$/m);
    const all = await samesight(["inspect", net.residual, "--all"]);
    expect(all.out.split("\n").length).toBeGreaterThan(table.out.split("\n").length);
    const json = JSON.parse((await samesight(["inspect", net.residual, "--json"])).out);
    expect(json.taps.find((t: { name: string }) => t.name === "stem.act")).toMatchObject({
      op: "Relu",
      channels: 8,
      height: 16,
      width: 16,
      stride: [2, 2],
      trunk: true,
    });
  });
});

describe("report", () => {
  test("makes the page of a finished run again, byte for byte", async () => {
    const page = join(out, "report/index.html");
    const before = readFileSync(page);
    utimesSync(page, 1, 1);
    const outcome = await samesight(["report", out, "--json"]);
    expect(outcome, outcome.err).toMatchObject({ code: 0, err: "" });
    expect(JSON.parse(outcome.out)).toEqual({ report: page });
    expect(readFileSync(page).equals(before)).toBe(true);
    expect(statSync(page).mtimeMs).toBeGreaterThan(1e6);
  });
});

describe("help", () => {
  test.each([[""], ["compare"], ["run"], ["inspect"], ["demo"], ["report"]])(
    "%s --help, on stdout, exit code 0 (after a change of flags: npx vitest run test/e2e/cli -u)",
    async (name) => {
      const c = name === "" ? [] : [name];
      const outcome = await samesight([...c, "--help"]);
      expect(outcome).toMatchObject({ code: 0, err: "" });
      for (const line of outcome.out.split("\n")) expect(line.length).toBeLessThan(340);
      await expect(outcome.out).toMatchFileSnapshot(`help/${c.join("-") || "samesight"}.txt`);
    },
  );
  test("--version, and no command at all", async () => {
    expect(await samesight(["--version"])).toEqual({ code: 0, out: "0.0.0-test\n", err: "" });
    const nothing = await samesight([]);
    expect(nothing.code).toBe(1);
    expect(nothing.err).toMatch(/Usage: samesight/);
  });
});

describe("the program itself", () => {
  const env = { ...process.env, SAMESIGHT_CACHE: cache };
  test("exit codes leave the process; errors go to stderr", () => {
    const good = spawnSync(process.execPath, [main, "inspect", net.inverted], { env, encoding: "utf8" });
    expect(good).toMatchObject({ status: 0, stderr: "" });
    const bad = spawnSync(process.execPath, [main, "inspect", "nowhere.onnx"], { env, encoding: "utf8" });
    expect(bad).toMatchObject({ status: 1, stdout: "" });
    expect(bad.stderr).toMatch(/^error: no file at nowhere\.onnx\n {2}\S.*\n$/);
  });

  test("Ctrl-C: stops after the work at hand with 130, leaves no results, and the same command goes on to the same bytes", async () => {
    const own = emptyFolder("interrupted");
    const to = join(own, "out");
    mkdirSync(join(own, "cache"));
    const args = [main, ...argv(to)];
    const options = { env: { ...process.env, SAMESIGHT_CACHE: join(own, "cache") } };
    const child = spawn(process.execPath, args, options);
    let err = "";
    child.stderr.on("data", (text: Buffer) => {
      if (!err.includes("activations") && String(text).includes("activations")) child.kill("SIGINT");
      err += text;
    });
    const code = await new Promise((done) => child.on("close", done));
    expect(code, err).toBe(130);
    expect(err).toMatch(/stopping after the piece of work at hand/);
    expect(err).toMatch(/stopped; what is finished is kept\n {2}Run the same command again to go on/);
    expect(filesBelow(to).filter((f) => !f.startsWith("seen/"))).toEqual([]);
    const kept = filesBelow(join(own, "cache"));
    expect(kept.length).toBeGreaterThan(0);
    expect(kept.filter((f) => f.endsWith(".part"))).toEqual([]);
    const again = spawnSync(process.execPath, args, { ...options, encoding: "utf8" });
    expect(again.status, again.stderr).toBe(0);
    for (const file of ["layers.csv", "concepts.csv", "vectors/residual.safetensors"])
      expect(readFileSync(join(to, file)).equals(readFileSync(join(out, file))), file).toBe(true);
  });
});
