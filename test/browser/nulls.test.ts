import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
import { chromium as playwright } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseConfig } from "../../src/cli/explain.js";
import { runToFolder } from "../../src/node/run.js";
import type { Served } from "../../src/node/serve/server.js";
import { serve } from "../../src/node/serve/server.js";
import { discs, emptyFolder, networks } from "../e2e/support.js";
import { ARGUMENTS, chromium, NO_CHROMIUM } from "./chromium.js";

/** Rows of a table of the run, by column. No field of these tables holds a comma. */
function rowsOf(path: string): Record<string, string>[] {
  const [head, ...lines] = readFileSync(path, "utf8").trim().split("\n");
  const columns = head!.split(",");
  return lines.map((line) => Object.fromEntries(line.split(",").map((v, i) => [columns[i]!, v])));
}

describe.skipIf(!chromium)(
  `a study with shuffled twins and known measures, in Chromium${chromium ? "" : `: ${NO_CHROMIUM}`}`,
  () => {
    let browser: Browser;
    let page: Page;
    let dir: string;
    let study: object;
    const said: string[] = [];

    beforeAll(async () => {
      const nets = networks();
      const images = emptyFolder("pictures");
      for (let i = 0; i < 36; i++)
        await discs(`disc ${i}`, i % 3 === 0 ? 48 : 72, 56)
          .png()
          .toFile(join(images, `p${i}.png`));
      study = {
        networks: [
          { id: "first", source: nets.residual, layers: ["auto:3"] },
          { id: "second", source: nets.inverted, layers: ["auto:3"] },
        ],
        images,
        concepts: { k: 3, refits: 2 },
        similarity: { permutations: 20, bootstrap: 20 },
        twins: 2,
        controls: ["cka", "rdx"],
      };
      ({ dir } = await runToFolder(parseConfig(study), {
        out: join(emptyFolder("nulls"), "run"),
        cacheDir: emptyFolder("cache"),
        workers: 0,
      }));
      browser = await playwright.launch({ executablePath: chromium!, args: ARGUMENTS });
      page = await opened(`${pathToFileURL(join(dir, "report", "index.html"))}#view=layers`);
    }, 120_000);
    afterAll(() => browser?.close());

    async function opened(url: string): Promise<Page> {
      const one = await browser.newPage({ viewport: { width: 1280, height: 1000 } });
      one.on("console", (m) => said.push(m.text()));
      one.on("pageerror", (e) => said.push(String(e)));
      await one.goto(url);
      await one.waitForSelector("main section");
      return one;
    }
    const look = async (fragment: string) => {
      await page.evaluate((f) => {
        location.hash = f;
      }, fragment);
      await page.waitForTimeout(200);
    };

    test("twins stay away until they are asked for; then they have a heading of their own", async () => {
      const pairs = () => page.getByLabel("Networks").locator("option").allTextContents();
      for (const view of ["overview", "flow", "depth", "unique"]) {
        await look(`view=${view}`);
        expect(await page.textContent("main")).not.toContain("~shuffled");
      }
      await look("view=layers");
      expect(await pairs()).toEqual(["first and second", "first with itself", "second with itself"]);
      await page.getByLabel("shuffled twins").check();
      const groups = page.getByLabel("Networks").locator("optgroup");
      expect(await groups.evaluateAll((all) => all.map((g) => (g as HTMLOptGroupElement).label))).toEqual([
        "two networks",
        "a trained network and a shuffled twin",
        "shuffled twins",
        "a network with itself",
      ]);
      expect((await pairs()).length).toBe(21);
      expect(page.url()).toContain("twins=1");
    });

    test("a cell of a twin opens, with photographs, and says on which grid they are drawn", async () => {
      await look("view=layers&twins=1&pair=0-2&cell=0-6");
      await page.waitForSelector(".pair .photo svg image", { state: "attached" });
      expect(await page.textContent(".opened")).toContain("drawn on each layer's own grid");
    });

    test("a known measure shows its own numbers: those of layers.csv", async () => {
      await look("view=layers&pair=0-1");
      await page.getByLabel("Method").selectOption("cka");
      await page.waitForTimeout(200);
      expect(page.url()).toContain("method=cka");
      const shown = await page.locator("[data-cell] text").allTextContents();
      const own = rowsOf(join(dir, "layers.csv")).filter(
        (r) => r.method === "cka" && r.model_a === "first" && r.model_b === "second",
      );
      expect(own).toHaveLength(9);
      expect(shown.map(Number)).toHaveLength(9);
      shown.forEach((text, i) => {
        expect(Math.abs(Number(text) - Number(own[i]!.similarity))).toBeLessThanOrEqual(0.005051);
      });
    });

    test("photographs that one network holds together and the other does not are those of differences.csv", async () => {
      const rows = rowsOf(join(dir, "differences.csv")).filter(
        (r) => [r.model_a, r.model_b].sort().join() === "first,second",
      );
      expect(rows.length).toBeGreaterThan(0);
      for (const [held, other, of] of [
        ["first", "second", "0-1"],
        ["second", "first", "1-0"],
      ] as const) {
        await look(`view=unique&of=${of}`);
        const own = rows.filter((r) => r.held_by === held);
        const groups = page.locator(".rdx > li");
        const keys = [...new Set(own.map((r) => `${r.layer_a} ${r.layer_b} ${r.group}`))].slice(0, 4);
        expect(await groups.count()).toBe(keys.length);
        for (const [i, key] of keys.entries()) {
          const group = own.filter((r) => `${r.layer_a} ${r.layer_b} ${r.group}` === key);
          expect(await groups.nth(i).locator("h4").textContent()).toBe(`Group ${i + 1}: ${group.length} photographs`);
          const first = groups.nth(i).locator(".photo").first();
          await first.scrollIntoViewIfNeeded();
          await first.locator("svg image").waitFor({ state: "attached" });
          const typical = group.find((r) => r.order === "0")!;
          expect(await first.locator("svg").getAttribute("aria-label")).toContain(typical.image);
        }
        if (keys.length > 0) expect(await page.textContent("main")).toContain(`${held} holds together and ${other}`);
      }
    });

    test("who has what stands at a glance: of all concepts each row counts every one once; a row leads to its concepts", async () => {
      await look("view=unique");
      const rows = page.locator(".figure [data-key]");
      expect(await rows.count()).toBe(2);
      for (const says of await rows.evaluateAll((all) => all.map((r) => r.getAttribute("aria-label")!))) {
        const [of, shared, none, unstable] = says.split(": of ")[1]!.match(/\d+/g)!.map(Number) as [
          number,
          number,
          number,
          number,
        ];
        expect([of, shared + none + unstable]).toEqual([9, 9]);
      }
      await rows.nth(1).click();
      expect(page.url()).toContain("of=1-0");
      expect(await page.textContent("main")).toContain("Only in second");
    });

    test("the console stayed empty", () => expect(said).toEqual([]));

    describe("served", () => {
      let served: Served;
      let tab: Page;

      beforeAll(async () => {
        served = await serve(dir, { parse: (input) => parseConfig(input) });
        tab = await opened(`${served.url}#view=studies`);
      });
      afterAll(() => served?.close());

      const write = (config: unknown) =>
        tab.getByLabel("Study (JSON)").fill(typeof config === "string" ? config : JSON.stringify(config));
      const small = () => {
        const { controls, ...rest } = study as { controls: string[]; networks: object[] };
        return { ...rest, twins: 0, networks: rest.networks.slice(0, 1) };
      };

      test("what is no study is refused in words, beside the button", async () => {
        await write("{");
        await tab.getByRole("button", { name: "Start" }).click();
        expect(await tab.getByRole("alert").textContent()).toMatch(/Not JSON/);
        await write({ ...small(), k: 3 });
        await tab.getByRole("button", { name: "Start" }).click();
        await tab.getByRole("alert").filter({ hasText: "unknown key 'k'" }).waitFor();
        // the browser itself writes a line about an answer of 400
        expect(said.splice(0).every((line) => /400/.test(line))).toBe(true);
      });

      test("a study is started, its progress watched, its report opened", async () => {
        await write(small());
        await tab.getByRole("button", { name: "Start" }).click();
        const line = tab.locator("ul.plain li").first();
        await line.getByRole("progressbar").waitFor({ timeout: 60_000 });
        if (process.env.SAMESIGHT_SCREENSHOT) await tab.screenshot({ path: process.env.SAMESIGHT_SCREENSHOT });
        await line.getByRole("link", { name: "its report" }).click({ timeout: 60_000 });
        await tab.waitForSelector("#outcome-title, #thumbs-title");
        expect(tab.url()).toMatch(/\/studies\/1\/$/);
        await tab.goto(`${served.url}#view=studies`);
        expect(await line.textContent()).toContain("done");
      });

      test("one that runs is stopped", async () => {
        await write({
          ...small(),
          concepts: { k: 3, refits: 20 },
          similarity: { permutations: 5000, bootstrap: 5000 },
        });
        await tab.getByRole("button", { name: "Start" }).click();
        const line = tab.locator("ul.plain li").nth(1);
        await line.getByRole("button", { name: "Stop" }).click({ timeout: 60_000 });
        await line.filter({ hasText: "stopped" }).waitFor({ timeout: 60_000 });
        expect(await line.getByRole("progressbar").count()).toBe(0);
        expect(said).toEqual([]);
      });
    });
  },
);
