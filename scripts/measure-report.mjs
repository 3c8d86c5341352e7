// Size of the page of a run, time to its first picture and to open a cell: medians of 5.
//   node scripts/measure-report.mjs RUN
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const dir = process.argv[2];
if (!dir) throw new Error("give the folder of a finished run");
const page = join(dir, "report", "index.html");
const size = (p) => (existsSync(p) ? statSync(p).size : 0);
const blocks = join(dir, "report", "blocks");
const beside = existsSync(blocks) ? readdirSync(blocks).reduce((s, f) => s + size(join(blocks, f)), 0) : 0;
const browser = [process.env.CHROME_PATH, "/usr/bin/chromium", "/usr/bin/google-chrome"].find(
  (p) => p && existsSync(p),
);
const chrome = await chromium.launch({ executablePath: browser, args: ["--no-sandbox", "--disable-gpu"] });
const median = (v) => [...v].sort((a, b) => a - b)[Math.floor(v.length / 2)];
const first = [];
const cell = [];
for (let i = 0; i < 5; i++) {
  const tab = await chrome.newPage({ viewport: { width: 1440, height: 900 } });
  let start = performance.now();
  await tab.goto(`${pathToFileURL(page)}#view=overview`);
  await tab.waitForSelector(".hero .photo svg image", { state: "attached" });
  first.push(performance.now() - start);
  await tab.evaluate(() => {
    location.hash = "view=layers";
  });
  const one = tab.locator("[data-cell='9']").first();
  await one.waitFor();
  start = performance.now();
  await one.click();
  await tab.waitForSelector(".pair .photo svg path", { state: "attached" });
  cell.push(performance.now() - start);
  await tab.close();
}
await chrome.close();
const mega = (b) => `${(b / 1e6).toFixed(1)} MB`;
console.log(
  `page ${mega(size(page))}, beside it ${mega(beside)}; first picture ${Math.round(median(first))} ms, a cell ${Math.round(median(cell))} ms (medians of 5)`,
);
