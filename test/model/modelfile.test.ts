/** Networks on disk, with weights inside and beside them. */

import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { SamesightError } from "../../src/errors.js";
import { isSamesightError } from "../../src/errors.js";
import { externalReferences } from "../../src/model/external.js";
import { readModel, writeModel } from "../../src/model/read.js";
import { createEngine } from "../../src/node/engine.js";
import { loadModelFile, sha256Of } from "../../src/node/modelfile.js";
import { StringStringEntryProtoSchema, TensorProto_DataLocation } from "../../src/onnx/onnx_pb.js";
import { picture, residual } from "./nets.js";

let root = "";
let folder = "";
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "samesight-modelfile-"));
  folder = join(root, "net");
  await mkdir(join(folder, "weights"), { recursive: true });
});
afterAll(() => rm(root, { recursive: true, force: true }));

const whole = residual().bytes(["boxes"]);

/** The network with its weights one behind another in a file of this name; `change` spoils the entries of the last tensor. */
function outside(location: string, change: Record<string, string | undefined> = {}) {
  const model = readModel(whole);
  const parts: Uint8Array[] = [];
  let offset = 0;
  for (const t of model.graph!.initializer) {
    const raw = t.rawData!;
    parts.push(raw);
    const last = t === model.graph!.initializer.at(-1);
    const entries = { location, offset: String(offset), length: String(raw.length), ...(last ? change : {}) };
    t.externalData = Object.entries(entries).flatMap(([key, value]) =>
      value === undefined ? [] : [create(StringStringEntryProtoSchema, { key, value })],
    );
    t.dataLocation = TensorProto_DataLocation.EXTERNAL;
    t.rawData = new Uint8Array();
    offset += raw.length;
  }
  return { bytes: writeModel(model), data: Buffer.concat(parts) };
}

async function refusal(path: string): Promise<SamesightError> {
  const error: unknown = await loadModelFile(path).then(
    () => undefined,
    (e) => e,
  );
  if (!isSamesightError(error)) throw new Error(`no refusal but ${String(error)}`);
  expect(error.message).not.toContain("\n");
  expect(error.message).toContain(path);
  expect(error.hint).not.toBe("");
  return error;
}

async function put(name: string, bytes: Uint8Array | string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, bytes);
  return path;
}

describe("a file", () => {
  it("is read as it is", async () => {
    expect(Buffer.compare(await loadModelFile(await put("plain.onnx", whole)), whole)).toBe(0);
  });
  it("that is not there, is a folder, or is no network", async () => {
    expect((await refusal(join(folder, "none.onnx"))).code).toBe("missing");
    expect((await refusal(join(await put("file", "x"), "below.onnx"))).code).toBe("missing");
    expect((await refusal(folder)).message).toContain("is a folder");
    expect((await refusal(await put("text.onnx", "not a network"))).code).toBe("invalid");
    expect((await refusal(await put("empty.onnx", ""))).message).toContain("empty");
    expect((await refusal(await put("cut.onnx", whole.subarray(0, 5000)))).message).toContain("truncated");
  });
});

describe("external data", () => {
  it("is moved inside: the same values, the same results, and a hash that covers it", async () => {
    const { bytes, data } = outside("weights/all.bin");
    const path = await put("out.onnx", bytes);
    await put("weights/all.bin", data);
    const loaded = await loadModelFile(path);
    const weights = readModel(whole).graph!.initializer.map((t) => t.name);
    expect(externalReferences(readModel(bytes)).map((r) => [r.tensor, r.path])).toEqual(
      weights.map((name) => [name, "weights/all.bin"]),
    );
    expect(externalReferences(readModel(loaded))).toEqual([]);
    const engine = createEngine();
    const results = [];
    for (const b of [whole, loaded]) {
      const kernel = await engine.compile(b);
      results.push((await kernel.run({ image: picture([1, 3, 32, 32]) })).boxes!.data);
      await kernel.release();
    }
    expect(results[1]).toEqual(results[0]);
    data[100]! ^= 1;
    await put("weights/all.bin", data);
    expect(sha256Of(await loadModelFile(path))).not.toBe(sha256Of(loaded));
  });
  it("without a length reaches to the end of its file", async () => {
    const { bytes, data } = outside("last.bin", { length: undefined });
    await put("last.bin", data);
    const loaded = readModel(await loadModelFile(await put("last.onnx", bytes)));
    expect(loaded.graph!.initializer.at(-1)!.rawData).toEqual(readModel(whole).graph!.initializer.at(-1)!.rawData);
  });
  it.each([
    "../secret.bin",
    "weights/../../secret.bin",
    "/etc/hostname",
    "..\\secret.bin",
    "C:\\secret.bin",
    "file:///etc/hostname",
    "a\0b",
    "",
  ])("is refused at %j", async (location) => {
    await writeFile(join(root, "secret.bin"), outside("x").data);
    const error = await refusal(await put("bad.onnx", outside(location).bytes));
    expect(error.code).toBe("invalid");
    expect(error.message).toContain("not inside the network's folder");
  });
  it("is refused behind a link that leaves the folder", async () => {
    await writeFile(join(root, "secret.bin"), outside("x").data);
    await symlink(join(root, "secret.bin"), join(folder, "link.bin"));
    await symlink(root, join(folder, "up"));
    for (const location of ["link.bin", "up/secret.bin"]) {
      const error = await refusal(await put("link.onnx", outside(location).bytes));
      expect(error.message).toContain("lies outside the network's folder");
    }
  });
  it.each([
    [{ offset: "999999999" }, "which has"],
    [{ length: "999999999" }, "which has"],
    [{ offset: "-4" }, "expected bytes"],
    [{ offset: "1e3" }, "expected bytes"],
    [{ length: "99999999999999999999" }, "expected bytes"],
    [{ length: "4" }, "does not hold"],
  ])("is refused with %j", async (change, message) => {
    const { bytes, data } = outside("data.bin", change);
    await put("data.bin", data);
    const error = await refusal(await put("odd.onnx", bytes));
    expect(error.code).toBe("invalid");
    expect(error.message).toContain(message);
  });
  it("that is not there is missing", async () => {
    expect((await refusal(await put("gone.onnx", outside("gone.bin").bytes))).code).toBe("missing");
  });
});
