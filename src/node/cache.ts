import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { readTensors } from "../contract/safetensors.js";

const DIGEST_BYTES = 32;
/** Unfinished files older than this belong to no running process. */
const STALE_PART_MS = 3_600_000;
/** How far below the limit removal goes, so that it need not run again at once. */
const SLACK = 0.9;

export interface CachedObject {
  readonly key: string;
  readonly path: string;
  readonly bytes: number;
  readonly lastUseMs: number;
  readonly writtenMs: number;
}

/** All artifacts of a store's folder, least recently used first. */
export async function listObjects(dir: string): Promise<CachedObject[]> {
  const out: CachedObject[] = [];
  for (const path of await filesOf(dir)) {
    if (path.endsWith(".part")) continue;
    const info = await stat(path).catch(() => undefined); // another process may just have removed it
    if (info)
      out.push({ key: path.slice(-64), path, bytes: info.size, lastUseMs: info.atimeMs, writtenMs: info.mtimeMs });
  }
  return out.sort((a, b) => a.lastUseMs - b.lastUseMs || (a.key < b.key ? -1 : 1));
}

/** What an artifact holds ("maps", "concepts", ...), from its header. */
export async function kindOf({ path, bytes }: CachedObject): Promise<string> {
  const handle = await open(path, "r").catch(() => undefined);
  if (!handle) return "gone";
  try {
    const read = async (from: number, length: number) => {
      const part = new Uint8Array(length);
      const { bytesRead } = await handle.read(part, 0, length, DIGEST_BYTES + from);
      return part.subarray(0, bytesRead);
    };
    return (await readTensors(read, bytes - DIGEST_BYTES, [], path)).metadata.kind ?? "other";
  } catch {
    return "damaged";
  } finally {
    await handle.close();
  }
}

/**
 * Removes the least recently used artifacts while all together exceed `limitBytes`, and what killed runs left unfinished. What `needed` names stays, even
 * above the limit; it is asked only where something must go.
 */
export async function collectGarbage(
  dir: string,
  limitBytes: number,
  needed: () => ReadonlySet<string> = () => new Set(),
): Promise<{ removed: number; bytes: number; kept: number }> {
  for (const path of await filesOf(dir)) {
    if (!path.endsWith(".part")) continue;
    const info = await stat(path).catch(() => undefined);
    if (info && Date.now() - info.mtimeMs > STALE_PART_MS) await rm(path, { force: true });
  }
  const objects = await listObjects(dir);
  let total = objects.reduce((sum, o) => sum + o.bytes, 0);
  let [removed, bytes] = [0, 0];
  if (total > limitBytes) {
    const stays = needed();
    for (const object of objects) {
      if (total <= SLACK * limitBytes) break;
      if (stays.has(object.key)) continue;
      await rm(object.path, { force: true });
      total -= object.bytes;
      removed++;
      bytes += object.bytes;
    }
  }
  return { removed, bytes, kept: total };
}

/** Reads every artifact against its checksum; damaged ones are removed, so that the next run makes them again. */
export async function verifyObjects(dir: string): Promise<{ checked: number; damaged: string[] }> {
  const objects = await listObjects(dir);
  const damaged: string[] = [];
  for (const { key, path } of objects) {
    if (await isWhole(path)) continue;
    damaged.push(key);
    await rm(path, { force: true });
  }
  return { checked: objects.length, damaged };
}

async function isWhole(path: string): Promise<boolean> {
  const hash = createHash("sha256");
  let digest = Buffer.alloc(0);
  try {
    for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
      const missing = DIGEST_BYTES - digest.length;
      if (missing > 0) digest = Buffer.concat([digest, chunk.subarray(0, missing)]);
      hash.update(chunk.subarray(Math.max(0, missing)));
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return true; // removed meanwhile: nothing to complain of
    throw error;
  }
  return digest.length === DIGEST_BYTES && hash.digest().equals(digest);
}

async function filesOf(dir: string): Promise<string[]> {
  const root = join(dir, "objects");
  const folders = await readdir(root).catch(() => []);
  const files = await Promise.all(
    folders.map(async (folder) =>
      (await readdir(join(root, folder)).catch(() => [])).map((f) => join(root, folder, f)),
    ),
  );
  return files.flat();
}
