import { existsSync, readdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { expect, test } from "vitest";
import { collectGarbage, kindOf, listObjects, verifyObjects } from "../../src/node/cache.js";
import { objectPath, openStore, sha256 } from "../../src/node/store.js";
import { emptyFolder } from "../e2e/support.js";

const file = (size: number, kind = "maps") => ({
  tensors: {
    a: { type: "float32" as const, dims: [size], data: new Float32Array(size).fill(size) },
    b: { type: "uint8" as const, dims: [3], data: Uint8Array.of(1, 2, 3) },
  },
  metadata: { kind },
});

test("get gives back what put was given, whole or by name; another key is absent", async () => {
  const store = openStore(emptyFolder("store"));
  const key = sha256("one");
  await store.put(key, file(10));
  expect(await store.get(key)).toEqual(file(10));
  expect(Object.keys((await store.get(key, ["b", "none"]))!.tensors)).toEqual(["b"]);
  expect(await store.has(key)).toBe(true);
  expect(await store.has(sha256("other"))).toBe(false);
  expect(await store.get(sha256("other"))).toBeUndefined();
});

test("an artifact of an earlier process that does not fit its checksum is removed and absent, asked for by name too", async () => {
  const dir = emptyFolder("store");
  const store = openStore(dir);
  for (const names of [undefined, ["b"]]) {
    const key = sha256("torn");
    await store.put(key, file(10));
    const path = objectPath(dir, key);
    const bytes = readFileSync(path);
    bytes[bytes.length - 20]! ^= 4;
    writeFileSync(path, bytes);
    utimesSync(path, new Date(), new Date(Date.now() - 86_400_000));
    expect(await store.get(key, names)).toBeUndefined();
    expect(await store.has(key)).toBe(false);
  }
});

test("a file cut off before its payload is no artifact, and what a run writes just now is left alone", async () => {
  const dir = emptyFolder("store");
  const store = openStore(dir);
  const [key, other] = [sha256("cut"), sha256("kept")];
  await store.put(key, file(10));
  await store.put(other, file(10));
  const path = objectPath(dir, key);
  const fresh = `${path}.1.abc.part`;
  writeFileSync(fresh, "half");
  await collectGarbage(dir, 1e9);
  expect(existsSync(fresh)).toBe(true);
  utimesSync(fresh, new Date(), new Date(Date.now() - 2 * 3_600_000));
  await collectGarbage(dir, 1e9);
  expect(existsSync(fresh)).toBe(false);
  for (const length of [0, 32]) {
    writeFileSync(path, readFileSync(objectPath(dir, other)).subarray(0, length));
    expect(await store.has(key)).toBe(false);
  }
});

test("gc removes the least recently used down to the limit; reading counts as use", async () => {
  const dir = emptyFolder("store");
  const keys = ["a", "b", "c", "d"].map((k) => sha256(k));
  for (const key of keys) await openStore(dir).put(key, file(1000));
  keys.forEach((key, i) => {
    const at = new Date(Date.now() - (10 - i) * 60_000);
    utimesSync(objectPath(dir, key), at, at);
  });
  await openStore(dir).get(keys[0]!, ["b"]);
  const [one] = await listObjects(dir);
  const { removed, kept } = await collectGarbage(dir, 2.5 * one!.bytes);
  expect(removed).toBe(2);
  expect(kept).toBe(2 * one!.bytes);
  expect((await listObjects(dir)).map((o) => o.key)).toEqual([keys[3], keys[0]]);
  expect((await collectGarbage(dir, 0)).kept).toBe(0);
});

test("kinds are read from the header; verify finds and removes what is damaged", async () => {
  const dir = emptyFolder("store");
  const store = openStore(dir);
  await store.put(sha256("m"), file(100, "maps"));
  await store.put(sha256("c"), file(50, "concepts"));
  expect((await Promise.all((await listObjects(dir)).map(kindOf))).sort()).toEqual(["concepts", "maps"]);
  const path = objectPath(dir, sha256("m"));
  writeFileSync(path, readFileSync(path).subarray(0, 100));
  expect(await verifyObjects(dir)).toEqual({ checked: 2, damaged: [sha256("m")] });
  expect(await verifyObjects(dir)).toEqual({ checked: 1, damaged: [] });
});

test("tensors written in pieces, in any order, make the same file as written at once; what a filler throws leaves nothing", async () => {
  const dir = emptyFolder("store");
  const store = openStore(dir);
  const whole = file(10);
  await store.put(sha256("whole"), whole);
  await store.putPieces(sha256("pieces"), whole.tensors, whole.metadata, async (write) => {
    await write("b", 1, Uint8Array.of(2, 3));
    await write("a", 16, new Float32Array(6).fill(10));
    await write("b", 0, Uint8Array.of(1));
    await write("a", 0, new Float32Array(4).fill(10));
  });
  expect(readFileSync(objectPath(dir, sha256("pieces")))).toEqual(readFileSync(objectPath(dir, sha256("whole"))));
  expect((await verifyObjects(dir)).damaged).toEqual([]);
  const outside = store.putPieces(sha256("no"), whole.tensors, {}, (write) => write("b", 2, Uint8Array.of(1, 2)));
  await expect(outside).rejects.toThrow(/lie outside tensor 'b'/);
  expect(await store.has(sha256("no"))).toBe(false);
  const left = readdirSync(dirname(objectPath(dir, sha256("no"))), { recursive: true });
  expect(left.filter((f) => String(f).endsWith(".part"))).toEqual([]);
});
