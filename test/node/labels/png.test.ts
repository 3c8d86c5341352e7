import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import sharp from "sharp";
import { describe, expect, test } from "vitest";
import { isSamesightError } from "../../../src/errors.js";
import { readIndexedPng } from "../../../src/node/labels/png.js";
import { seededRandom } from "../../../src/numerics/random.js";

/** make_png.py: Pillow 9.4. */
const golden = JSON.parse(readFileSync(join(import.meta.dirname, "../../golden/png.json"), "utf8")) as {
  name: string;
  size: [number, number];
  png: string;
  values: number[];
}[];

describe("PNG of class ids", () => {
  test.each(golden)("$name: the values as they are stored", ({ png, size, values }) => {
    const read = readIndexedPng(Buffer.from(png, "base64"));
    expect([read.width, read.height]).toEqual(size);
    expect([...read.data]).toEqual(values);
  });

  test("sharp turns the same palette into colours, which is why there is a reader", async () => {
    const { png, values } = golden.find((g) => g.name === "palette 8 bit")!;
    const { data, info } = await sharp(Buffer.from(png, "base64")).raw().toBuffer({ resolveWithObject: true });
    expect(info.channels).toBe(3);
    expect([...data].filter((_, i) => i % 3 === 0)).not.toEqual(values);
  });

  test.each([
    [1, 1],
    [3, 2],
    [5, 9],
    [8, 8],
    [33, 17],
  ])("interlaced, %i x %i, as libpng writes it", async (width, height) => {
    const random = seededRandom(width, "png");
    const values = Buffer.from(Array.from({ length: width * height }, () => Math.floor(random() * 256)));
    const png = await sharp(values, { raw: { width, height, channels: 1 } })
      .toColourspace("b-w")
      .png({ progressive: true })
      .toBuffer();
    expect(png[28]).toBe(1);
    expect([...readIndexedPng(png).data]).toEqual([...values]);
  });

  test("colours are refused: nobody knows which class they are", async () => {
    const png = await sharp({ create: { width: 4, height: 4, channels: 3, background: "red" } })
      .png()
      .toBuffer();
    expect(() => readIndexedPng(png)).toThrow(/holds colours/);
  });

  test("every cut and every changed byte gives values or one error of ours", () => {
    const whole = Buffer.from(golden[0]!.png, "base64");
    const check = (bytes: Uint8Array) => {
      try {
        const { width, height, data } = readIndexedPng(bytes);
        expect(data.length).toBe(width * height);
      } catch (error) {
        expect(isSamesightError(error) && error.code === "invalid" && !error.message.includes("\n")).toBe(true);
      }
    };
    for (let cut = 0; cut < whole.length; cut++) check(whole.subarray(0, cut));
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.nat(255), (at, value) => {
        const changed = Buffer.from(whole);
        changed[at] = value;
        check(changed);
      }),
      { seed: 2, numRuns: 2000 },
    );
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), check), { seed: 3, numRuns: 500 });
  });
});
