import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
import { chromium as playwright } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RunFile } from "../../src/contract/results.js";
import { rewriteReport } from "../../src/node/report.js";
import { ARGUMENTS, chromium, NO_CHROMIUM } from "./chromium.js";
import type { Fixture } from "./fixture.js";
import { HOSTILE, study } from "./fixture.js";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

if (!chromium) console.warn(`report in a browser: skipped: ${NO_CHROMIUM}`);

describe.skipIf(!chromium)(`the report in Chromium${chromium ? "" : `: ${NO_CHROMIUM}`}`, () => {
  let browser: Browser;
  let fixture: Fixture;
  let page: Page;
  const said: string[] = [];
  const asked: string[] = [];

  beforeAll(async () => {
    fixture = await study();
    browser = await playwright.launch({ executablePath: chromium!, args: ARGUMENTS });
    page = await opened("");
  });
  afterAll(() => browser?.close());

  async function opened(fragment: string, options: Parameters<Browser["newPage"]>[0] = {}): Promise<Page> {
    const one = await browser.newPage({ viewport: { width: 1280, height: 900 }, acceptDownloads: true, ...options });
    one.on("console", (m) => said.push(m.text()));
    one.on("pageerror", (e) => said.push(String(e)));
    one.on("dialog", (d) => {
      said.push(`dialog ${d.message()}`);
      void d.dismiss();
    });
    one.on("request", (r) => {
      if (!/^(data|blob):/.test(r.url())) asked.push(r.url());
    });
    await one.goto(`${pathToFileURL(fixture.report)}#${fragment}`);
    await one.waitForSelector("main section");
    return one;
  }

  const look = async (fragment: string) => {
    await page.evaluate((f) => {
      location.hash = f;
    }, fragment);
    await page.waitForTimeout(150);
  };

  const VIEWS = ["overview", "layers", "concepts", "concept", "flow", "depth", "unique", "limits"];

  test("every view has something to show, fits the window, and holds no fault that axe calls serious", async () => {
    for (const view of VIEWS) {
      await look(`view=${view}&cell=0-4&pair=0-1&concept=3`);
      expect((await page.textContent("main"))!.length).toBeGreaterThan(150);
      expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
      await page.evaluate(axe);
      const { violations } = await page.evaluate(() =>
        (
          window as unknown as {
            axe: { run: () => Promise<{ violations: { id: string; impact: string; nodes: { html: string }[] }[] }> };
          }
        ).axe.run(),
      );
      const serious = violations.filter((v) => v.impact === "serious" || v.impact === "critical");
      expect(serious.map((v) => `${view}: ${v.id}: ${v.nodes[0]?.html.slice(0, 200)}`)).toEqual([]);
    }
  });

  test("the outcome stands first: a line for each question, a figure whose rows are the findings of run.json", async () => {
    await look("view=overview");
    const { findings } = JSON.parse(readFileSync(join(fixture.dir, "run.json"), "utf8")) as RunFile;
    for (const [i, kind] of (["shared-concepts", "depth-agreement"] as const).entries()) {
      const panel = page.locator("section[aria-labelledby=outcome-title] .panel").nth(i);
      const own = findings.filter((f) => f.kind === kind);
      const rows = await panel
        .locator("svg g[role=img]")
        .evaluateAll((all) => all.map((g) => g.getAttribute("aria-label")!));
      expect(rows).toHaveLength(own.length);
      for (const [r, f] of own.entries()) {
        const { value } = f.values[kind === "shared-concepts" ? "share_with_partner" : "partial_mantel"]!;
        expect(rows[r]).toContain(
          kind === "shared-concepts"
            ? `: ${Math.round(100 * value!)} %`
            : `: ${value!.toFixed(1)}`.replace("-", "\u2212"),
        );
      }
      expect(await panel.locator("p").first().textContent()).toMatch(/^(Yes|Partly|Not beyond)/);
    }
    const words = page.getByText("In words, with every number");
    expect(await page.locator(".findings li").first().isVisible()).toBe(false);
    await words.click();
    expect(await page.locator(".findings li").count()).toBe(findings.length);
    expect(await page.locator(".findings p").first().textContent()).toContain(findings[0]!.sentence.slice(-120));
    await words.click();
    await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
    expect(await page.locator(".findings li").first().isVisible()).toBe(true);
    await page.evaluate(() => dispatchEvent(new Event("afterprint")));
    expect(await page.locator(".findings li").first().isVisible()).toBe(false);
  });

  test("dark colours are as readable", async () => {
    const dark = await opened("view=layers&cell=0-4&pair=0-1", { colorScheme: "dark" });
    await dark.waitForSelector(".pair");
    await dark.evaluate(axe);
    const { violations } = await dark.evaluate(() =>
      (
        window as unknown as {
          axe: { run: (o: object) => Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
        }
      ).axe.run({ runOnly: ["color-contrast"] }),
    );
    expect(violations.map((v) => v.nodes.map((n) => n.html))).toEqual([]);
    expect(await dark.evaluate(() => getComputedStyle(document.body).backgroundColor)).toBe("rgb(20, 23, 26)");
    await dark.getByRole("button", { name: "Light" }).click();
    expect(await dark.evaluate(() => getComputedStyle(document.body).backgroundColor)).toBe("rgb(250, 248, 244)");
    await dark.close();
  });

  test("a cell opened by mouse shows its numbers and matched pairs with outlines on photographs; the address says so", async () => {
    await look("view=layers&pair=0-1");
    await page.locator("[data-cell='0']").first().click();
    await page.waitForSelector(".pair .photo svg path[stroke]");
    expect(page.url()).toContain("cell=0-4");
    expect(await page.textContent(".numbers")).toContain("95 % interval");
    expect(await page.locator(".pair").first().locator("path[stroke-dasharray]").count()).toBeGreaterThan(0);
  });

  test("a pair chosen in the matrix of concepts is the one shown", async () => {
    await look("view=layers&pair=0-1&cell=0-4");
    await page.waitForSelector(".aside [data-cell='1']");
    await page.locator(".aside [data-cell='1']").click();
    await page.waitForSelector("text=The chosen pair");
    expect(page.url()).toContain("match=0.1");
    expect(await page.locator(".pair").count()).toBe(1);
    expect(await page.textContent(".pair")).toContain("concept 1");
  });

  test("switching the measure changes the numbers and the address", async () => {
    await look("view=layers&pair=0-1");
    const before = await page.textContent(".stage svg");
    await page.getByLabel("Measure").selectOption("raw_iou");
    await page.waitForTimeout(100);
    expect(await page.textContent(".stage svg")).not.toBe(before);
    expect(page.url()).toContain("measure=raw_iou");
  });

  test("value, interval and z come up on hover and on focus alike", async () => {
    await look("view=layers&pair=0-1");
    const cell = page.locator("[data-cell='1']").first();
    await cell.hover();
    const hovered = await page.textContent("[role=tooltip]");
    expect(hovered).toMatch(/interval/);
    expect(hovered).toMatch(/z/);
    await page.mouse.move(2, 2);
    await cell.focus();
    expect(await page.textContent("[role=tooltip]")).toBe(hovered);
  });

  test("every number of a cell and of a concept says what it is and between what it lies, on hover and on focus; Escape takes it away", async () => {
    for (const fragment of ["view=layers&pair=0-1&cell=0-4", "view=concept&concept=3"]) {
      await look(fragment);
      await page.waitForSelector(".numbers");
      const named = await page.locator(".numbers li").count();
      expect(named).toBeGreaterThan(5);
      expect(await page.locator(".numbers li .term").count()).toBe(named);
      for (const one of await page.locator(".numbers .explained").all()) {
        expect(await one.locator(".meaning").textContent()).toMatch(/.{25,} .{3,}\.$/);
      }
      const first = page.locator(".numbers .explained").first();
      const meaning = first.locator("[role=tooltip]");
      expect(await meaning.isVisible()).toBe(false);
      await first.locator(".term").hover();
      expect(await meaning.isVisible()).toBe(true);
      await page.mouse.move(2, 2);
      expect(await meaning.isVisible()).toBe(false);
      await first.locator(".term").focus();
      expect(await meaning.isVisible()).toBe(true);
      const box = (await meaning.boundingBox())!;
      expect(box.x).toBeGreaterThanOrEqual(0);
      expect(box.x + box.width).toBeLessThanOrEqual(1280);
      await page.keyboard.press("Escape");
      expect(await meaning.isVisible()).toBe(false);
    }
  });

  test("beside the matrix stands what each layer is most like, both ways; a row opens the cell", async () => {
    await look("view=layers&pair=0-1");
    const tables = page.locator(".best table");
    expect(await tables.count()).toBe(2);
    expect(await tables.first().locator("tbody tr").count()).toBe(4);
    await tables.first().locator("tbody a").first().click();
    await page.waitForSelector(".pair");
    expect(page.url()).toMatch(/cell=0-[4-7]/);
  });

  test("by keyboard alone: to the matrix, through it, into a cell, on to a concept", async () => {
    const own = await opened("view=layers&pair=0-1");
    for (let i = 0; i < 30 && !(await own.evaluate(() => document.activeElement?.matches("[data-cell]"))); i++)
      await own.keyboard.press("Tab");
    expect(await own.evaluate(() => (document.activeElement as SVGElement).dataset.cell)).toBe("0");
    await own.keyboard.press("ArrowRight");
    await own.keyboard.press("ArrowDown");
    expect(await own.evaluate(() => (document.activeElement as SVGElement).dataset.cell)).toBe("5");
    await own.keyboard.press("Home");
    await own.keyboard.press("Enter");
    await own.waitForSelector(".pair a");
    await own.locator(".pair a").first().focus();
    await own.keyboard.press("Enter");
    await own.waitForSelector("#concept-title");
    expect(own.url()).toContain("view=concept");
    await own.goBack();
    await own.waitForSelector("#layers-title");
    await own.close();
  });

  test("a link opens what it was made of", async () => {
    const linked = await opened("view=concept&concept=5");
    expect(await linked.textContent("#concept-title")).toContain("Concept 2");
    await linked.waitForSelector(".crops .photo svg path");
    await linked.close();
    const wild = await opened("view=nowhere&pair=99-3&cell=zz&concept=-7&measure=<b>");
    expect(await wild.textContent("nav a[aria-current]")).toBe("Overview");
    await wild.close();
  });

  test("a figure downloads as SVG that stands alone, and its numbers as CSV", async () => {
    await look("view=layers&pair=0-1");
    const [svg] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "Save SVG" }).first().click(),
    ]);
    const text = readFileSync(await svg.path(), "utf8");
    expect(text).toMatch(/^<svg xmlns="http:\/\/www.w3.org\/2000\/svg"/);
    expect(text).not.toMatch(/var\(--|currentColor/);
    const wellFormed = await page.evaluate(
      (t) => new DOMParser().parseFromString(t, "image/svg+xml").querySelector("parsererror") === null,
      text,
    );
    expect(wellFormed).toBe(true);
    const [csv] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "Save CSV" }).first().click(),
    ]);
    const lines = readFileSync(await csv.path(), "utf8")
      .trim()
      .split("\n");
    expect(lines).toHaveLength(1 + 4 * 4);
  });

  test("the table beside a figure holds its numbers", async () => {
    await look("view=depth");
    await page.getByRole("button", { name: "Show as table" }).first().click();
    expect(await page.locator("main table tbody tr").count()).toBeGreaterThan(4);
  });

  test("names are text whatever they hold, and break no layout down to 360 pixels", async () => {
    for (const [width, height] of [
      [360, 740],
      [2560, 1300],
    ] as const) {
      const own = await opened("view=overview", { viewport: { width, height } });
      for (const view of VIEWS) {
        await own.evaluate((v) => {
          location.hash = `view=${v}&pair=0-2&cell=0-8&concept=9`;
        }, view);
        await own.waitForTimeout(120);
        expect([view, await own.evaluate(() => document.documentElement.scrollWidth - innerWidth)]).toEqual([view, 0]);
        expect(await own.locator("img[src=x]").count()).toBe(0);
      }
      expect(await own.textContent("h1")).toContain(HOSTILE.markup);
      expect(await own.textContent("#app")).not.toContain("\u202e");
      await own.close();
    }
  });

  test("words of figures and heads and numbers of tables are whole and cover nothing, on a telephone and on a desk", async () => {
    const faults: string[] = [];
    for (const width of [360, 1440]) {
      const own = await opened("view=overview", { viewport: { width, height: 900 } });
      for (const view of VIEWS) {
        await own.evaluate((v) => {
          location.hash = `view=${v}&pair=0-1&cell=0-4&concept=1`;
        }, view);
        await own.waitForTimeout(250);
        faults.push(...(await own.evaluate(faultsOfWords)));
      }
      await own.close();
    }
    expect(faults).toEqual([]);
  });

  test("it prints: the whole report on one page, on white, with its photographs", async () => {
    const own = await opened("view=all", { colorScheme: "dark" });
    await own.emulateMedia({ media: "print", colorScheme: "dark" });
    expect(await own.evaluate(() => getComputedStyle(document.body).backgroundColor)).toBe("rgb(255, 255, 255)");
    const pdf = await own.pdf({ format: "A4" });
    expect(pdf.subarray(0, 5).toString()).toBe("%PDF-");
    expect(pdf.length).toBeGreaterThan(40_000);
    await own.close();
  });

  test("beyond the size of one file its parts lie beside it and are read when looked at; both forms come from each other", async () => {
    const single = readFileSync(fixture.report);
    await rewriteReport(fixture.dir, 0);
    const blocks = join(fixture.dir, "report", "blocks");
    expect(readdirSync(blocks).length).toBeGreaterThan(8);
    const before = asked.length;
    const own = await opened("view=limits");
    const parts = () => asked.slice(before).filter((url) => url.includes("/blocks/"));
    expect(parts()).toEqual([]);
    await own.evaluate(() => {
      location.hash = "view=layers&pair=0-1&cell=0-4";
    });
    await own.waitForSelector(".pair .photo svg path", { state: "attached" });
    expect(parts().some((url) => url.endsWith("blocks/cells-0.js"))).toBe(true);
    expect(parts().some((url) => url.endsWith("blocks/masks-10.js"))).toBe(false);
    rmSync(join(blocks, "masks-9.js"));
    await own.evaluate(() => {
      location.hash = "view=concept&concept=37";
    });
    await own.waitForSelector("text=masks-9.js is missing");
    await own.close();
    said.length = 0;
    asked.length = before;
    await expect(rewriteReport(fixture.dir)).rejects.toThrow(/masks\/9 is missing or damaged/);
    writeFileSync(fixture.report, single);
    await rewriteReport(fixture.dir);
    expect(readFileSync(fixture.report).equals(single)).toBe(true);
    expect(readdirSync(blocks)).toEqual([]);
  });

  test("nothing left the page, and the console stayed empty", () => {
    expect(asked.filter((url) => !url.startsWith(pathToFileURL(fixture.report).href))).toEqual([]);
    expect(said).toEqual([]);
  });
});

