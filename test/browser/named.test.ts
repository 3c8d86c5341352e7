/** The view of named concepts on a small study that is really run: squares planted in pictures, with masks where they lie. */
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
import { chromium as playwright } from "playwright-core";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseConfig } from "../../src/cli/explain.js";
import { readSafetensors } from "../../src/contract/safetensors.js";
import { rewriteReport } from "../../src/node/report.js";
import { runToFolder } from "../../src/node/run.js";
import { seededRandom } from "../../src/numerics/random.js";
import { emptyFolder, networks } from "../e2e/support.js";
import { ARGUMENTS, chromium, NO_CHROMIUM } from "./chromium.js";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const SIDE = 64;
/** Colour of each planted concept; a quarter of the pictures is without it. */
const PLANTED = { "red <square>": [250, 20, 20], "blue square": [20, 20, 250] } as const;

/** Grey noise with up to two squares, and a mask for each. */
async function plant(i: number, photographs: string, labels: string): Promise<void> {
  const random = seededRandom(`planted ${i}`);
  const data = Uint8Array.from({ length: SIDE * SIDE * 3 }, () => 90 + 60 * random());
  for (const [c, [name, color]] of Object.entries(PLANTED).entries()) {
    const [x0, y0, size] = [Math.floor(4 + 14 * random()), Math.floor(4 + 36 * random()), 16];
    if ((i + 2 * c) % 4 === 0) continue;
    const mask = new Uint8Array(SIDE * SIDE);
    for (let y = y0; y < y0 + size; y++) {
      for (let x = x0 + c * 28; x < x0 + c * 28 + size; x++) {
        data.set(color, (y * SIDE + x) * 3);
        mask[y * SIDE + x] = 255;
      }
    }
    mkdirSync(join(labels, name), { recursive: true });
    await sharp(mask, { raw: { width: SIDE, height: SIDE, channels: 1 } })
      .png()
      .toFile(join(labels, name, `p${i}.png`));
  }
  await sharp(data, { raw: { width: SIDE, height: SIDE, channels: 3 } })
    .png()
    .toFile(join(photographs, `p${i}.png`));
}

if (!chromium) console.warn(`named concepts in a browser: skipped: ${NO_CHROMIUM}`);

