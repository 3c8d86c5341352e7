import { describe, expect, it } from "vitest";
import { batches, chunks } from "../../src/dataset/batches.js";
import { mapConcurrent, oneBehind } from "../../src/dataset/prefetch.js";
import { preprocess } from "../../src/dataset/preprocess.js";
import { pattern } from "../golden/pattern.js";
import { imageRef, preprocessing } from "./support.js";

const ticks = async (n: number) => {
  for (let i = 0; i < n; i++) await Promise.resolve();
};
const collect = async <T>(all: AsyncIterable<T>): Promise<T[]> => {
  const out: T[] = [];
  for await (const one of all) out.push(one);
  return out;
};

describe("mapConcurrent", () => {
  it("keeps the order, whatever finishes first", async () => {
    const items = Array.from({ length: 20 }, (_, i) => i);
    const made = mapConcurrent(items, 5, async (item) => {
      await ticks((item * 7) % 11);
      return item * 2;
    });
    expect(await collect(made)).toEqual(items.map((i) => i * 2));
  });
  it("never has more than the limit under way or waiting, and reaches it", async () => {
    let made = 0;
    let taken = 0;
    let most = 0;
    const flow = mapConcurrent(Array.from({ length: 30 }), 4, async () => {
      most = Math.max(most, ++made - taken);
      await ticks(3);
    });
    for await (const _ of flow) {
      taken++;
      await ticks(50);
    }
    // the one in the caller's hands is counted as taken only when its turn of the loop begins
    expect(most).toBe(5);
    expect(made).toBe(30);
  });
  it("works ahead while the caller is busy", async () => {
    const started: number[] = [];
    const flow = mapConcurrent([0, 1, 2, 3, 4], 2, async (i) => started.push(i));
    await flow.next();
    await ticks(5);
    expect(started).toEqual([0, 1, 2]);
    await flow.return();
    expect(started).toEqual([0, 1, 2]);
  });
  it("throws a failure in its turn and starts no more", async () => {
    const started: number[] = [];
    const flow = mapConcurrent([0, 1, 2, 3, 4, 5], 2, async (i) => {
      started.push(i);
      if (i === 1) throw new Error("second");
      return i;
    });
    expect((await flow.next()).value).toBe(0);
    await expect(flow.next()).rejects.toThrow("second");
    expect((await flow.next()).done).toBe(true);
    expect(started).toEqual([0, 1, 2]);
  });
  it("nothing in, nothing out", async () => {
    expect(await collect(mapConcurrent([], 3, async () => 1))).toEqual([]);
  });
});

describe("batches", () => {
  const p = preprocessing({ width: 10, height: 6, resize: "letterbox" });
  const images = Array.from({ length: 7 }, (_, i) => imageRef(`${i}.jpg`));
  const pictureOf = (id: string) => pattern(20 + Number.parseInt(id, 10), 15);

  it("are the pictures preprocessed together, in order, the last one smaller", async () => {
    const found = await collect(
      batches(images, 3, p, async (image) => {
        await ticks((Number.parseInt(image.id, 10) * 5) % 7);
        return pictureOf(image.id);
      }),
    );
    expect(found.map((b) => b.images.map((i) => i.id))).toEqual([
      ["0.jpg", "1.jpg", "2.jpg"],
      ["3.jpg", "4.jpg", "5.jpg"],
      ["6.jpg"],
    ]);
    for (const batch of found) {
      const { input, geometries } = preprocess(
        batch.images.map((i) => pictureOf(i.id)),
        p,
      );
      expect(batch.input).toEqual(input);
      expect(batch.geometries).toEqual(geometries);
    }
  });
  it("the next batch is decoded while the present one is used, and no further", async () => {
    const decoded: string[] = [];
    const flow = batches(images, 2, p, async (image) => {
      decoded.push(image.id);
      return pictureOf(image.id);
    });
    await flow.next();
    await ticks(20);
    expect(decoded).toEqual(["0.jpg", "1.jpg", "2.jpg", "3.jpg"]);
    await flow.return(undefined);
    await ticks(20);
    expect(decoded).toHaveLength(4);
  });
  it("a photograph that cannot be decoded stops its own batch, not the one before", async () => {
    const flow = batches(images, 2, p, async (image) => {
      if (image.id === "2.jpg") throw new Error("vanished");
      return pictureOf(image.id);
    });
    expect((await flow.next()).done).toBe(false);
    await expect(flow.next()).rejects.toThrow("vanished");
  });
  it("chunks", () => {
    expect(chunks([1, 2, 3, 4, 5], 2)).toEqual([[1, 2], [3, 4], [5]]);
    expect(chunks([], 2)).toEqual([]);
  });
});

it("writes behind the work: the next waits for the last, and what one throws is thrown by the next or at the end", async () => {
  const log: string[] = [];
  const write =
    (name: string, ms: number, fails = false) =>
    async () => {
      log.push(`${name} begins`);
      await new Promise((resolve) => setTimeout(resolve, ms));
      log.push(`${name} ends`);
      if (fails) throw new Error(name);
    };
  const behind = oneBehind();
  await behind.next(write("a", 20));
  log.push("work");
  await behind.next(write("b", 5));
  await behind.end();
  expect(log).toEqual(["a begins", "work", "a ends", "b begins", "b ends"]);
  const broken = oneBehind();
  await broken.next(write("c", 1, true));
  await new Promise((resolve) => setTimeout(resolve, 20));
  await expect(broken.next(write("d", 1))).rejects.toThrow("c");
  expect(log).not.toContain("d begins");
  const last = oneBehind();
  await last.next(write("e", 1, true));
  await expect(last.end()).rejects.toThrow("e");
});
