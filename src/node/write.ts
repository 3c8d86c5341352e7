import { randomBytes } from "node:crypto";
import { mkdir, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { SamesightError } from "../errors.js";

/**
 * Writes beside the target, syncs, renames: a reader sees the old file or the new one, never a part. `sync: false` leaves it to the system when the bytes
 * reach the disk. Throws SamesightError `exhausted` when the disk is full.
 */
export async function writeAtomic(
  path: string,
  parts: readonly (Uint8Array | string)[],
  { sync = true }: { readonly sync?: boolean } = {},
): Promise<void> {
  await mkdir(dirname(path), { recursive: true }).catch((cause) => Promise.reject(diskError(path, cause)));
  const temporary = `${path}.${process.pid}.${randomBytes(6).toString("hex")}.part`;
  try {
    const handle = await open(temporary, "wx");
    try {
      for (const part of parts) await handle.writeFile(part);
      if (sync) await handle.sync();
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