describe.skipIf(!chromium)(`named concepts in Chromium${chromium ? "" : `: ${NO_CHROMIUM}`}`, () => {
  let browser: Browser;
  let page: Page;
  let dir = "";
  const said: string[] = [];

  beforeAll(async () => {
    const nets = networks();
    const root = emptyFolder("named");
    const [photographs, labels] = [join(root, "photographs"), join(root, "labels")];
    mkdirSync(photographs);
    for (let i = 0; i < 32; i++) await plant(i, photographs, labels);
    const config = parseConfig({
      networks: [
        { id: "residual", source: nets.residual, layers: ["auto:3"] },
        { id: "inverted", source: nets.inverted, layers: ["auto:3"] },
      ],
      images: photographs,
      labels: { path: labels },
      probes: { grid: 32, refits: 2, sampleSize: true, locations: true },
      concepts: { k: 3, refits: 2 },
      similarity: { permutations: 20, bootstrap: 20 },
    });
    ({ dir } = await runToFolder(config, { out: join(root, "run"), cacheDir: emptyFolder("cache"), workers: 0 }));
    browser = await playwright.launch({ executablePath: chromium!, args: ARGUMENTS });
    page = await browser.newPage({ viewport: { width: 1280, height: 2600 } });
    page.on("console", (m) => said.push(m.text()));
    page.on("pageerror", (e) => said.push(String(e)));
    await page.goto(`${pathToFileURL(join(dir, "report", "index.html"))}#view=named`);
    await page.waitForSelector("#named-title");
    await page.waitForSelector(".photo svg path[stroke]");
  }, 120_000);
  afterAll(() => browser?.close());

  const look = async (change: Record<string, string>) => {
    await page.evaluate(
      (f) => {
        location.hash = f;
      },
      `${new URLSearchParams({ view: "named", ...change })}`,
    );
    await page.waitForTimeout(200);
  };

  test("label and prediction are outlined on the same photographs for each network", async () => {
    for (const name of Object.keys(PLANTED)) {
      await look({ named: name });
      const rows = page.locator("section[aria-label$='labels and predictions']");
      expect(await rows.count()).toBe(2);
      const shown = async (n: number) =>
        await rows
          .nth(n)
          .locator(".photo figcaption")
          .evaluateAll((all) => all.map((e) => e.getAttribute("title")));
      expect(await shown(0)).toEqual(await shown(1));
      expect((await shown(0)).length).toBeGreaterThanOrEqual(4);
      await rows.nth(1).scrollIntoViewIfNeeded();
      await page.waitForTimeout(200);
      // the casing and the line of the label, undashed: one square of 16 x 16 of 64 x 64 pixels
      const first = rows.nth(0).locator(".photo").first();
      expect(await first.locator("path[stroke='#ff8a1f']").count()).toBe(1);
      expect(await rows.locator("path[stroke='#35c4ff'][stroke-dasharray]").count()).toBeGreaterThan(0);
      const share = await first.locator("path[stroke='#ff8a1f']").evaluate((path) => {
        const [mark, whole] = [path.getBoundingClientRect(), path.closest("svg")!.getBoundingClientRect()];
        return [mark.width / whole.width, mark.height / whole.height];
      });
      for (const s of share) expect(Math.abs(s - 16 / SIDE)).toBeLessThan(1 / 16);
    }
  });

  test("the IoU under a photograph is that of the masks on disk", async () => {
    const name = Object.keys(PLANTED)[0]!;
    await look({ named: name });
    const row = page.locator("section[aria-label$='labels and predictions']").first();
    const layer = (await row.locator("select option:checked").textContent())!.replace(" (best)", "");
    const captions = await row.locator(".photo figcaption").allTextContents();
    const ids = await row.locator(".photo figcaption").evaluateAll((all) => all.map((e) => e.getAttribute("title")));
    const file = (of: string) => readSafetensors(readFileSync(join(dir, "masks", `${of}.safetensors`)), of);
    const [labels, predicted] = [file("labels"), file("residual")];
    const images = JSON.parse(labels.metadata.images!) as string[];
    const c = (JSON.parse(labels.metadata.concepts!) as string[]).indexOf(name);
    const { dims, data } = labels.tensors.labels!;
    const [, k, stride] = dims as [number, number, number];
    const other = Object.entries(predicted.tensors).find(([tap]) => tap.includes(layer))![1].data as Uint8Array;
    ids.forEach((id, i) => {
      let [both, either] = [0, 0];
      for (let cell = 0; cell < 32 * 32; cell++) {
        const at = (images.indexOf(id!) * k + c) * stride + (cell >> 3);
        const [p, q] = [((data as Uint8Array)[at]! >> (cell & 7)) & 1, (other[at]! >> (cell & 7)) & 1];
        both += p & q;
        either += p | q;
      }
      expect(captions[i]).toBe(`IoU ${(both / either).toFixed(2)}`);
    });
  });

  test("another layer of a network shows its own masks; the address says so", async () => {
    await look({ named: "blue square" });
    const row = page.locator("section[aria-label$='labels and predictions']").first();
    const before = await row.locator(".photos").innerHTML();
    const options = await row
      .locator("select option")
      .evaluateAll((all) =>
        all.map((o) => [(o as HTMLOptionElement).value, (o as HTMLOptionElement).selected] as const),
      );
    expect(options).toHaveLength(3);
    await row.locator("select").selectOption(options.find(([, selected]) => !selected)![0]);
    await page.waitForTimeout(200);
    expect(page.url()).toMatch(/in0=\d/);
    expect(await row.locator(".photos").innerHTML()).not.toBe(before);
  });

  test("a concept's cells are those of concept_pairs.csv; a chosen one shows its layers' numbers and masks", async () => {
    const lines = readFileSync(join(dir, "concept_pairs.csv"), "utf8").trim().split("\n");
    const columns = lines[0]!.split(",");
    const rows = lines.slice(1).map((line) => Object.fromEntries(line.split(",").map((v, i) => [columns[i]!, v])));
    const own = rows.filter((r) => r.concept === "blue square" && r.model_a === "residual" && r.model_b === "inverted");
    expect(own).toHaveLength(9);
    // two decimals, of the four that the page holds
    const near = (shown: readonly string[], column: string) => {
      expect(shown).toHaveLength(own.length);
      shown.forEach((text, i) => {
        expect(Math.abs(Number(text.replace("\u2212", "-")) - Number(own[i]![column]))).toBeLessThanOrEqual(0.005051);
      });
      expect(new Set(shown).size).toBeGreaterThan(3);
    };
    const shownCells = () =>
      page.locator("[data-cell]").evaluateAll((all) => all.map((c) => /: [^;]* (\S+?)(;|$)/.exec(c.ariaLabel!)![1]!));
    await look({ named: "blue square", npair: "0-1" });
    near(await shownCells(), "iou");
    await page.getByLabel("Measure").last().selectOption("kappa");
    await page.waitForTimeout(200);
    expect(page.url()).toContain("nmeasure=kappa");
    near(await shownCells(), "kappa");
    await page.locator("[data-cell='5']").click();
    await page.waitForTimeout(200);
    expect(page.url()).toMatch(/ncell=1-5.*in0=1.*in1=5/);
    expect(await page.textContent("main")).toContain(`kappa ${(await shownCells())[5]}`);
    const sections = page.locator("section[aria-label$='labels and predictions']");
    expect(await sections.nth(0).locator("select").inputValue()).toBe("1");
    expect(await sections.nth(1).locator("select").inputValue()).toBe("5");
  });

  test("what only one network has is what emergence.csv says is present", async () => {
    await look({ named: "blue square", npair: "0-1" });
    const lines = readFileSync(join(dir, "emergence.csv"), "utf8")
      .trim()
      .split("\n")
      .map((line) => line.split(","));
    const [concept, model, present] = ["concept", "model", "present"].map((name) => lines[0]!.indexOf(name));
    const of = (id: string) => lines.filter((r) => r[model!] === id && r[present!] === "true").map((r) => r[concept!]!);
    const shown = await page.locator(".only li").allTextContents();
    for (const [i, [own, other]] of ["residual inverted", "inverted residual"].map((s) => s.split(" ")).entries()) {
      const only = of(own!).filter((c) => !of(other!).includes(c));
      for (const name of Object.keys(PLANTED)) expect(shown[i]!.includes(name)).toBe(only.includes(name));
    }
    // blue is not present in either network of this study, and the page says so
    const absent = ["residual", "inverted"].filter((id) => !of(id).includes("blue square")).length;
    expect(await page.locator(".best tbody tr.doubtful").count()).toBe(absent);
    expect(await page.locator(".best .mark", { hasText: "not present" }).count()).toBe(absent);
    expect(shown[2]).toBe(`in both: ${of("residual").filter((c) => of("inverted").includes(c)).length}`);
  });

  const table = (name: string) => {
    const [head, ...lines] = readFileSync(join(dir, `${name}.csv`), "utf8")
      .trim()
      .split("\n");
    const columns = head!.split(",");
    return lines.map((line) => Object.fromEntries(line.split(",").map((v, i) => [columns[i]!, v])));
  };
  const near = (text: string, value: string) =>
    expect(Math.abs(Number(text.replace("\u2212", "-")) - Number(value))).toBeLessThanOrEqual(0.005051);

  test("how firm vectors are is that of probes.csv; the measure is part of the address", async () => {
    await look({ named: "blue square" });
    const own = table("probes").filter((r) => r.concept === "blue square");
    for (const measure of ["consistency", "separation"]) {
      await page.getByLabel("Firmness").selectOption(measure);
      await page.waitForTimeout(150);
      expect(page.url()).toContain(`firm=${measure}`);
      const said = await page
        .locator(`svg[aria-label^='${measure} of the vectors'] g[aria-label]`)
        .evaluateAll((all) => all.map((g) => g.ariaLabel!));
      expect(said).toHaveLength(own.length);
      for (const r of own) {
        const text = said.find((s) => s.startsWith(`${r.model}, ${r.layer}: `))!;
        near(new RegExp(`${measure} ([^, ]+)`).exec(text)![1]!, r[measure]!);
      }
    }
  });

  test("whether the photographs are enough: the points of sample_size.csv, of the layers said", async () => {
    await look({ named: "blue square", enough: "deepest" });
    const rows = table("sample_size").filter((r) => r.concept === "blue square");
    const said = await page
      .locator("svg[aria-label^='Cosine of vectors'] g[aria-label]")
      .evaluateAll((all) => all.map((g) => g.ariaLabel!));
    expect(said).toHaveLength(2 * 2 * 3);
    for (const text of said) {
      const [, model, layer, images, value, what] = /^(\w+), (\S+), (\d+) photographs: cosine (\S+) (\w+)/.exec(text)!;
      const row = rows.find((r) => r.model === model && r.layer === layer && r.images === images)!;
      near(value!, what === "between" ? row.cosine! : row.cosine_full!);
    }
  });

  test("the bridge: a dot for each mined concept with a name, a row for each mined concept, unnamed ones say so", async () => {
    await page.evaluate(() => {
      location.hash = "view=bridge";
    });
    await page.waitForSelector("#bridge-title");
    await page.waitForSelector("[data-key]");
    const rows = table("bridge");
    const dots = await page.locator("figure [data-key]").evaluateAll((all) => all.map((g) => g.ariaLabel!));
    const named = rows.filter((r) => r.label !== "");
    expect(dots).toHaveLength(named.length);
    for (const r of named) {
      const text = dots.find((d) => d.startsWith(`${r.model}, ${r.layer}, concept ${Number(r.concept) + 1}: `))!;
      near(/set IoU (\S+) with/.exec(text)![1]!, r.label_iou!);
      expect(text).toContain(`with ${r.label}`);
    }
    const lines = page.locator("section[aria-label='mined concepts and their names'] tbody tr");
    const own = rows.filter((r) => r.model === "residual");
    expect(await lines.count()).toBe(own.length);
    await page.locator("label").filter({ hasText: /^Name/ }).locator("select").selectOption("none");
    await page.waitForTimeout(150);
    const unnamed = await lines.allTextContents();
    expect(unnamed).toHaveLength(own.filter((r) => r.label === "").length);
    for (const text of unnamed) expect(text).toContain("no name");
    if (dots.length > 0) {
      // by keyboard: dots may cover each other
      await page.locator("figure [data-key]").first().focus();
      await page.keyboard.press("Enter");
      await page.waitForSelector("#concept-title");
      expect(page.url()).toMatch(/concept=\d+/);
    }
  });

  test("photograph by photograph: numbers of locations.csv, a point a vector, its photographs by sub-cluster", async () => {
    await page.evaluate(() => {
      location.hash = "view=local&named=blue+square&lnet=1";
    });
    await page.waitForSelector("#local-title");
    await page.waitForSelector(".photo img");
    const options = await page
      .getByLabel("Layer")
      .locator("option")
      .evaluateAll((all) => all.map((o) => (o as HTMLOptionElement).value));
    expect(options).toHaveLength(3);
    await page.getByLabel("Layer").selectOption(options[0]!);
    await page.waitForTimeout(200);
    expect(page.url()).toContain(`llayer=${options[0]}`);
    const row = table("locations").filter((r) => r.concept === "blue square" && r.model === "inverted")[0]!;
    const shown = await page.locator(".numbers li b").allTextContents();
    for (const [i, column] of ["likeness", "spread", "overlap", "purity", "iou"].entries())
      near(shown[i]!, row[column]!);
    const images = table("location_images").filter(
      (r) => r.concept === "blue square" && r.model === "inverted" && r.layer === row.layer,
    );
    const dots = page.locator("svg[aria-label^='Vectors of all concepts'] [data-key]");
    expect(await dots.count()).toBe(images.length);
    expect(images.length).toBe(Number(row.images));
    const names = await page
      .locator("section.pair .photo figcaption")
      .evaluateAll((all) => all.map((e) => e.getAttribute("title")!));
    expect(names.length).toBeGreaterThan(3);
    for (const name of names) expect(images.map((r) => r.image)).toContain(name);
    // a chosen point brings its photograph to the front
    await dots.nth(2).dispatchEvent("click");
    await page.waitForTimeout(150);
    expect(page.url()).toContain("lrow=");
    expect(await page.locator(".photo img.chosen").count()).toBe(1);
    const chosen = page.locator(".photo img.chosen");
    expect(await chosen.evaluate((img) => img.closest(".photos")!.querySelector("img") === img)).toBe(true);
  });

  test.each(["named", "bridge", "local"])(
    "axe finds nothing serious in '%s', nothing is wider than the window, and the console stayed empty",
    async (view) => {
      await page.evaluate((v) => {
        location.hash = `view=${v}`;
      }, view);
      await page.waitForTimeout(300);
      for (const width of [2560, 1280, 768, 360]) {
        await page.setViewportSize({ width, height: 2600 });
        await page.waitForTimeout(150);
        expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
      }
      await page.setViewportSize({ width: 1280, height: 2600 });
      await page.evaluate(axe);
      const { violations } = await page.evaluate(() =>
        (
          window as unknown as {
            axe: { run: () => Promise<{ violations: { id: string; impact: string; nodes: { html: string }[] }[] }> };
          }
        ).axe.run(),
      );
      const serious = violations.filter((v) => v.impact === "serious" || v.impact === "critical");
      expect(serious.map((v) => `${v.id}: ${v.nodes[0]?.html.slice(0, 200)}`)).toEqual([]);
      if (process.env.SAMESIGHT_SCREENSHOT)
        await page.screenshot({ path: process.env.SAMESIGHT_SCREENSHOT, fullPage: true });
      expect(said).toEqual([]);
    },
  );
  test("dark, its words and figures are as readable", async () => {
    const dark = await browser.newPage({ viewport: { width: 1280, height: 4200 }, colorScheme: "dark" });
    await dark.goto(`${pathToFileURL(join(dir, "report", "index.html"))}#view=named`);
    await dark.waitForSelector(".photo svg image");
    await dark.locator("details").first().locator("summary").click();
    await dark.evaluate(axe);
    const { violations } = await dark.evaluate(() =>
      (
        window as unknown as {
          axe: { run: (o: object) => Promise<{ violations: { nodes: { html: string }[] }[] }> };
        }
      ).axe.run({ runOnly: ["color-contrast"] }),
    );
    expect(violations.map((v) => v.nodes.map((n) => n.html))).toEqual([]);
    await dark.close();
  });

  test("it prints on white, with the photographs", async () => {
    const own = await browser.newPage({ viewport: { width: 1000, height: 700 }, colorScheme: "dark" });
    await own.goto(`${pathToFileURL(join(dir, "report", "index.html"))}#view=named`);
    await own.waitForSelector("section[aria-label$='labels and predictions'] .photo");
    await own.emulateMedia({ media: "print" });
    await own.evaluate(() => dispatchEvent(new Event("beforeprint")));
    await own.waitForTimeout(500);
    const photographs = own.locator(".photo svg:has(image)");
    expect(await photographs.count()).toBeGreaterThan(7);
    expect(await photographs.count()).toBe(await own.locator(".photo").count());
    expect(await own.evaluate(() => getComputedStyle(document.body).backgroundColor)).toBe("rgb(255, 255, 255)");
    expect(await own.locator("nav").isVisible()).toBe(false);
    expect((await own.pdf()).subarray(0, 5).toString()).toBe("%PDF-");
    await own.close();
  });

  test("as a folder it reads labels and predictions when they are looked at", async () => {
    await rewriteReport(dir, 0);
    const own = await browser.newPage({ viewport: { width: 1280, height: 2600 } });
    const parts: string[] = [];
    own.on("request", (r) => parts.push(r.url()));
    await own.goto(`${pathToFileURL(join(dir, "report", "index.html"))}#view=limits`);
    await own.waitForSelector("#limits-title");
    expect(parts.filter((url) => url.includes("/blocks/"))).toEqual([]);
    await own.evaluate(() => {
      location.hash = "view=named";
    });
    await own.locator(".photo svg image").first().waitFor({ state: "attached" });
    expect(parts.filter((url) => /blocks\/named-labels\.js$/.test(url))).toHaveLength(1);
    // one layer a network is shown at first
    expect(parts.filter((url) => /blocks\/named-\d+\.js$/.test(url)).length).toBe(2);
    await own.close();
    await rewriteReport(dir);
  });
});
