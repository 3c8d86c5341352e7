import { DEFAULTS } from "../../contract/defaults.js";
import type { AddCommand } from "../context.js";
import { EXIT } from "../context.js";
import { bytesOf } from "../flags.js";

interface Flags {
  readonly cache?: string;
  readonly cacheLimit?: string;
  readonly json?: boolean;
}

const size = (bytes: number): string =>
  bytes >= 1e9
    ? `${(bytes / 1e9).toFixed(1)} GB`
    : bytes >= 1e6
      ? `${(bytes / 1e6).toFixed(1)} MB`
      : `${Math.ceil(bytes / 1e3)} KB`;

export const cache: AddCommand = (program, { io, exit }) => {
  const group = program
    .command("cache")
    .description("what is kept between runs, so that no finished work is done twice");
  const shared = (name: string, description: string) =>
    group
      .command(name)
      .description(description)
      .option("--cache <dir>", "folder of the cache (default: $SAMESIGHT_CACHE or ~/.cache/samesight)")
      .option("--json", "as JSON");
  const outside = async (flags: Flags) => ({
    ...(await import("../../node/cache.js")),
    dir: (await import("../../node/environment.js")).storeDirOf(flags.cache),
  });

  shared("ls", "list what is kept, by kind").action(async (flags: Flags) => {
    const { listObjects, kindOf, dir } = await outside(flags);
    const kinds = new Map<string, { kind: string; artifacts: number; bytes: number; lastUse: string }>();
    for (const object of await listObjects(dir)) {
      const kind = await kindOf(object);
      const row = kinds.get(kind) ?? { kind, artifacts: 0, bytes: 0, lastUse: "" };
      const lastUse = new Date(object.lastUseMs).toISOString();
      kinds.set(kind, { kind, artifacts: row.artifacts + 1, bytes: row.bytes + object.bytes, lastUse });
    }
    const rows = [...kinds.values()].sort((a, b) => b.bytes - a.bytes);
    if (flags.json) return io.out(`${JSON.stringify({ dir, kinds: rows })}\n`);
    io.out(`${dir}\n`);
    for (const { kind, artifacts, bytes, lastUse } of rows)
      io.out(
        `${kind.padEnd(12)} ${String(artifacts).padStart(7)} ${size(bytes).padStart(10)}  last used ${lastUse.slice(0, 10)}\n`,
      );
    io.out(
      `${"all".padEnd(12)} ${String(rows.reduce((s, r) => s + r.artifacts, 0)).padStart(7)} ${size(rows.reduce((s, r) => s + r.bytes, 0)).padStart(10)}\n`,
    );
  });
  shared("gc", "remove what was least recently used, down to a size")
    .option(
      "--cache-limit <size>",
      `size to keep, such as 5GB; 0 removes all (default: ${DEFAULTS.cacheBytes / 1e9}GB)`,
    )
    .action(async (flags: Flags) => {
      const { collectGarbage, dir } = await outside(flags);
      const limit = flags.cacheLimit === undefined ? DEFAULTS.cacheBytes : bytesOf(flags.cacheLimit, "--cache-limit");
      const { removed, bytes, kept } = await collectGarbage(dir, limit);
      if (flags.json) io.out(`${JSON.stringify({ dir, removed, removedBytes: bytes, keptBytes: kept })}\n`);
      else io.out(`removed ${removed} artifacts (${size(bytes)}), kept ${size(kept)}\n`);
    });
  shared("verify", "read everything against its checksum and remove what is damaged").action(async (flags: Flags) => {
    const { verifyObjects, dir } = await outside(flags);
    const { checked, damaged } = await verifyObjects(dir);
    if (flags.json) io.out(`${JSON.stringify({ dir, checked, damaged })}\n`);
    else
      io.out(
        `${checked} artifacts read, ${damaged.length} damaged and removed${damaged.length ? "; runs make them again" : ""}\n`,
      );
    exit(damaged.length > 0 ? EXIT.checkFailed : EXIT.done);
  });
};
