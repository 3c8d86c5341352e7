import { createHash, randomBytes } from "node:crypto";
import { mkdir, open, readFile, rename, rm, stat, utimes } from "node:fs/promises";
import { dirname, join } from "node:path";
import { readSafetensors, writeSafetensors } from "../contract/safetensors.js";
import type { Store } from "../contract/store.js";
import { SamesightError } from "../errors.js";

const DIGEST_BYTES = 32;

/** sha256 as lower-case hex. */
export function sha256(data: Uint8Array | string): string {
  return createHash("sha256").update(data).digest("hex");
}

/**
 * A folder of artifacts, `objects/ab/abcd...`: a sha256 of the payload, then the payload (safetensors). Two processes may share it:
 * an artifact appears by rename, and whoever comes second writes the same bytes.
 */
export function openStore(dir: string): Store & { readonly dir: string } {
  const pathOf = (key: string) => join(dir, "objects", key.slice(0, 2), key);
  return {
    dir,
    async has(key) {
      return stat(pathOf(key)).then(
        (s) => s.isFile() && s.size > DIGEST_BYTES,
        () => false,
      );
    },
    async get(key, _names) {
      const path = pathOf(key);
      const bytes = await readFile(path).catch(() => undefined);
      if (!bytes) return undefined;
      const payload = bytes.subarray(DIGEST_BYTES);
      if (
        bytes.length <= DIGEST_BYTES ||
        !createHash("sha256").update(payload).digest().equals(bytes.subarray(0, DIGEST_BYTES))
      ) {
        await rm(path, { force: true });
        return undefined;
      }
      const now = new Date();
      await utimes(path, now, now).catch(() => undefined);
      return readSafetensors(payload, path);
    },
    async put(key, file) {
      const payload = writeSafetensors(file.tensors, file.metadata);
      await writeAtomic(pathOf(key), [createHash("sha256").update(payload).digest(), payload]);
    },
  };
}

/** Writes beside the target, syncs, renames: a reader sees the old file or the new one, never a part. Throws SamesightError `exhausted` when the disk is full. */
export async function writeAtomic(path: string, parts: readonly (Uint8Array | string)[]): Promise<void> {
  await mkdir(dirname(path), { recursive: true }).catch((cause) => Promise.reject(diskError(path, cause)));
  const temporary = `${path}.${process.pid}.${randomBytes(6).toString("hex")}.part`;
  try {
    const handle = await open(temporary, "wx");
    try {
      for (const part of parts) await handle.writeFile(part);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw diskError(path, cause);
  }
}

function diskError(path: string, cause: unknown): SamesightError {
  const code = (cause as NodeJS.ErrnoException)?.code;
  if (code === "ENOSPC" || code === "EDQUOT") {
    return new SamesightError("exhausted", `disk full while writing ${path}`, {
      hint: "Free some space and run the same command again: finished work is kept and used.",
      cause,
    });
  }
  return new SamesightError("invalid", `cannot write ${path}: ${code ?? String(cause)}`, {
    hint: "Choose another --out or mend the permissions.",
    cause,
  });
}
