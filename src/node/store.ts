import { createHash } from "node:crypto";
import type { FileHandle } from "node:fs/promises";
import { open, rm, stat, utimes } from "node:fs/promises";
import { join } from "node:path";
import type { TensorFile } from "../contract/safetensors.js";
import { readSafetensors, readTensors, safetensorsParts } from "../contract/safetensors.js";
import type { Store } from "../contract/store.js";
import { isSamesightError, SamesightError } from "../errors.js";
import { writeAtomic } from "./write.js";

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
        const known = mtimeMs >= STARTED_MS || checked.has(path);
        const file = known
          ? await readTensors(rangesOf(handle), size - DIGEST_BYTES, names, path)
          : pick(await wholeFile(handle, path), names);
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

/** Throws SamesightError `invalid` where the checksum is not that of the payload. */
async function wholeFile(handle: FileHandle, path: string) {
  const bytes = await handle.readFile();
  const payload = bytes.subarray(DIGEST_BYTES);
  if (!createHash("sha256").update(payload).digest().equals(bytes.subarray(0, DIGEST_BYTES)))
    throw new SamesightError("invalid", `${path}: its checksum does not fit`);
  return readSafetensors(payload, path);
}

function pick(file: TensorFile, names: readonly string[] | undefined): TensorFile {
  if (!names) return file;
  const entries = names.flatMap((n) => (file.tensors[n] ? [[n, file.tensors[n]] as const] : []));
  return { tensors: Object.fromEntries(entries), metadata: file.metadata };
}
