import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { access, mkdir, open, rename, rm, rmdir, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
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
  await makeFolder(dirname(path)).catch((cause) => Promise.reject(diskError(path, cause)));
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
 * Whether files can be written below `dir`, which `option` names and which need not be there yet: told before hours of work, not after. Throws SamesightError `invalid` with the part of the
 * path that is in the way.
 */
export async function checkWritable(dir: string, option = "--out"): Promise<void> {
  for (let at = resolve(dir); ; at = dirname(at)) {
    const info = await stat(at).catch(() => undefined);
    if (!info && dirname(at) !== at) continue;
    const hint = `Choose another ${option} or mend the permissions.`;
    if (info && !info.isDirectory())
      throw new SamesightError("invalid", `cannot write to ${dir}: ${at} is a file`, { hint });
    const refused = (cause: NodeJS.ErrnoException) => {
      if (isFull(cause)) throw diskError(dir, cause);
      throw new SamesightError("invalid", `cannot write to ${dir}: ${at} may not be written (${cause.code})`, {
        hint,
        cause,
      });
    };
    await access(at, constants.W_OK | constants.X_OK).catch(refused);
    // folders of the system (/proc, /sys) say yes and take nothing: only trying tells
    const trial = join(at, `.samesight-${randomBytes(6).toString("hex")}`);
    await mkdir(trial).then(() => rmdir(trial), refused);
    return;
  }
}

/** Makes a folder and those above it. Not by `recursive: true`: on Linux that never ends below /proc. */
export async function makeFolder(dir: string): Promise<void> {
  const unlessThere = (cause: NodeJS.ErrnoException) => {
    if (cause.code !== "EEXIST") throw cause;
  };
  await mkdir(dir).catch(async (cause: NodeJS.ErrnoException) => {
    if (cause.code !== "ENOENT" || dirname(dir) === dir) return unlessThere(cause);
    await makeFolder(dirname(dir));
    await mkdir(dir).catch(unlessThere);
  });
}

function diskError(path: string, cause: unknown): SamesightError {
  const code = (cause as NodeJS.ErrnoException)?.code;
  if (isFull(cause)) {
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

function isFull(cause: unknown): boolean {
  const code = (cause as NodeJS.ErrnoException)?.code;
  return code === "ENOSPC" || code === "EDQUOT";
}
