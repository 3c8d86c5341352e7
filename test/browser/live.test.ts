/** The example page in Chromium: two networks of a finished study, a photograph given, the same concept maps as in Node. */
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";
import type { Browser } from "playwright-core";
import { chromium } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { layOut } from "../../examples/browser/build.mjs";
import type { LiveLayer } from "../../src/browser/concepts.js";
import { openLiveNetwork } from "../../src/browser/concepts.js";
import { createEngine } from "../../src/node/engine.js";
import { decodePicture, listImages } from "../../src/node/images.js";
import { emptyFolder, networks, ownStore, photographs, SMALL, samesight } from "../e2e/support.js";

const chrome = "/usr/bin/chromium";
const built = existsSync(join(import.meta.dirname, "../../dist/browser/index.js"));
const reason = !existsSync(chrome) ? ` (skipped: no ${chrome})` : !built ? " (skipped: not built)" : "";
const TYPES: Record<string, string> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".wasm": "application/wasm",
};

describe.skipIf(reason !== "")(`the page of examples/browser${reason}`, () => {
  let browser: Browser;
  let url = "";
  let close = () => {};
  const dir = emptyFolder("browser");
  const photo = () => join(dir, "photos/p000.png");

  beforeAll(async () => {
    ownStore();
    const nets = networks(dir);
    await photographs(12, join(dir, "photos"));
    const sources = [nets.residual, nets.inverted];
    const argv = [
      "compare",
      ...sources,
      "--images",
      join(dir, "photos"),
      "--out",
      join(dir, "run"),
      ...SMALL,
      "--workers",
      "0",
      "--quiet",
    ];
    const { code, err } = await samesight(argv);
    expect([err, code]).toEqual(["", 0]);
    await layOut(join(dir, "run"), join(dir, "site"), sources);
    const server = createServer((request, response) => {
      const path = join(dir, "site", new URL(request.url!, "http://x").pathname.replace(/\/$/, "/index.html"));
      if (!path.startsWith(dir) || !existsSync(path)) return void response.writeHead(404).end();
      response
        .writeHead(200, { "content-type": TYPES[extname(path)] ?? "application/octet-stream" })
        .end(readFileSync(path));
    });
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    close = () => void server.close();
    browser = await chromium.launch({ executablePath: chrome, args: ["--no-sandbox"] });
  }, 180_000);
  afterAll(async () => {
    await browser?.close();
    close();
  });

  test("shows both networks' concepts in a photograph, as Node computes them, and asks nobody else", async () => {
    const page = await browser.newPage();
    const asked: string[] = [];
    const errors: string[] = [];
    page.on("request", (r) => asked.push(r.url()));
    page.on("pageerror", (e) => errors.push(e.message));
    await page.goto(url);
    await page.waitForFunction("document.querySelector('#status').textContent === '2 networks ready'", undefined, {
      timeout: 60_000,
    });
    await page.setInputFiles("input[type=file]", photo());
    await page.waitForFunction("window.seen !== undefined", undefined, { timeout: 60_000 });
    const seen = (await page.evaluate(
      "window.seen.map((n) => ({ id: n.id, layers: n.layers.map((l) => ({ ...l, scores: [...l.scores] })) }))",
    )) as { id: string; layers: (Omit<LiveLayer, "scores"> & { scores: number[] })[] }[];
    expect(seen.map((n) => n.id)).toEqual(["residual", "inverted"]);
    expect(await page.locator("figure canvas").count()).toBe(6);

    // the same in Node: another build of the runtime, another decoder
    const run = JSON.parse(readFileSync(join(dir, "run/run.json"), "utf8"));
    const engine = createEngine();
    const { images } = await listImages(join(dir, "photos"));
    const picture = await decodePicture(images.find((i) => i.path === photo())!);
    for (const [i, id] of ["residual", "inverted"].entries()) {
      const bytes = (path: string) => new Uint8Array(readFileSync(join(dir, path)));
      const vectors = bytes(`run/vectors/${id}.safetensors`);
      const network = await openLiveNetwork(engine, bytes(`${id}.onnx`), run.models[i], vectors, "nmf");
      const { layers } = await network.see(picture);
      expect(layers).toHaveLength(3);
      for (const [l, layer] of layers.entries()) {
        const most = Math.max(...layer.scores);
        expect(most).toBeGreaterThan(0);
        const apart = Math.max(...layer.scores.map((v, at) => Math.abs(v - seen[i]!.layers[l]!.scores[at]!)));
        expect(apart / most).toBeLessThan(1e-3);
      }
      await network.release();
    }
    await engine.dispose();
    expect(errors).toEqual([]);
    expect(asked.filter((u) => !u.startsWith(url))).toEqual([]);
    await page.close();
  });

  test("takes a dropped file, and follows the depth asked for", async () => {
    const page = await browser.newPage();
    await page.goto(url);
    await page.waitForFunction("document.querySelector('#status').textContent === '2 networks ready'", undefined, {
      timeout: 60_000,
    });
    const data = readFileSync(photo()).toString("base64");
    await page.evaluate(`(async () => {
      const bytes = Uint8Array.from(atob("${data}"), (c) => c.charCodeAt(0));
      const transfer = new DataTransfer();
      transfer.items.add(new File([bytes], "p.png", { type: "image/png" }));
      document.querySelector("#drop").dispatchEvent(new DragEvent("drop", { dataTransfer: transfer, bubbles: true, cancelable: true }));
    })()`);
    await page.waitForSelector("figure canvas");
    const titles = () => page.locator("h2").allTextContents();
    const before = await titles();
    await page.locator("#depth").fill("0");
    expect(await titles()).not.toEqual(before);
    if (process.env.SAMESIGHT_SCREENSHOT)
      await page.screenshot({ path: process.env.SAMESIGHT_SCREENSHOT, fullPage: true });
    await page.close();
  });
});
