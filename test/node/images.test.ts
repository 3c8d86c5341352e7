import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { chmod, mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { isSamesightError } from "../../src/errors.js";
import { listImages } from "../../src/node/images.js";
import { folder, raw, scene } from "./folder.js";

const png = await raw(scene()).png().toBuffer();
const jpeg = await raw(scene(200, 150)).jpeg({ quality: 95 }).toBuffer();
const other = await raw(scene(64, 64)).png().toBuffer();
const ids = (list: { images: readonly { id: string }[] }) => list.images.map((i) => i.id);

async function refusal(dir: string) {
  const error = await listImages(dir).catch((e: unknown) => e);
  if (!isSamesightError(error)) throw new Error("expected a SamesightError");
  expect(error.message).not.toContain("\n");
  expect(error.hint).not.toBe("");
  return error;
}

describe("listImages", () => {
  it("finds photographs in folders below, sorted, with size, content hash and a group of their own", async () => {
    const dir = await folder({
      "b.JPG": jpeg,
      "a/z.png": png,
      "a/0.png": other,
      "notes.txt": "text",
      ".hidden.png": png,
      ".git/x.png": png,
    });
    const list = await listImages(dir);
    expect(ids(list)).toEqual(["a/0.png", "a/z.png", "b.JPG"]);
    expect(list.skipped).toEqual([]);
    expect(list.images[2]).toEqual({
      id: "b.JPG",
      path: join(dir, "b.JPG"),
      group: "b.JPG",
      hash: createHash("sha256").update(jpeg).digest("hex"),
      width: 200,
      height: 150,
    });
  });

  it("copies of one photograph share the group of the first", async () => {
    const list = await listImages(await folder({ "a.png": png, "b.png": other, "deep/copy.png": png }));
    expect(list.images.map((i) => i.group)).toEqual(["a.png", "b.png", "a.png"]);
  });

  it("goes by content, not by name: a PNG named .jpg is read", async () => {
    expect(ids(await listImages(await folder({ "a.jpg": png })))).toEqual(["a.jpg"]);
  });

  it.each(["jpeg", "png", "webp", "avif", "gif", "tiff"] as const)("reads %s", async (format) => {
    const bytes = await raw(scene()).toFormat(format).toBuffer();
    const list = await listImages(await folder({ [`a.${format}`]: bytes }));
    expect(list.images.map((i) => [i.width, i.height])).toEqual([[48, 32]]);
  });

  it("gives the upright size", async () => {
    const turned = await raw(scene()).withMetadata({ orientation: 6 }).jpeg().toBuffer();
    expect((await listImages(await folder({ "a.jpg": turned }))).images[0]).toMatchObject({ width: 32, height: 48 });
  });

  it("follows links once, loops included, and says which lead nowhere", async () => {
    const dir = await folder({ "real/a.png": png });
    await symlink(dir, join(dir, "real", "loop"));
    await symlink(join(dir, "real"), join(dir, "zz"));
    await symlink(join(dir, "real", "a.png"), join(dir, "link.png"));
    await symlink(join(dir, "gone.png"), join(dir, "dead.png"));
    const list = await listImages(dir);
    expect(ids(list)).toEqual(["link.png", "real/a.png"]);
    expect(new Set(list.images.map((i) => i.group)).size).toBe(1);
    expect(list.skipped).toEqual([{ path: "dead.png", reason: "a link to nothing" }]);
  });
});

describe("images that cannot be used are skipped with the reason", () => {
  const bad: [string, string, () => Promise<Uint8Array | string>, RegExp][] = [
    ["text named .jpg", "t.jpg", async () => "this is no photograph, whatever its name says", /^not an image$/],
    ["an empty file", "e.png", async () => "", /^an empty file$/],
    [
      "a JPEG cut at two thirds",
      "c.jpg",
      async () => jpeg.subarray(0, Math.floor(jpeg.length * 0.66)),
      /^damaged: cut short/,
    ],
    [
      "a JPEG cut within its last bytes",
      "d.jpg",
      async () => (await raw(noise(160, 120)).jpeg().toBuffer()).subarray(0, -40),
      /^damaged/,
    ],
    [
      "a PNG cut in half",
      "c.png",
      async () => {
        const b = await raw(noise(100, 80)).png().toBuffer();
        return b.subarray(0, b.length / 2);
      },
      /^damaged/,
    ],
    [
      "a WebP cut in half",
      "c.webp",
      async () => {
        const b = await raw(noise(100, 80)).webp().toBuffer();
        return b.subarray(0, b.length / 2);
      },
      /^damaged|^not an image/,
    ],
    ["a header alone", "h.jpg", async () => jpeg.subarray(0, 12), /^damaged|^not an image/],
    [
      "a PNG whose pixels were changed",
      "x.png",
      async () => {
        const b = Buffer.from(await raw(noise(100, 80)).png().toBuffer());
        b.fill(0x55, b.length / 2, b.length / 2 + 200);
        return b;
      },
      /^damaged/,
    ],
    [
      "1 x 1",
      "one.png",
      async () =>
        raw({ width: 1, height: 1, data: Uint8Array.of(1, 2, 3) })
          .png()
          .toBuffer(),
      /smaller than 16 pixels a side \(1 x 1\)/,
    ],
    [
      "15 pixels high",
      "low.png",
      async () => raw(scene(200, 15)).png().toBuffer(),
      /smaller than 16 pixels a side \(200 x 15\)/,
    ],
    [
      "100 megapixels",
      "large.png",
      async () =>
        sharp({ create: { width: 10_000, height: 10_000, channels: 3, background: "#123" } })
          .png()
          .toBuffer(),
      /larger than 64 megapixels \(10000 x 10000\)/,
    ],
    [
      "an SVG named .png",
      "v.png",
      async () => '<svg xmlns="http://www.w3.org/2000/svg" width="90" height="90"><rect width="9" height="9"/></svg>',
      /holds svg, not a photograph format/,
    ],
    ["a BMP", "b.bmp", async () => "BM", /format \.bmp is not read/],
  ];
  it.each(bad)("%s", async (_, name, make, reason) => {
    const list = await listImages(await folder({ [name]: await make(), "good.png": png }));
    expect(ids(list)).toEqual(["good.png"]);
    expect(list.skipped).toHaveLength(1);
    expect(list.skipped[0]!.path).toBe(name);
    expect(list.skipped[0]!.reason).toMatch(reason);
    expect(list.skipped[0]!.reason).not.toContain("\n");
  });

  it("the limit of pixels can be set", async () => {
    const list = await listImages(await folder({ "a.jpg": jpeg, "b.png": png }), { maxPixels: 200 * 150 - 1 });
    expect(ids(list)).toEqual(["b.png"]);
    expect((await listImages(await folder({ "a.jpg": jpeg }), { maxPixels: 200 * 150 })).images).toHaveLength(1);
  });

  it.skipIf(process.getuid?.() === 0)(
    "files and folders without permission (skipped for root, who may read all)",
    async () => {
      const dir = await folder({ "a.png": png, "b.png": other, "sub/c.png": png });
      await chmod(join(dir, "a.png"), 0);
      await chmod(join(dir, "sub"), 0);
      const list = await listImages(dir).finally(() => chmod(join(dir, "sub"), 0o700));
      expect(ids(list)).toEqual(["b.png"]);
      expect(list.skipped.map((s) => s.path)).toEqual(["a.png", "sub"]);
    },
  );
});

describe("folders that cannot be used are refused in one line, with a hint", () => {
  it("a path that does not exist", async () => {
    expect(await refusal("/nowhere/photographs")).toMatchObject({
      code: "missing",
      message: "no folder at /nowhere/photographs",
    });
  });
  it("a file", async () => {
    const dir = await folder({ "a.png": png });
    expect(await refusal(join(dir, "a.png"))).toMatchObject({
      code: "invalid",
      message: expect.stringContaining("is a file"),
    });
  });
  it("an empty folder, and one of empty folders", async () => {
    const dir = await folder();
    expect((await refusal(dir)).message).toContain("it holds no JPEG");
    await mkdir(join(dir, "a", "b"), { recursive: true });
    expect((await refusal(dir)).code).toBe("missing");
  });
  it("a folder in which nothing can be used tells one reason", async () => {
    const dir = await folder({ "a.jpg": "no", "b.jpg": "no" });
    expect((await refusal(dir)).message).toContain("none of its 2 image files can be used (a.jpg: not an image)");
  });
});

/** Noise does not compress, so that a cut falls into pixels. */
function noise(width: number, height: number) {
  const data = new Uint8Array(width * height * 3);
  let state = 1;
  for (let i = 0; i < data.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    data[i] = state >>> 24;
  }
  return { width, height, data };
}

describe("real photographs", () => {
  const dir = process.env.SAMESIGHT_TEST_DATA ?? new URL("../../../shared/data", import.meta.url).pathname;
  const photographs = join(dir, "coco128/images/val2017");
  let there = true;
  try {
    readFileSync(join(dir, "README.md"));
  } catch {
    there = false;
  }
  it.skipIf(!there)("all of coco128 are usable (skipped where the data are not beside the repository)", async () => {
    const list = await listImages(photographs);
    expect(list.skipped).toEqual([]);
    expect(list.images.length).toBeGreaterThan(50);
  });
});
