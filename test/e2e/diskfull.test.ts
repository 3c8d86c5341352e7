/** A disk that is full: one line, exit code 1, no half-written file, and what was finished is used when there is room again. */
import { spawnSync } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { emptyFolder, filesBelow, networks, ownStore, photographs, SMALL, samesight } from "./support.js";

/** A disk of its own, in memory; undefined where this process may not mount one. */
function smallDisk(kilobytes: number): string | undefined {
  const dir = emptyFolder("disk");
  const done = spawnSync("mount", ["-t", "tmpfs", "-o", `size=${kilobytes}k`, "tmpfs", dir]);
  if (done.status !== 0) return undefined;
  disks.push(dir);
  return dir;
}
const disks: string[] = [];
afterAll(() => {
  for (const dir of disks) spawnSync("umount", [dir]);
});
const probe = process.platform === "linux" ? smallDisk(64) : undefined;

describe.skipIf(probe === undefined)(
  `a disk that fills up${probe ? "" : " (skipped: only root on Linux may mount a small one)"}`,
  () => {
    const net = networks();
    let images = "";
    beforeAll(async () => {
      images = await photographs(14);
    });
    const argv = (out: string) => ["compare", net.residual, "--images", images, ...SMALL, "--out", out];

    test("while artifacts are written; with room it goes on", async () => {
      const disk = smallDisk(160)!;
      process.env.SAMESIGHT_CACHE = disk;
      const filler = join(disk, "filler");
      writeFileSync(filler, Buffer.alloc(100_000));
      const out = join(emptyFolder(), "run");
      const full = await samesight(argv(out));
      expect(full.code, full.err).toBe(1);
      const lines = full.err.trimEnd().split("\n").slice(-2);
      expect(lines[0]).toMatch(/^error: .*disk full while writing /);
      expect(lines[1]).toMatch(/^ {2}Free some space and run the same command again/);
      expect(full.err).not.toMatch(/^\s+at /m);
      expect(filesBelow(disk).filter((f) => f.endsWith(".part"))).toEqual([]);
      expect(filesBelow(out).filter((f) => !f.startsWith("seen/"))).toEqual([]);
      rmSync(filler);
      spawnSync("mount", ["-o", "remount,size=64m", disk]);
      expect((await samesight(argv(out))).code).toBe(0);
    });

    test("while results are written: those that are there are whole, and the next run completes them", async () => {
      ownStore();
      const disk = smallDisk(24)!;
      const out = join(disk, "run");
      const full = await samesight(argv(out));
      expect(full.code, full.err).toBe(1);
      expect(full.err).toMatch(/^error: .*disk full while writing .*run/m);
      expect(full.err).not.toMatch(/^\s+at /m);
      expect(filesBelow(out).filter((f) => f.endsWith(".part"))).toEqual([]);
      // run.json comes last: without it nothing takes the folder for a finished run
      expect(filesBelow(out)).not.toContain("run.json");
      spawnSync("mount", ["-o", "remount,size=64m", disk]);
      const good = await samesight(argv(out));
      expect(good.code, good.err).toBe(0);
      expect(filesBelow(out)).toContain("run.json");
    });
  },
);
