import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { shortNames } from "../../src/contract/names.js";

describe("shortNames(names)", () => {
  test("drops exporters' suffixes, a module before its own child, and what all share", () => {
    expect(shortNames(["/layer1/layer1.0/conv1/Conv_output_0", "/layer1/layer1.1/relu/Relu_output_0"])).toEqual([
      "layer1.0/conv1/Conv",
      "layer1.1/relu/Relu",
    ]);
    expect(shortNames(["FeatureExtractor/MobilenetV2/Conv/Relu6", "FeatureExtractor/MobilenetV2/add"])).toEqual([
      "Conv/Relu6",
      "add",
    ]);
  });
  test("keeps apart what shortening would make one", () => {
    expect(shortNames(["/a/Relu_output_0", "/a/Relu_output_1", "/b/x"])).toEqual([
      "/a/Relu_output_0",
      "/a/Relu_output_1",
      "b/x",
    ]);
  });
  test("cuts the middle of long names", () => {
    const [short] = shortNames([`start/${"x".repeat(100)}/end`, "start/other"], 20);
    expect(short).toHaveLength(20);
    expect(short).toMatch(/^x+…x+\/end$/);
  });
  test("are unique for any different names", () => {
    const part = fc.constantFrom("a", "a.0", "b", "Relu", "Relu_output_0", "x:0");
    const names = fc.uniqueArray(
      fc.array(part, { minLength: 1, maxLength: 4 }).map((p) => p.join("/")),
      { minLength: 1, maxLength: 12 },
    );
    fc.assert(
      fc.property(names, fc.integer({ min: 6, max: 50 }), (n, most) => new Set(shortNames(n, most)).size === n.length),
    );
  });
});
