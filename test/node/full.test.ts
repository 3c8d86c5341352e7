/** A disk that is full, where no small one can be mounted (test/e2e/diskfull.test.ts does): the system's answer is put in its place. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { writeAtomic } from "../../src/node/store.js";
import { emptyFolder } from "../e2e/support.js";

let code = "";
vi.mock("node:fs/promises", async (original) => {
  const real = await original<typeof import("node:fs/promises")>();
  return {
    ...real,
    open: async (...args: Parameters<typeof real.open>) => {
      const handle = await real.open(...args);
      if (code)
        handle.writeFile = handle.write = async () => {
          throw Object.assign(new Error(`${code}: no room, write`), { code });
        };
      return handle;
    },
  };
});
afterEach(() => {
  code = "";
});

test.each(["ENOSPC", "EDQUOT"])(
  "%s: the old file stays, nothing lies beside it, and the error says what to do",
  async (c) => {
    const dir = emptyFolder();
    const path = join(dir, "file");
    writeFileSync(path, "old");
    code = c;
    await expect(writeAtomic(path, ["new"])).rejects.toMatchObject({
      name: "SamesightError",
      code: "exhausted",
      message: `disk full while writing ${path}`,
      hint: expect.stringContaining("Free some space"),
    });
    expect(readdirSync(dir)).toEqual(["file"]);
    expect(readFileSync(path, "utf8")).toBe("old");
    code = "";
    await writeAtomic(path, ["new"]);
    expect(readFileSync(path, "utf8")).toBe("new");
  },
);
