import { lstat, realpath } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import { isAbsolute, join, relative, resolve, sep } from "node:path";

/** Why a request is not answered. */
export interface Refusal {
  readonly status: number;
  readonly reason: string;
}

/**
 * A request must be for this server by its own name and come from its own page: another site that the user has open may neither read nor start anything,
 * whatever name it gives this machine.
 */
export function refusalOf(request: IncomingMessage, port: number, token: string): Refusal | undefined {
  const names = [`127.0.0.1:${port}`, `localhost:${port}`];
  const { host, origin } = request.headers;
  if (host === undefined || !names.includes(host))
    return { status: 421, reason: "this server answers to its own name only" };
  if (origin !== undefined && origin !== `http://${host}`) return { status: 403, reason: "another origin" };
  const site = request.headers["sec-fetch-site"];
  if (site !== undefined && site !== "same-origin" && site !== "none") return { status: 403, reason: "another site" };
  if (request.method === "GET" || request.method === "HEAD") return undefined;
  if (request.method !== "POST") return { status: 405, reason: "GET or POST only" };
  if (origin === undefined) return { status: 403, reason: "no origin" };
  if (request.headers["x-samesight-token"] !== token) return { status: 403, reason: "not from this server's page" };
  if (!/^application\/json\b/.test(request.headers["content-type"] ?? ""))
    return { status: 415, reason: "expected JSON" };
  return undefined;
}

/** What is not for the page: paths of photographs on this disk. */
const PRIVATE = new Set(["photographs.json"]);

/** Absolute path of a regular file below `root`, by the path of a URL; undefined for anything else: no way up, no links out, nothing hidden. */
export async function fileBelow(root: string, urlPath: string): Promise<string | undefined> {
  let path: string;
  try {
    path = decodeURIComponent(urlPath);
  } catch {
    return undefined;
  }
  const parts = path.split("/");
  const bad = (p: string) => p === "" || p.startsWith(".") || /[\\\0:]/.test(p) || PRIVATE.has(p);
  if (parts.some(bad) || isAbsolute(path)) return undefined;
  const base = await realpath(resolve(root)).catch(() => undefined);
  if (base === undefined) return undefined;
  const full = join(base, ...parts);
  const real = await realpath(full).catch(() => undefined);
  // a link anywhere on the way makes the two differ
  if (real === undefined || real !== full) return undefined;
  const way = relative(base, real);
  if (way.startsWith("..") || isAbsolute(way) || way.split(sep).length !== parts.length) return undefined;
  const info = await lstat(real).catch(() => undefined);
  return info?.isFile() ? real : undefined;
}
