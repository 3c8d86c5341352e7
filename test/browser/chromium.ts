import { existsSync } from "node:fs";

/** Where Chrome and Chromium usually lie. */
const PLACES = [
  process.env.CHROME_PATH ?? "",
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/usr/bin/google-chrome-stable",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
];

/** An installed browser, or why the tests that need one are skipped. */
export const chromium = PLACES.find((p) => p !== "" && existsSync(p));
export const NO_CHROMIUM =
  "no Chrome or Chromium found: install one (Debian: apt-get install chromium) or set CHROME_PATH";

export const ARGUMENTS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run",
];