/** Runs in the page: words of figures that are cut or cover each other, cells of tables that are cut, numbers in more than one line. */
function faultsOfWords(): string[] {
  const faults: string[] = [];
  for (const figure of document.querySelectorAll(".stage svg")) {
    const whole = figure.getBoundingClientRect();
    const words = [...figure.querySelectorAll("text")].filter((t) => t.textContent !== "");
    const flat = words.filter((t) => !t.hasAttribute("transform")).map((t) => ({ t, r: t.getBoundingClientRect() }));
    const view = new URLSearchParams(location.hash.slice(1)).get("view");
    for (const [i, { t, r }] of flat.entries()) {
      const out = Math.max(whole.left - r.left, r.right - whole.right, whole.top - r.top, r.bottom - whole.bottom);
      if (out > 2) faults.push(`${view} ${innerWidth}: "${t.lastChild?.textContent}" is cut by ${Math.round(out)}`);
      for (const other of flat.slice(i + 1)) {
        const across = Math.min(r.right, other.r.right) - Math.max(r.left, other.r.left);
        const down = Math.min(r.bottom, other.r.bottom) - Math.max(r.top, other.r.top);
        if (across > 2 && down > 4)
          faults.push(
            `${view} ${innerWidth}: "${t.lastChild?.textContent}" covers "${other.t.lastChild?.textContent}"`,
          );
      }
    }
  }
  for (const cell of document.querySelectorAll<HTMLElement>("main td, main th")) {
    if (cell.scrollWidth > cell.clientWidth + 1) faults.push(`cut: ${cell.textContent}`);
    if (/^[−\d.]+$/.test(cell.textContent!) && cell.clientHeight > 0) {
      const lines = document.createRange();
      lines.selectNodeContents(cell);
      if (new Set([...lines.getClientRects()].map((r) => Math.round(r.bottom / 6))).size > 1)
        faults.push(`in more lines: ${cell.textContent}`);
    }
  }
  return faults;
}
