// Pictures of the README: a real study of the zoo's detectors on the photographs of the demo that are in the public domain (CC0), shown in an installed Chromium.
//   node scripts/screenshots.mjs [RUN]     RUN: folder of such a run, made when it is not there (default: samesight-pictures)
import { existsSync, mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";
import sharp from "sharp";
import { parseConfig } from "../dist/cli/explain.js";
import { runToFolder } from "../dist/node/run.js";
import { demoImages } from "../dist/node/zoo/photographs.js";

const dir = resolve(process.argv[2] ?? "samesight-pictures");
const page = join(dir, "report", "index.html");
const browser = [process.env.CHROME_PATH, "/usr/bin/chromium", "/usr/bin/google-chrome"].find(
  (p) => p && existsSync(p),
);
if (!browser) throw new Error("no Chromium: set CHROME_PATH");

if (!existsSync(page)) {
  const all = await demoImages();
  const images = all.list.images.filter((i) => i.group.startsWith("@stdlib/"));
  const config = parseConfig({
    title: "Three object detectors",
    networks: ["ssdlite-mobilenetv2", "centernet-mobilenetv3", "nanodet"].map((n) => ({
      source: `zoo:${n}`,
      layers: ["auto:6"],
    })),
    concepts: { k: 8, rows: 8000, refits: 2 },
    similarity: { permutations: 100, bootstrap: 60 },
  });
  await runToFolder(config, {
    out: dir,
    images: { list: { images, skipped: [] }, sources: all.sources.filter((s) => s.licence.startsWith("CC0")) },
  });
}

/** name, fragment, what is brought to the top, width, height, colours */
const SHOTS = [
  ["overview", "view=overview", "#shared-title", 1280, 820, "light"],
  ["layers", "view=layers&pair=1-2", "#layers-title", 1440, 900, "light"],
  ["cell", "view=layers&pair=1-2&cell=8-14", ".opened", 1280, 860, "light"],
  ["concepts", "view=concepts&network=1", ".shelf:nth-of-type(4)", 1280, 760, "dark"],
  ["flow", "view=flow", "nav", 1280, 760, "light"],
];
const out = resolve("docs/images");
mkdirSync(out, { recursive: true });
const chrome = await chromium.launch({ executablePath: browser, args: ["--no-sandbox", "--disable-gpu"] });
for (const [name, fragment, top, width, height, colorScheme] of SHOTS) {
  const tab = await chrome.newPage({ viewport: { width, height }, colorScheme, deviceScaleFactor: 1.5 });
  await tab.goto(`${pathToFileURL(page)}#${fragment}`);
  await tab.waitForSelector("main section");
  await tab.waitForTimeout(800);
  await tab.evaluate((where) => document.querySelector(where)?.scrollIntoView(), top);
  await tab.waitForTimeout(1500);
  const png = await tab.screenshot();
  await sharp(png)
    .resize({ width: 1280 })
    .webp({ quality: 80 })
    .toFile(join(out, `${name}.webp`));
  await tab.close();
}
await chrome.close();
