import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseConfig } from "../../src/cli/explain.js";
import type { Served } from "../../src/node/serve/server.js";
import { serve } from "../../src/node/serve/server.js";
import { emptyFolder } from "../e2e/support.js";
import type { Fixture } from "./fixture.js";
import { study } from "./fixture.js";

let fixture: Fixture;
let served: Served;
let token: string;
beforeAll(async () => {
  fixture = await study();
  served = await serve(fixture.dir, { parse: (input) => parseConfig(input) });
  const html = (await call("/")).body.toString();
  token = /<meta name="samesight-serve" content="([^"]+)">/.exec(html)![1]!;
});
afterAll(() => served?.close());

interface Answer {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: Buffer;
}

/** A request whose path and headers are sent as they are: no client tidies them up. */
function call(
  path: string,
  options: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<Answer> {
  return new Promise((done, fail) => {
    const { method = "GET", headers = {}, body } = options;
    const r = request(
      {
        agent: false,
        host: "127.0.0.1",
        port: served.port,
        path,
        method,
        headers: { host: `127.0.0.1:${served.port}`, ...headers },
      },
      (response) => {
        const parts: Buffer[] = [];
        response.on("data", (p: Buffer) => parts.push(p));
        response.on("end", () =>
          done({ status: response.statusCode!, headers: response.headers, body: Buffer.concat(parts) }),
        );
      },
    );
    r.on("error", fail);
    r.end(body);
  });
}

const own = () => ({
  origin: `http://127.0.0.1:${served.port}`,
  "content-type": "application/json",
  "x-samesight-token": token,
});

describe("what it serves", () => {
  test("the page of the run, which may speak to this server only", async () => {
    const { status, headers, body } = await call("/");
    expect(status).toBe(200);
    expect(body.toString()).toContain("connect-src 'self'");
    expect(headers["content-security-policy"]).toContain("frame-ancestors 'none'");
    expect(headers["access-control-allow-origin"]).toBeUndefined();
  });

  test("files of the run", async () => {
    const { status, body } = await call("/files/layers.csv");
    expect(status).toBe(200);
    expect(body.toString()).toMatch(/^method,/);
  });

  test("photographs of the run in full resolution, by number", async () => {
    const { status, headers, body } = await call("/photographs/0");
    expect(status).toBe(200);
    expect(headers["content-type"]).toBe("image/webp");
    expect((await sharp(body).metadata()).height).toBe(56);
    expect((await call("/photographs/999")).status).toBe(404);
  });

  test("it listens on this machine alone", () => {
    expect(served.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
  });
});

describe("what it refuses", () => {
  test.each([
    ["another host name", { host: "evil.example" }, 421],
    ["its own name with another port", { host: "127.0.0.1:1" }, 421],
    ["another origin", { origin: "http://evil.example" }, 403],
    ["an origin of no name", { origin: "null" }, 403],
    ["another site without an origin", { "sec-fetch-site": "cross-site" }, 403],
  ])("%s", async (_, headers: Record<string, string>, status) => {
    expect((await call("/", { headers })).status).toBe(status);
    expect((await call("/files/layers.csv", { headers })).status).toBe(status);
  });

  test.each([
    "/files/../run.json",
    "/files/%2e%2e/%2e%2e/etc/passwd",
    "/files/..%2f..%2fetc/passwd",
    "/files/%2fetc/passwd",
    "/files//etc/passwd",
    "/files/..%5c..%5cwindows",
    "/files/%00",
    "/files/%E0%A4%A",
    "/files/report",
    "/files/.hidden",
    "/files/report/photographs.json",
    "/blocks/../index.html",
    "/photographs/../run.json",
    "/photographs/-1",
    "/../run.json",
    "/etc/passwd",
    "/studies/../run.json",
  ])("the way %s", async (path) => {
    expect((await call(path)).status).toBe(404);
  });

  test("links that lead out, and folders that do", async () => {
    const outside = emptyFolder("outside");
    writeFileSync(join(outside, "secret.csv"), "secret");
    symlinkSync(join(outside, "secret.csv"), join(fixture.dir, "link.csv"));
    symlinkSync(outside, join(fixture.dir, "linked"));
    writeFileSync(join(fixture.dir, ".hidden"), "hidden");
    expect((await call("/files/link.csv")).status).toBe(404);
    expect((await call("/files/linked/secret.csv")).status).toBe(404);
    expect((await call("/files/.hidden")).status).toBe(404);
  });

  test("a photograph that is no longer what was compared", async () => {
    const list = JSON.parse(
      (await import("node:fs")).readFileSync(join(fixture.dir, "report", "photographs.json"), "utf8"),
    ) as { path: string }[];
    writeFileSync(list[1]!.path, "other bytes");
    expect((await call("/photographs/1")).status).toBe(404);
  });

  test.each([
    ["without the page's token", { "x-samesight-token": "guess" }, 403],
    ["from another origin", { origin: "http://evil.example" }, 403],
    ["as a form would send it", { "content-type": "text/plain" }, 415],
  ])("a study %s", async (_, headers: Record<string, string>, status) => {
    const answer = await call("/studies", { method: "POST", headers: { ...own(), ...headers }, body: "{}" });
    expect(answer.status).toBe(status);
  });

  test("a study without an origin, and other methods", async () => {
    const { origin, ...rest } = own();
    expect(origin).toContain("127.0.0.1");
    expect((await call("/studies", { method: "POST", headers: rest, body: "{}" })).status).toBe(403);
    expect((await call("/studies", { method: "DELETE", headers: own() })).status).toBe(405);
  });

  test("a study that the command line would refuse, in its words", async () => {
    const bad = await call("/studies", {
      method: "POST",
      headers: own(),
      body: JSON.stringify({ networks: [{ source: "x" }], k: 3 }),
    });
    expect(bad.status).toBe(400);
    expect(bad.body.toString()).toMatch(/unknown key 'k'/);
    expect((await call("/studies", { method: "POST", headers: own(), body: "{" })).status).toBe(400);
    expect((await call("/studies", { method: "POST", headers: own(), body: " ".repeat(1_100_000) })).status).toBe(400);
  });

  test("a folder without a run", async () => {
    await expect(serve(emptyFolder("none"), { parse: (i) => parseConfig(i) })).rejects.toThrow(/no finished run/);
  });
});

test("a study started from the page runs, tells its progress, and has a page of its own; a second one waits its turn", async () => {
  mkdirSync(join(fixture.dir, "studies"), { recursive: true });
  const photographs = join(fixture.photographs);
  rmSync(join(photographs, "p3.png"), { force: true });
  const config = {
    networks: [{ source: fixture.networks.inverted, layers: ["auto:2"] }],
    images: photographs,
    concepts: { k: 2, refits: 2 },
    similarity: { permutations: 20, bootstrap: 20 },
  };
  const started = await call("/studies", { method: "POST", headers: own(), body: JSON.stringify(config) });
  expect(started.status).toBe(202);
  const { id } = JSON.parse(started.body.toString()) as { id: string };
  const second = await call("/studies", { method: "POST", headers: own(), body: JSON.stringify(config) });
  expect(second.status).toBe(400);
  expect(second.body.toString()).toContain("is running");
  const events = (await call(`/studies/${id}/events`)).body.toString();
  const states = events
    .split("\n\n")
    .filter(Boolean)
    .map((e) => JSON.parse(e.replace(/^data: /, "")) as { state: string; message: string; last?: { stage: string } });
  expect(states.at(-1)).toMatchObject({ state: "done" });
  expect(states.some((s) => s.last?.stage === "concepts")).toBe(true);
  expect((await call(`/studies/${id}/`)).status).toBe(200);
  expect((await call(`/studies/${id}/files/layers.csv`)).status).toBe(200);
});
