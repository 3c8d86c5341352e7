import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { access, mkdir, open, rename, rm, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { isSamesightError, SamesightError } from "../errors.js";

/**
 * Writes beside the target, syncs, renames: a reader sees the old file or the new one, never a part. `sync: false` leaves it to the system when the bytes
 * reach the disk. Throws SamesightError `exhausted` when the disk is full.
 */
export async function writeAtomic(
  path: string,
  parts: readonly (Uint8Array | string)[],
  options: { readonly sync?: boolean } = {},
): Promise<void> {
  const fill = async (handle: FileHandle) => {
    for (const part of parts) await handle.writeFile(part);
  };
  await fillAtomic(path, fill, options);
}

/** The same for a file that `fill` writes (and may read); what `fill` throws on purpose is thrown on, and nothing is left then. */
export async function fillAtomic(
  path: string,
  fill: (handle: FileHandle) => Promise<void>,
  { sync = true }: { readonly sync?: boolean } = {},
): Promise<void> {
  await mkdir(dirname(path), { recursive: true }).catch((cause) => Promise.reject(diskError(path, cause)));
  const temporary = `${path}.${process.pid}.${randomBytes(6).toString("hex")}.part`;
  try {
    const handle = await open(temporary, "wx+");
    try {
      await fill(handle);
      if (sync) await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw isSamesightError(cause) ? cause : diskError(path, cause);
  }
}

/**
 * Whether files can be written below `dir`, which need not be there yet: told before hours of work, not after. Throws SamesightError `invalid` with the part of the
 * path that is in the way.
 */
export async function checkWritable(dir: string): Promise<void> {
  for (let at = resolve(dir); ; at = dirname(at)) {
    const info = await stat(at).catch(() => undefined);
    if (!info && dirname(at) !== at) continue;
    const hint = "Choose another --out or mend the permissions.";
    if (info && !info.isDirectory())
      throw new SamesightError("invalid", `cannot write to ${dir}: ${at} is a file`, { hint });
    await access(at, constants.W_OK | constants.X_OK).catch((cause) => {
      throw new SamesightError("invalid", `cannot write to ${dir}: ${at} may not be written (${cause.code})`, {
        hint,
        cause,
      });
    });
    return;
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
