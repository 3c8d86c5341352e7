import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, resolve } from "node:path";
import type { StudyConfig } from "../../contract/config.js";
import { isSamesightError, SamesightError } from "../../errors.js";
import { fileBelow, refusalOf } from "./guard.js";
import { photograph } from "./photographs.js";
import type { StartedStudy } from "./studies.js";
import { Studies } from "./studies.js";

export interface ServeOptions {
  /** 0: any that is free. */
  readonly port?: number;
  /** Reads a study as the command line does. Throws SamesightError. */
  readonly parse: (input: unknown) => StudyConfig;
}

export interface Served {
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

const MOST_BYTES = 1_000_000;
const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json; charset=utf-8",
  ".csv": "text/csv; charset=utf-8",
  ".png": "image/png",
};
const HEADERS = {
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-resource-policy": "same-origin",
  "cross-origin-opener-policy": "same-origin",
  "cache-control": "no-store",
};

/** The page of a run on 127.0.0.1, with whole photographs and a way to start studies. Throws SamesightError `missing` where there is no run. */
export async function serve(dir: string, options: ServeOptions): Promise<Served> {
  const root = resolve(dir);
  await readFile(join(root, "report", "index.html")).catch((cause) => {
    throw new SamesightError("missing", `no finished run in ${dir}`, {
      hint: "Give the folder that samesight compare, run or demo wrote (--out).",
      cause,
    });
  });
  const token = randomBytes(24).toString("base64url");
  const studies = new Studies(root);
  let port = 0;
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      const known = isSamesightError(error);
      send(response, known ? 400 : 500, known ? `${error.message}${error.hint ? ` ${error.hint}` : ""}` : "failed");
    });
  });
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const refusal = refusalOf(request, port, token);
    if (refusal) return send(response, refusal.status, refusal.reason);
    const path = (request.url ?? "/").split("?")[0]!;
    if (request.method === "POST") return change(path, request, response);
    const study = /^\/studies\/(\d+)\/(.*)$/.exec(path);
    if (path === "/studies") return json(response, 200, studies.list().map(shown));
    if (study && study[2] === "events") return events(study[1]!, request, response);
    if (study) return look(join(root, "studies", study[1]!), `/${study[2]}`, response);
    return look(root, path, response);
  };
  /** The page of one run and what belongs to it. */
  const look = async (run: string, path: string, response: ServerResponse) => {
    if (path === "/") {
      const html = await readFile(join(run, "report", "index.html"), "utf8").catch(() => undefined);
      return html === undefined
        ? send(response, 404, "no such run")
        : send(response, 200, servedPage(html, token), TYPES[".html"]);
    }
    const number = /^\/photographs\/(\d{1,6})$/.exec(path);
    if (number) {
      const picture = await photograph(run, Number(number[1]));
      return picture
        ? send(response, 200, picture, "image/webp")
        : send(response, 404, "no such photograph, or it has changed");
    }
    const [, folder, rest] = /^\/(blocks|files)\/(.+)$/.exec(path) ?? [];
    if (folder === undefined) return send(response, 404, "nothing here");
    const file = await fileBelow(folder === "blocks" ? join(run, "report", "blocks") : run, rest!);
    if (file === undefined) return send(response, 404, "nothing here");
    return send(response, 200, await readFile(file), TYPES[extname(file)] ?? "application/octet-stream");
  };
  const change = async (path: string, request: IncomingMessage, response: ServerResponse) => {
    if (path === "/studies") return json(response, 202, shown(studies.start(options.parse(await body(request)))));
    const stop = /^\/studies\/(\d+)\/stop$/.exec(path);
    if (stop && studies.stop(stop[1]!)) return json(response, 202, {});
    return send(response, 404, "nothing here");
  };
  const events = (id: string, request: IncomingMessage, response: ServerResponse) => {
    const now = studies.get(id);
    if (!now) return send(response, 404, "no such study");
    response.writeHead(200, { ...HEADERS, "content-type": "text/event-stream" });
    const tell = (s: StartedStudy) => {
      response.write(`data: ${JSON.stringify(shown(s))}\n\n`);
      if (s.state !== "running") response.end();
    };
    const end = studies.watch(id, tell);
    request.on("close", end);
    tell(now);
  };
  await new Promise<void>((done, fail) => {
    server.once("error", (cause) =>
      fail(
        new SamesightError("invalid", `port ${options.port} cannot be used: ${cause.message}`, {
          hint: "Give another one (--port), or none.",
          cause,
        }),
      ),
    );
    server.listen(options.port ?? 0, "127.0.0.1", done);
  });
  port = (server.address() as AddressInfo).port;
  return {
    url: `http://127.0.0.1:${port}/`,
    port,
    close: async () => {
      studies.close();
      server.closeAllConnections();
      await new Promise<void>((done) => server.close(() => done()));
    },
  };
}

const shown = ({ id, state, last, message }: StartedStudy) => ({ id, state, last, message });

/** The page may now speak to its server, and to nothing else. */
function servedPage(html: string, token: string): string {
  return html
    .replace("connect-src 'none'", "connect-src 'self'")
    .replace("img-src data: blob:", "img-src data: blob: 'self'")
    .replace("<meta charset", `<meta name="samesight-serve" content="${token}">\n<meta charset`);
}

async function body(request: IncomingMessage): Promise<unknown> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request) {
    size += (part as Buffer).length;
    if (size > MOST_BYTES) throw new SamesightError("invalid", "the study is larger than a megabyte");
    parts.push(part as Buffer);
  }
  try {
    return JSON.parse(Buffer.concat(parts).toString("utf8"));
  } catch (cause) {
    throw new SamesightError("invalid", "the study is not JSON", { cause });
  }
}

function json(response: ServerResponse, status: number, value: unknown): void {
  send(response, status, JSON.stringify(value), TYPES[".json"]);
}

function send(
  response: ServerResponse,
  status: number,
  content: string | Uint8Array,
  type = "text/plain; charset=utf-8",
): void {
  if (response.headersSent) return void response.end();
  const frames = { "content-security-policy": "frame-ancestors 'none'" };
  response.writeHead(status, {
    ...HEADERS,
    ...frames,
    "content-type": type,
    "content-length": Buffer.byteLength(content),
    // what is left of a refused request is not read
    ...(status >= 400 ? { connection: "close" } : {}),
  });
  response.end(content);
}
