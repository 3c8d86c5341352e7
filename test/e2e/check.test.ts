/** samesight check: a retrained network held against a finished run. */
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { readModel, writeModel } from "../../src/model/read.js";
import { seededRandom } from "../../src/numerics/random.js";
import { emptyFolder, networks, ownStore, photographs, SMALL, samesight } from "./support.js";

let dir = "";
const study = (source: string) => {
  const path = join(dir, "study.yaml");
  writeFileSync(path, `networks: [{source: ${source}, id: net}]\nimages: photos\n`);
  return path;
};
const flags = [...SMALL, "--workers", "0", "--quiet"];

/** Other weights in every convolution. */
function retrained(path: string): Uint8Array {
  const model = readModel(new Uint8Array(readFileSync(path)));
  const random = seededRandom("retrained");
  for (const t of model.graph!.initializer) {
    if (t.dims.length < 4) continue;
    const values = new Float32Array(t.rawData!.slice().buffer);
    values.forEach((_, i) => {
      const j = Math.floor(random() * (i + 1));
      [values[i], values[j]] = [values[j]!, values[i]!];
    });
    t.rawData = new Uint8Array(values.buffer);
  }
  return writeModel(model);
}

beforeAll(async () => {
  ownStore();
  dir = emptyFolder("check");
  const nets = networks(dir);
  await photographs(20, join(dir, "photos"));
  writeFileSync(join(dir, "new.onnx"), retrained(nets.residual));
  copyFileSync(nets.residual, join(dir, "copy.onnx"));
  const { code, err } = await samesight(["run", study("residual.onnx"), "--out", join(dir, "base"), ...flags]);
  expect([err, code]).toEqual(["", 0]);
}, 120_000);

const check = (source: string, ...rest: string[]) =>
  samesight(["check", study(source), "--against", join(dir, "base"), "--out", join(dir, "checked"), ...flags, ...rest]);

describe("samesight check", () => {
  test("the same network passes with exit code 0", async () => {
    const { code, out, err } = await check("copy.onnx");
    expect([err, code]).toEqual(["", 0]);
    expect(out).toMatch(/^## samesight check: passed/);
    expect(out.match(/same layer \| 1\.000 \|/g)).toHaveLength(3);
    expect(readFileSync(join(dir, "checked/check.xml"), "utf8")).toContain('failures="0"');
  });
  test("a network with other weights fails with exit code 3; both summaries name its layers", async () => {
    const junit = join(dir, "reports/out.xml");
    const { code, out } = await check("new.onnx", "--min-concept", "0.9", "--junit", junit);
    expect(code).toBe(3);
    expect(out).toMatch(/^## samesight check: failed/);
    expect(out).toMatch(/concept \d+ \(best partner \d\.\d{3}, 95 % interval -?\d\.\d{3} to \d\.\d{3}[;)]/);
    expect(readFileSync(junit, "utf8")).toMatch(/<failure message="(drifted|not shown to be kept): similarity/);
    expect(readFileSync(join(dir, "checked/check.md"), "utf8")).toBe(out.replace(/report: .*\n$/, ""));
  });
  test("the same network keeps its concepts", async () => {
    const { code, out } = await check("copy.onnx", "--min-concept", "0.6");
    expect([code, out.match(/none \|$/gm)?.length], out).toEqual([0, 3]);
  });
  test("a baseline whose file was overwritten is refused, and found again where it was moved", async () => {
    copyFileSync(join(dir, "new.onnx"), join(dir, "residual.onnx"));
    const { code, err } = await check("residual.onnx");
    expect(code).toBe(1);
    expect(err).toMatch(/residual.onnx is no longer the network of the baseline.*\n.*--baseline net=FILE/);
    expect((await check("residual.onnx", "--baseline", `net=${join(dir, "copy.onnx")}`)).code).toBe(3);
  });
  test("bad input: no run there, another name, a limit that is none", async () => {
    expect((await samesight(["check", study("copy.onnx"), "--against", dir])).err).toMatch(/no finished run in/);
    writeFileSync(
      join(dir, "two.yaml"),
      "networks: [{source: copy.onnx, id: nett}, {source: new.onnx}]\nimages: photos\n",
    );
    const two = await samesight(["check", join(dir, "two.yaml"), "--against", join(dir, "base")]);
    expect(two.err).toMatch(/has no network 'nett'\n {2}Did you mean 'net'\?/);
    expect((await check("copy.onnx", "--min-similarity", "80")).err).toMatch(
      /--min-similarity 80: expected a number above 0/,
    );
    expect((await check("copy.onnx", "--baseline", "x")).err).toMatch(/--baseline x: expected ID=FILE/);
  });
});
