import { createHash } from "node:crypto";
import type { FileHandle } from "node:fs/promises";
import { open, rm, stat, utimes } from "node:fs/promises";
import { join } from "node:path";
import { bytesOf, readTensors, safetensorsLayout, safetensorsParts } from "../contract/safetensors.js";
import type { Store } from "../contract/store.js";
import { isSamesightError, SamesightError } from "../errors.js";
import { fillAtomic, writeAtomic } from "./write.js";

export { sha256 } from "./hash.js";
export { writeAtomic } from "./write.js";

const DIGEST_BYTES = 32;
/** What was written since then was written by this process or beside it, whole, and is not hashed again. */
const STARTED_MS = Date.now() - process.uptime() * 1000;

/** Place of an artifact below the store's folder. */
export function objectPath(dir: string, key: string): string {
  return join(dir, "objects", key.slice(0, 2), key);
}

/**
 * A folder of artifacts, `objects/ab/abcd...`: a sha256 of the payload, then the payload (safetensors). Two processes may share it: an artifact appears
 * by rename, and whoever comes second writes the same bytes. One that an earlier process wrote is checked when it is first read; from then on, as with
 * those of this process, single tensors are read by themselves. Reading sets the time of last use (atime), by which old ones are removed.
 */
export function openStore(dir: string): Store & { readonly dir: string } {
  const pathOf = (key: string) => objectPath(dir, key);
  const touched = new Set<string>();
  return {
    dir,
    async has(key) {
      const info = await stat(pathOf(key)).catch(() => undefined);
      if (!info?.isFile() || info.size <= DIGEST_BYTES) return false;
      await touch(pathOf(key), key, info.mtime, touched);
      return true;
    },
    async get(key, names) {
      const path = pathOf(key);
      const handle = await open(path, "r").catch(() => undefined);
      if (!handle) return undefined;
      try {
        const { size, mtime, mtimeMs } = await handle.stat();
        if (mtimeMs < STARTED_MS && !checked.has(path)) await requireWhole(handle, size, path);
        const file = await readTensors(rangesOf(handle), size - DIGEST_BYTES, names, path);
        checked.add(path);
        await touch(path, key, mtime, touched);
        return file;
      } catch (error) {
        if (!isSamesightError(error)) throw error;
        // damaged: away with it, so that it is made again
        checked.delete(path);
        await rm(path, { force: true });
        return undefined;
      } finally {
        await handle.close();
      }
    },
    async put(key, file, { lasting = true } = {}) {
      const parts = safetensorsParts(file.tensors, file.metadata);
      const hash = createHash("sha256");
      for (const part of parts) hash.update(part);
      await writeAtomic(pathOf(key), [hash.digest(), ...parts], { sync: lasting });
    },
    async putPieces(key, shapes, metadata, fill) {
      const { head, places, size } = safetensorsLayout(shapes, metadata);
      await fillAtomic(pathOf(key), async (handle) => {
        await writeAt(handle, head, DIGEST_BYTES);
        await handle.truncate(DIGEST_BYTES + size);
        await fill(async (name, from, data) => {
          const place = places.get(name);
          if (!place || from < 0 || place.from + from + data.byteLength > place.to)
            throw new SamesightError(
              "defect",
              `store: ${data.byteLength} bytes at ${from} lie outside tensor '${name}'`,
            );
          await writeAt(handle, bytesOf(data), DIGEST_BYTES + place.from + from);
        });
        await writeAt(handle, await digestOf(handle, DIGEST_BYTES + size), 0);
      });
    },
  };
}

/** Artifacts of earlier processes whose checksum was found right. */
const checked = new Set<string>();

async function touch(path: string, key: string, mtime: Date, touched: Set<string>): Promise<void> {
  if (touched.has(key)) return;
  touched.add(key);
  await utimes(path, new Date(), mtime).catch(() => undefined);
}

function rangesOf(handle: FileHandle) {
  return async (from: number, length: number): Promise<Uint8Array> => {
    const bytes = new Uint8Array(length);
    const { bytesRead } = await handle.read(bytes, 0, length, DIGEST_BYTES + from);
    return bytesRead === length ? bytes : bytes.subarray(0, bytesRead);
  };
}

async function writeAt(handle: FileHandle, bytes: Uint8Array, at: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    done += (await handle.write(bytes, done, bytes.length - done, at + done)).bytesWritten;
  }
}

/** Bytes read at a time to make a checksum. */
const CHUNK = 1024 * 1024;

/** Checksum of the payload, from the file as it is. */
async function digestOf(handle: FileHandle, size: number): Promise<Buffer> {
  const hash = createHash("sha256");
  const chunk = Buffer.allocUnsafe(Math.max(1, Math.min(CHUNK, size - DIGEST_BYTES)));
  for (let at = DIGEST_BYTES; at < size; ) {
    const { bytesRead } = await handle.read(chunk, 0, Math.min(chunk.length, size - at), at);
    if (bytesRead === 0) break;
    hash.update(chunk.subarray(0, bytesRead));
    at += bytesRead;
  }
  return hash.digest();
}

/** Throws SamesightError `invalid` where the checksum is not that of the payload. */
async function requireWhole(handle: FileHandle, size: number, path: string): Promise<void> {
  const said = Buffer.alloc(DIGEST_BYTES);
  await handle.read(said, 0, DIGEST_BYTES, 0);
  if (!(await digestOf(handle, size)).equals(said))
    throw new SamesightError("invalid", `${path}: its checksum does not fit`);
}
